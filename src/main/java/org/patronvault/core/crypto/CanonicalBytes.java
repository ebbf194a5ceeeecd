package org.patronvault.core.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/**
 * A writer of canonical bytes, which builds the AAD and every other authenticated string. Each variable part is
 * length-prefixed, {@code lp(x) = u32 length || x}, so no two sequences of parts give equal bytes. Numbers are
 * big-endian, strings are UTF-8.
 *
 * <p>Not thread-safe. {@link CanonicalReader} reads the bytes.
 */
public final class CanonicalBytes {
    private static final long U32_MAX = 0xFFFF_FFFFL;

    /** Most strings without a tag are a label, a number or two, and very many of them are made. */
    private static final int SMALL_BYTES = 32;

    private static final int USUAL_BYTES = 128;

    private byte[] buffer;
    private int size;

    private CanonicalBytes(int roomBytes) {
        buffer = new byte[roomBytes];
    }

    /** Begins with {@code lp(domainTag)}, which keeps strings of different uses apart, for example {@code pv1.row}. */
    public static CanonicalBytes begin(String domainTag) {
        return new CanonicalBytes(USUAL_BYTES).lp(domainTag);
    }

    /** Begins without a tag: for parts of a string that has one. */
    public static CanonicalBytes plain() {
        return new CanonicalBytes(SMALL_BYTES);
    }

    /** Appends {@code u32 length || part}. */
    public CanonicalBytes lp(byte[] part) {
        return u32(part.length).raw(part);
    }

    /**
     * Appends {@code u32 length || UTF-8}, the length in bytes.
     *
     * @throws IllegalArgumentException if the string holds half of a surrogate pair and so has no UTF-8 form: two such
     *     strings would otherwise give the same bytes
     */
    public CanonicalBytes lp(String part) {
        byte[] utf8 = part.getBytes(UTF_8);
        if (hasSurrogates(part) && !new String(utf8, UTF_8).equals(part)) {
            throw new IllegalArgumentException("part must be a string with a UTF-8 form");
        }
        return lp(utf8);
    }

    private static boolean hasSurrogates(String part) {
        for (int i = 0; i < part.length(); i++) {
            if (Character.isSurrogate(part.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    /** Appends one byte, 0 to 255. */
    public CanonicalBytes u8(int value) {
        return number(requireRange(value, 0xFF), 1);
    }

    /** Appends two bytes, 0 to 65,535. */
    public CanonicalBytes u16(int value) {
        return number(requireRange(value, 0xFFFF), 2);
    }

    /** Appends four bytes, 0 to 2^32 - 1. */
    public CanonicalBytes u32(long value) {
        return number(requireRange(value, U32_MAX), 4);
    }

    /** Appends eight bytes: the 64 bits of {@code value}, all of which are allowed. */
    public CanonicalBytes u64(long value) {
        return number(value, 8);
    }

    /** Appends bytes without a length: for parts whose length the format fixes, or that come last. */
    public CanonicalBytes raw(byte[] part) {
        makeRoom(part.length);
        System.arraycopy(part, 0, buffer, size, part.length);
        size += part.length;
        return this;
    }

    /** Returns a copy of the bytes written so far. */
    public byte[] bytes() {
        return Arrays.copyOf(buffer, size);
    }

    private CanonicalBytes number(long value, int sizeBytes) {
        makeRoom(sizeBytes);
        for (int shift = (sizeBytes - 1) * 8; shift >= 0; shift -= 8) {
            buffer[size++] = (byte) (value >>> shift);
        }
        return this;
    }

    private void makeRoom(int moreBytes) {
        int needed = Math.addExact(size, moreBytes);
        if (needed > buffer.length) {
            byte[] outgrown = buffer;
            buffer = Arrays.copyOf(outgrown, (int) Math.max(needed, Math.min(2L * outgrown.length, Integer.MAX_VALUE)));
            // The bytes may be a key ring.
            SecureBytes.wipe(outgrown);
        }
    }

    private static long requireRange(long value, long max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException("number must be 0 to " + max + ", was " + value);
        }
        return value;
    }

    /** Returns how much was written, never the bytes. */
    @Override
    public String toString() {
        return "CanonicalBytes[" + size + " bytes]";
    }
}
