package org.patronvault.core.tlog;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The log entries under one level-0 tile as one byte string (C2SP tlog-tiles, "Log entries"). Each entry is its length
 * as u16, big-endian, then its bytes. Thread-safe.
 */
public final class EntryBundle {
    /** The longest entry the format can hold; the log accepts no longer leaf. */
    public static final int MAX_ENTRY_BYTES = 65_535;

    private EntryBundle() {}

    /**
     * Writes 1 to 256 entries.
     *
     * @throws IllegalArgumentException if there are none or more, or if one is above {@link #MAX_ENTRY_BYTES}
     */
    public static byte[] encode(List<byte[]> entries) {
        if (entries.isEmpty() || entries.size() > Tile.FULL_WIDTH) {
            throw new IllegalArgumentException("bundle must have 1 to 256 entries, had " + entries.size());
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] entry : entries) {
            if (entry.length > MAX_ENTRY_BYTES) {
                throw new IllegalArgumentException("entry must be at most 65535 bytes, was " + entry.length);
            }
            out.write(entry.length >>> 8);
            out.write(entry.length);
            out.writeBytes(entry);
        }
        return out.toByteArray();
    }

    /**
     * Reads a bundle of exactly {@code width} entries.
     *
     * @throws MalformedException if there are fewer, if one is cut off, or if bytes are left over
     */
    public static List<byte[]> decode(byte[] bundle, int width) throws MalformedException {
        ByteBuffer in = ByteBuffer.wrap(bundle);
        List<byte[]> entries = new ArrayList<>(width);
        for (int at = 0; at < width; at++) {
            if (in.remaining() < Short.BYTES) {
                throw new MalformedException("entry bundle: fewer entries than its width");
            }
            byte[] entry = new byte[Short.toUnsignedInt(in.getShort())];
            if (in.remaining() < entry.length) {
                throw new MalformedException("entry bundle: an entry is cut off");
            }
            in.get(entry);
            entries.add(entry);
        }
        if (in.hasRemaining()) {
            throw new MalformedException("entry bundle: bytes after the last entry");
        }
        return entries;
    }
}
