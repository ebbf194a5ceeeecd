package org.patronvault.system;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Looks for keys, all of one length, in what a process has in memory. */
final class MemorySearch {
    private static final int CHUNK_BYTES = 1 << 22;

    private final Map<String, byte[]> wanted;
    private final Map<Integer, String> byBeginning = new HashMap<>();
    private final boolean[] begins = new boolean[1 << 16];
    private final int length;

    /** A search for those, by their names. */
    MemorySearch(Map<String, byte[]> wanted) {
        this.wanted = wanted;
        this.length = wanted.values().iterator().next().length;
        wanted.forEach((name, bytes) -> {
            byBeginning.put(beginning(bytes, 0), name);
            begins[two(bytes, 0)] = true;
        });
    }

    /** How often each is in a file. */
    Map<String, Integer> in(Path file) throws IOException {
        return in(file, List.of(new long[] {0, Files.size(file)}));
    }

    /** How often each is in what that process can write: heap, dead objects included, stacks, and what libraries hold. */
    Map<String, Integer> inProcess(long pid) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/maps"), StandardCharsets.ISO_8859_1)) {
            List<long[]> ranges = lines.filter(line -> line.split(" ", 3)[1].startsWith("rw"))
                    .map(line -> line.split(" ", 2)[0].split("-", 2))
                    .map(ends -> new long[] {Long.parseUnsignedLong(ends[0], 16), Long.parseUnsignedLong(ends[1], 16)})
                    .toList();
            return in(Path.of("/proc/" + pid + "/mem"), ranges);
        }
    }

    private Map<String, Integer> in(Path file, List<long[]> ranges) {
        Map<String, Integer> found = new LinkedHashMap<>();
        wanted.keySet().forEach(name -> found.put(name, 0));
        byte[] chunk = new byte[CHUNK_BYTES + length];
        try (RandomAccessFile memory = new RandomAccessFile(file.toFile(), "r")) {
            for (long[] range : ranges) {
                for (long at = range[0]; at < range[1]; at += CHUNK_BYTES) {
                    int read = read(memory, at, chunk, (int) Math.min(chunk.length, range[1] - at));
                    count(chunk, read, found);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private void count(byte[] chunk, int read, Map<String, Integer> found) {
        for (int i = 0; i + length <= read && i < CHUNK_BYTES; i++) {
            String name = begins[two(chunk, i)] ? byBeginning.get(beginning(chunk, i)) : null;
            if (name != null && Arrays.equals(wanted.get(name), 0, length, chunk, i, i + length)) {
                found.merge(name, 1, Integer::sum);
            }
        }
    }

    private static int two(byte[] bytes, int at) {
        return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
    }

    private static int beginning(byte[] bytes, int at) {
        return (two(bytes, at) << 16) | two(bytes, at + 2);
    }

    private static int read(RandomAccessFile memory, long at, byte[] into, int most) {
        try {
            memory.seek(at);
            int read = 0;
            for (int n = memory.read(into, 0, most); n > 0 && read < most; n = memory.read(into, read, most - read)) {
                read += n;
            }
            return read;
        } catch (IOException e) {
            // Given back meanwhile, or never used.
            return 0;
        }
    }
}
