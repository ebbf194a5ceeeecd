package org.patronvault.keys;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * The files of {@code keys/} as they are, the ring sealed under its root and the root behind its slots: whoever has
 * nothing else opens nothing with them.
 *
 * @param zip the files, the same bytes for the same files
 * @param revision of the ring in it
 * @param versions every key version whose bytes are in that ring, as {@link #version} writes them
 */
public record KeysCopy(byte[] zip, long revision, List<String> versions) {
    private static final List<String> FILES = List.of("ring.json", "slots.json", "ledger");
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    /** Refused if the ring on disk is not the one in use. */
    static KeysCopy of(KeyFiles files, RingFile inUse, KeyRing ring) {
        byte[] zip = zip(files.directory());
        // Last: a ring is never again what it was before.
        if (!Arrays.equals(files.ring().digest(), inUse.digest())) {
            throw new Refused(Problem.CHANGED_MEANWHILE, "The key ring was changed by another server; ask once more.");
        }
        return new KeysCopy(zip, inUse.revision(), versions(ring.keys()));
    }

    /** Those of a ring that are not destroyed. */
    private static List<String> versions(List<RingKey> keys) {
        return keys.stream()
                .filter(key -> key.state() != KeyState.DESTROYED)
                .map(key -> version(key.name(), key.version()))
                .toList();
    }

    /** Whether nothing in it was destroyed since. */
    public boolean isWithin(UnsealedKeys now) {
        return destroyed(versions, now).isEmpty();
    }

    /** Those of some versions, as {@link #version} writes them, that are destroyed by now. */
    public static List<String> destroyed(List<String> versions, UnsealedKeys now) {
        Set<String> there = Set.copyOf(versions(now.inventory()));
        return versions.stream().filter(version -> !there.contains(version)).toList();
    }

    /** How a version of a key is written: its name, a blank, its number. */
    public static String version(String name, int number) {
        return name + " " + number;
    }

    /** Whether what {@link #version} wrote is a version of that key for which that holds. */
    public static boolean isVersion(String written, String name, IntPredicate number) {
        return written.startsWith(name + " ") && number.test(Integer.parseInt(written.substring(name.length() + 1)));
    }

    private static byte[] zip(Path directory) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (String name : FILES) {
                Path file = directory.resolve(name);
                if (Files.isRegularFile(file)) {
                    ZipEntry entry = new ZipEntry(name);
                    entry.setTimeLocal(NO_TIME);
                    zip.putNextEntry(entry);
                    Files.copy(file, zip);
                    zip.closeEntry();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("keys/ cannot be read", e);
        }
        return bytes.toByteArray();
    }

    /** How much, never what. */
    @Override
    public String toString() {
        return "KeysCopy[revision " + revision + ", " + zip.length + " bytes]";
    }
}
