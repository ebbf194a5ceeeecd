package org.patronvault.core.keys.slot;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.patronvault.core.crypto.Argon2Parameters;
import org.patronvault.core.crypto.Argon2id;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * Argon2id for slots, one at a time, so that many tries cannot exhaust memory. Its 256 MiB come from the heap if they
 * fit. Otherwise a child process computes it, so the service can run with a small heap.
 */
final class SlotKdf {
    private static final int KEY_SIZE_BYTES = 32;
    private static final int CHILD_MARGIN_MIB = 96;
    private static final Semaphore ONE = new Semaphore(1);

    private SlotKdf() {}

    static byte[] derive(byte[] secret, byte[] salt, Argon2Parameters parameters) {
        parameters.requireWithinRootBounds();
        try {
            if (!ONE.tryAcquire(30, TimeUnit.SECONDS)) {
                throw new Refused(Problem.BUSY, "Another try to unseal is under way; try again in a minute.", 60);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refused(Problem.BUSY, "The vault is stopping.");
        }
        try {
            if (heapHasRoomFor(parameters)) {
                return Argon2id.derive(secret, salt, parameters, KEY_SIZE_BYTES);
            }
            return inChild(secret, salt, parameters);
        } finally {
            ONE.release();
        }
    }

    private static boolean heapHasRoomFor(Argon2Parameters parameters) {
        Runtime runtime = Runtime.getRuntime();
        long used = runtime.totalMemory() - runtime.freeMemory();
        return runtime.maxMemory() - used > 2L * parameters.memoryKiB() * 1024;
    }

    private static byte[] inChild(byte[] secret, byte[] salt, Argon2Parameters parameters) {
        int heapMiB = parameters.memoryKiB() / 1024 + CHILD_MARGIN_MIB;
        Process process = null;
        try {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx" + heapMiB + "m",
                            "-XX:+UseSerialGC",
                            "-XX:+DisableAttachMechanism",
                            // No core dump and no heap dump after a crash: both can hold the passphrase.
                            "-XX:-CreateCoredumpOnCrash",
                            "-XX:ErrorFile=/dev/null",
                            "-cp",
                            System.getProperty("java.class.path"),
                            SlotKdf.class.getName())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (DataOutputStream out = new DataOutputStream(process.getOutputStream())) {
                out.writeInt(parameters.memoryKiB());
                out.writeInt(parameters.passes());
                out.writeInt(parameters.lanes());
                out.writeInt(salt.length);
                out.write(salt);
                out.writeInt(secret.length);
                out.write(secret);
            }
            byte[] key = process.getInputStream().readNBytes(KEY_SIZE_BYTES);
            if (process.waitFor() != 0 || key.length != KEY_SIZE_BYTES) {
                throw new Refused(Problem.BUSY, "There is not enough memory to derive the slot's key (about 350 MiB).");
            }
            return key;
        } catch (IOException e) {
            throw new Refused(Problem.BUSY, "The slot's key cannot be derived: a second Java process did not run.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refused(Problem.BUSY, "The vault is stopping.");
        } finally {
            if (process != null) {
                process.destroyForcibly();
            }
        }
    }

    /** Runs the child: parameters and secret on standard input, the key on standard output. */
    public static void main(String[] args) throws IOException {
        DataInputStream in = new DataInputStream(System.in);
        Argon2Parameters parameters = new Argon2Parameters(in.readInt(), in.readInt(), in.readInt());
        parameters.requireWithinRootBounds();
        byte[] salt = in.readNBytes(in.readInt());
        byte[] secret = in.readNBytes(in.readInt());
        System.out.write(Argon2id.derive(secret, salt, parameters, KEY_SIZE_BYTES));
        System.out.flush();
    }
}
