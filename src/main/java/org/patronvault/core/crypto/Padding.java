package org.patronvault.core.crypto;

import java.util.Arrays;
import java.util.List;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The size classes of a field, which hide a value's length: every value is padded to one of one to three lengths. A
 * padded value is {@code u32 length || value || zeros}, as long as the smallest class that holds it.
 *
 * <p>The classes are part of the stored format. A value decrypts only with the classes it was encrypted with, so
 * changing them means encrypting again. Immutable and thread-safe.
 */
public final class Padding {
    private static final int LENGTH_BYTES = 4;
    private static final int MAX_CLASSES = 3;

    static final int MIN_CLASS_BYTES = LENGTH_BYTES + 1;
    static final int MAX_CLASS_BYTES = 64 * 1024;

    private final int[] sizesBytes;

    private Padding(int[] sizesBytes) {
        this.sizesBytes = sizesBytes;
    }

    /**
     * Makes the classes with these sizes of the whole padded value, with the 4 bytes of its length.
     *
     * @param sizesBytes one to three, ascending, each 5 to 65,536
     */
    public static Padding of(int... sizesBytes) {
        if (sizesBytes.length < 1 || sizesBytes.length > MAX_CLASSES) {
            throw new IllegalArgumentException("size classes must be 1 to 3, were " + sizesBytes.length);
        }
        int last = MIN_CLASS_BYTES - 1;
        for (int size : sizesBytes) {
            if (size <= last || size > MAX_CLASS_BYTES) {
                throw new IllegalArgumentException("size classes must ascend from 5 to 65536 bytes, one was " + size);
            }
            last = size;
        }
        return new Padding(sizesBytes.clone());
    }

    /** Returns the longest value that fits, in bytes. */
    public int maxValueBytes() {
        return sizesBytes[sizesBytes.length - 1] - LENGTH_BYTES;
    }

    /** Returns the sizes of the classes, the smallest first. */
    public List<Integer> sizesBytes() {
        return Arrays.stream(sizesBytes).boxed().toList();
    }

    /** Whether a padded value may be {@code sizeBytes} long. */
    public boolean hasClass(int sizeBytes) {
        return Arrays.binarySearch(sizesBytes, sizeBytes) >= 0;
    }

    /**
     * Pads a value to the smallest class that holds it.
     *
     * @throws Refused with {@code INVALID} if no class does
     */
    public byte[] pad(byte[] value) {
        if (value.length > maxValueBytes()) {
            throw new Refused(
                    Problem.INVALID, "The value is too long: at most " + maxValueBytes() + " bytes can be kept here.");
        }
        byte[] padded = new byte[smallestClassFor(value.length)];
        byte[] length = CanonicalBytes.plain().u32(value.length).bytes();
        System.arraycopy(length, 0, padded, 0, LENGTH_BYTES);
        System.arraycopy(value, 0, padded, LENGTH_BYTES, value.length);
        return padded;
    }

    /**
     * Removes the padding. A value has exactly one padded form, and no other is accepted.
     *
     * @throws IntegrityException if the length is of no class or not of the smallest, if the value does not fit, or if
     *     a byte of the padding is not zero
     */
    public byte[] unpad(byte[] padded) {
        if (!hasClass(padded.length)) {
            throw new IntegrityException("padding: size class");
        }
        long length = CanonicalReader.of(padded).u32();
        if (length > padded.length - LENGTH_BYTES) {
            throw new IntegrityException("padding: length");
        }
        if (padded.length != smallestClassFor((int) length)) {
            throw new IntegrityException("padding: not the smallest class");
        }
        int end = LENGTH_BYTES + (int) length;
        int fill = 0;
        for (int i = end; i < padded.length; i++) {
            fill |= padded[i];
        }
        if (fill != 0) {
            throw new IntegrityException("padding: not zero");
        }
        return Arrays.copyOfRange(padded, LENGTH_BYTES, end);
    }

    private int smallestClassFor(int valueSizeBytes) {
        for (int size : sizesBytes) {
            if (valueSizeBytes <= size - LENGTH_BYTES) {
                return size;
            }
        }
        throw new IllegalStateException("no size class holds " + valueSizeBytes + " bytes");
    }

    /** Returns the classes. */
    @Override
    public String toString() {
        return "Padding" + Arrays.toString(sizesBytes);
    }
}
