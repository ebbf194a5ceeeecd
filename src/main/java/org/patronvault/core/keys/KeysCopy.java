package org.patronvault.core.keys;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.patronvault.core.keys.ring.KeyRing;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.keys.ring.RingFile;
import org.patronvault.core.keys.ring.RingKey;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * A copy of the files of {@code keys/}, with the ring sealed under its root and the root behind its slots. The copy
 * alone opens nothing.
 *
 * @param zip the files; for a whole ring, equal files give equal bytes
 * @param whole whether its ring is the one on disk; a ring that lacks a version has the same revision
 * @param revision the revision of its ring
 * @param versions every key version whose bytes are in that ring, as {@link #version} writes them
 * @param slots the IDs of the slots that open it; none is ever given again
 */
public record KeysCopy(byte[] zip, boolean whole, long revision, List<String> versions, List<Integer> slots) {
    private static final String RING = "ring.json";
    private static final List<String> BESIDE = List.of("slots.json", "ledger");
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    /**
     * Makes a copy in which those versions, as {@link #version} writes them, are destroyed. Its ring has the same
     * revision and other bytes, so no vault that uses the whole ring accepts it.
     *
     * @throws Refused if the ring on disk is not the one in use
     */
    static KeysCopy without(Set<String> versions, KeyFiles files, UnsealedRing inUse) {
        KeyRing whole = inUse.keys().ring();
        KeyRing ring = whole.without(key -> versions.contains(version(key.name(), key.version())));
        RingFile written = ring == whole
                ? inUse.file()
                : RingFile.seal(
                        ring, inUse.file().root(), inUse.root(), inUse.file().after());
        // Read before their file: a slot added meanwhile is in the copy but not in this list.
        List<Integer> slots = files.openers(inUse.file()).stream()
                .map(slot -> slot.facts().id())
                .toList();
        byte[] zip = zip(files.directory(), written.bytes());
        // Checked last: a ring never returns to an earlier state.
        if (!files.ring().isSame(inUse.file())) {
            throw new Refused(Problem.CHANGED_MEANWHILE, "The key ring was changed by another server; ask once more.");
        }
        return new KeysCopy(zip, ring == whole, ring.revision(), versions(ring.keys()), slots);
    }

    /** Returns the versions of a ring that are not destroyed. */
    private static List<String> versions(List<RingKey> keys) {
        return keys.stream()
                .filter(key -> key.state() != KeyState.DESTROYED)
                .map(key -> version(key.name(), key.version()))
                .toList();
    }

    /** Whether all its versions still exist, and none is in {@code doomed}, as {@link #version} writes them. */
    public boolean isWithin(UnsealedKeys now, Set<String> doomed) {
        return destroyed(versions, now).isEmpty() && versions.stream().noneMatch(doomed::contains);
    }

    /** Returns those versions, as {@link #version} writes them, that are destroyed by now. */
    public static List<String> destroyed(List<String> versions, UnsealedKeys now) {
        Set<String> there = Set.copyOf(versions(now.inventory()));
        return versions.stream().filter(version -> !there.contains(version)).toList();
    }

    /** Returns a key version as text: its name, a blank, its number. */
    public static String version(String name, int number) {
        return name + " " + number;
    }

    /** Whether a text of {@link #version} names that key and a matching number. */
    public static boolean isVersion(String written, String name, IntPredicate number) {
        return written.startsWith(name + " ") && number.test(Integer.parseInt(written.substring(name.length() + 1)));
    }

    private static byte[] zip(Path directory, byte[] ring) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            put(zip, RING, ring);
            for (String name : BESIDE) {
                Path file = directory.resolve(name);
                if (Files.isRegularFile(file)) {
                    put(zip, name, Files.readAllBytes(file));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("keys/ cannot be read", e);
        }
        return bytes.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(NO_TIME);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    /** Returns its size, never its content. */
    @Override
    public String toString() {
        return "KeysCopy[revision " + revision + ", " + zip.length + " bytes]";
    }
}
