package org.patronvault.core.keys.hsm;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * A key in an HSM (PKCS#11 2.40), AES-256 in GCM mode, which never leaves its token.
 *
 * <p>Each use starts a process that loads the library, logs in, does one act and ends, within 10 seconds. So a library
 * that hangs or crashes harms nothing else, and no session or PIN outlives the use. The PIN is offered once and then
 * wiped in any case. Thread-safe.
 *
 * <p>All methods throw {@link Refused}: {@code pin-refused}, {@code slot-unavailable} if another try may help, and
 * {@code keys-refused} if not.
 */
public final class Pkcs11Token {
    /** The bytes that {@link #wrap} adds: the nonce and the tag. */
    public static final int OVERHEAD_BYTES = 12 + 16;

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int RETRY_SECONDS = 30;
    private static final Set<PosixFilePermission> WRITTEN_BY_OTHERS =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private Pkcs11Token() {}

    /**
     * Encrypts under the key, as nonce(12) ‖ ciphertext ‖ tag(16). The key is made if the token has none with that
     * label.
     */
    public static byte[] wrap(HsmAddress at, char[] pin, byte[] aad, byte[] plaintext) {
        return ask(PATIENCE, Pkcs11Child.Act.WRAP, at, pin, aad, plaintext);
    }

    /**
     * Decrypts a result of {@link #wrap}; throws an IntegrityException if the key or AAD is wrong, or a bit was
     * changed.
     */
    public static byte[] unwrap(HsmAddress at, char[] pin, byte[] aad, byte[] wrapped) {
        return ask(PATIENCE, Pkcs11Child.Act.UNWRAP, at, pin, aad, wrapped);
    }

    /** Checks that the token is there. No PIN is offered, so it is not known whether it has the key. */
    public static void look(HsmAddress at) {
        ask(PATIENCE, Pkcs11Child.Act.LOOK, at, new char[0], new byte[0], new byte[0]);
    }

    public static byte[] ask(
            Duration patience, Pkcs11Child.Act act, HsmAddress at, char[] pin, byte[] aad, byte[] input) {
        byte[] question = CanonicalBytes.begin(Pkcs11Child.QUESTION)
                .lp(act.name())
                .lp(at.library())
                .lp(at.token())
                .lp(at.key())
                .lp(aad)
                .u32(pin.length)
                .bytes();
        byte[] pinBytes = new byte[2 * pin.length];
        byte[] said = null;
        try {
            requireOnlyRootWrites(Path.of(at.library()));
            ByteBuffer.wrap(pinBytes).asCharBuffer().put(pin);
            said = run(patience, question, pinBytes, input);
            return result(said);
        } finally {
            Arrays.fill(pin, '\0');
            SecureBytes.wipe(pinBytes, said);
        }
    }

    /** The slots may be on a network share: a person who can write there must not choose the code this machine runs. */
    private static void requireOnlyRootWrites(Path library) {
        try {
            Path file = library.toRealPath();
            boolean roots = Integer.valueOf(0).equals(Files.getAttribute(file, "unix:uid"));
            if (roots && Files.getPosixFilePermissions(file).stream().noneMatch(WRITTEN_BY_OTHERS::contains)) {
                return;
            }
        } catch (IOException e) {
            throw refused("The HSM's PKCS#11 library is not there: install it, or open another slot and add this one"
                    + " with the right module-path.");
        }
        throw refused("The HSM's PKCS#11 library must belong to root and be writable by nobody else.");
    }

    private static byte[] run(Duration patience, byte[]... question) {
        Process process = null;
        try {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx32m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+DisableAttachMechanism",
                            // No core dump and no heap dump after a crash: both can hold secrets.
                            "-XX:-CreateCoredumpOnCrash",
                            "-XX:ErrorFile=/dev/null",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Pkcs11Child.class.getName())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (OutputStream out = process.getOutputStream()) {
                for (byte[] part : question) {
                    out.write(part);
                }
            }
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw silent(
                        process.getInputStream()
                                .readNBytes(process.getInputStream().available()),
                        "The HSM did not answer in time; see whether it is reachable.");
            }
            return process.getInputStream().readAllBytes();
        } catch (IOException e) {
            throw unavailable("The process that speaks to the HSM did not run.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refused(Problem.BUSY, "The vault is stopping.");
        } finally {
            if (process != null) {
                process.destroyForcibly();
            }
        }
    }

    /**
     * Returns the refusal for a process that gave no answer: a PIN that it was about to offer may count as a wrong one.
     */
    static Refused silent(byte[] said, String sentence) {
        return last(Pkcs11Child.LOGIN, said) < 0
                ? unavailable(sentence)
                : new Refused(
                        Problem.PIN_REFUSED,
                        sentence + " It had been given the PIN, and may have counted it as a wrong one.");
    }

    static byte[] result(byte[] said) {
        int at = last(CanonicalBytes.begin(Pkcs11Child.ANSWER).bytes(), said);
        if (at < 0) {
            throw silent(said, "The HSM's PKCS#11 library failed; see whether it is the right one for this machine.");
        }
        CanonicalReader in = CanonicalReader.begin(Arrays.copyOfRange(said, at, said.length), Pkcs11Child.ANSWER);
        Pkcs11Child.Outcome outcome = Pkcs11Child.Outcome.valueOf(in.lpString());
        byte[] result = in.lp();
        return switch (outcome) {
            case DONE -> result;
            case NO_LIBRARY ->
                throw refused("The HSM's PKCS#11 library cannot be loaded: see whether it is the right one for this"
                        + " machine, and whether this Java has SunPKCS11.");
            case NO_TOKEN ->
                throw unavailable(
                        "The HSM shows no token of the slot's name; see whether it is connected and switched" + " on.");
            case SEVERAL_TOKENS -> throw refused("The HSM shows several tokens of the slot's name; rename the others.");
            case PIN_WRONG ->
                throw new Refused(
                        Problem.PIN_REFUSED,
                        "The HSM refused the PIN. Look it up before the next try: a few wrong ones lock an HSM.");
            case PIN_LOCKED ->
                throw new Refused(
                        Problem.PIN_REFUSED,
                        "The HSM has locked the PIN after wrong tries; its security officer must set it again.");
            case NOT_LET_IN ->
                throw new Refused(
                        Problem.PIN_REFUSED,
                        "The HSM did not let the vault in, and may have counted the PIN as a wrong one; ask its own tool"
                                + " why.");
            case NO_KEY ->
                throw refused(
                        "The HSM's token has no AES key of the slot's name: it was deleted, or is another token.");
            case SEVERAL_KEYS -> throw refused("The HSM's token has several keys of one name; rename or delete one.");
            case KEY_CAN_LEAVE ->
                throw refused("The key of that name in the HSM could leave it; name another, which is made then.");
            case NOT_AUTHENTIC -> throw new IntegrityException("hsm slot: ciphertext in the token");
            case FAILED ->
                throw unavailable(
                        "The HSM refused with " + new String(result, US_ASCII) + "; its manual says what that means.");
        };
    }

    /** Returns the last place of those bytes, or -1; a library may write to standard output too. */
    private static int last(byte[] begin, byte[] said) {
        int at = said.length - begin.length;
        while (at >= 0 && !Arrays.equals(begin, 0, begin.length, said, at, at + begin.length)) {
            at--;
        }
        return at;
    }

    private static Refused refused(String sentence) {
        return new Refused(Problem.KEYS_REFUSED, sentence);
    }

    private static Refused unavailable(String sentence) {
        return new Refused(Problem.SLOT_UNAVAILABLE, sentence, RETRY_SECONDS);
    }
}
