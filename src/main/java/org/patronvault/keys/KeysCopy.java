package org.patronvault.keys;

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
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * The files of {@code keys/}, the ring sealed under its root and the root behind its slots: whoever has nothing else
 * opens nothing with them.
 *
 * @param zip the files, the same bytes for the same files where the ring is whole
 * @param whole whether the ring in it is the one on disk; one that lacks a version is of the same revision
 * @param revision of the ring in it
 * @param versions every key version whose bytes are in that ring, as {@link #version} writes them
 * @param slots the ids of those that open it, of which none is ever given again
 */
public record KeysCopy(byte[] zip, boolean whole, long revision, List<String> versions, List<Integer> slots) {
    private static final String RING = "ring.json";
    private static final List<String> BESIDE = List.of("slots.json", "ledger");
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    /**
     * A copy in which those versions, as {@link #version} writes them, are destroyed ones. Of the same revision and with
     * other bytes, its ring is taken up by no vault that goes on with the whole one.
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
        // Before the file of them is read: one that is added meanwhile is in the copy, and not among those it is known
        // by.
        List<Integer> slots = files.openers(inUse.file()).stream()
                .map(slot -> slot.facts().id())
                .toList();
        byte[] zip = zip(files.directory(), written.bytes());
        // Last: a ring is never again what it was before.
        if (!files.ring().isSame(inUse.file())) {
            throw new Refused(Problem.CHANGED_MEANWHILE, "The key ring was changed by another server; ask once more.");
        }
        return new KeysCopy(zip, ring == whole, ring.revision(), versions(ring.keys()), slots);
    }

    /** Those of a ring that are not destroyed. */
    private static List<String> versions(List<RingKey> keys) {
        return keys.stream()
                .filter(key -> key.state() != KeyState.DESTROYED)
                .map(key -> version(key.name(), key.version()))
                .toList();
    }

    /** Whether nothing in it was destroyed since, nor is one of those versions, as {@link #version} writes them. */
    public boolean isWithin(UnsealedKeys now, Set<String> doomed) {
        return destroyed(versions, now).isEmpty() && versions.stream().noneMatch(doomed::contains);
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

    /** How much, never what. */
    @Override
    public String toString() {
        return "KeysCopy[revision " + revision + ", " + zip.length + " bytes]";
    }
}
