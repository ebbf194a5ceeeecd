package org.patronvault.core.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.util.Arrays;
import org.patronvault.core.model.IntegrityException;

/**
 * A strict reader of {@link CanonicalBytes}. A length beyond the end, a string that is not UTF-8, a missing or an extra
 * byte is an {@link IntegrityException}. A length is compared with the rest before anything is allocated for it.
 *
 * <p>Not thread-safe.
 */
public final class CanonicalReader {
    private final byte[] bytes;
    private int position;

    private CanonicalReader(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Reads {@code bytes} from the start; they must not change meanwhile. */
    public static CanonicalReader of(byte[] bytes) {
        return new CanonicalReader(bytes);
    }

    /** Reads {@code bytes}, which must begin with {@code lp(domainTag)}. */
    public static CanonicalReader begin(byte[] bytes, String domainTag) {
        CanonicalReader reader = of(bytes);
        if (!Arrays.equals(reader.lp(), domainTag.getBytes(UTF_8))) {
            throw new IntegrityException("canonical bytes: domain tag");
        }
        return reader;
    }

    /** Returns a length-prefixed part. */
    public byte[] lp() {
        long length = u32();
        if (length > remaining()) {
            throw new IntegrityException("canonical bytes: length");
        }
        return raw((int) length);
    }

    /** Returns a length-prefixed string in strict UTF-8: no overlong forms, no surrogates. */
    public String lpString() {
        try {
            return UTF_8.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(lp()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IntegrityException("canonical bytes: not UTF-8", e);
        }
    }

    /** Returns one byte, 0 to 255. */
    public int u8() {
        return (int) number(1);
    }

    /** Returns two bytes, 0 to 65,535. */
    public int u16() {
        return (int) number(2);
    }

    /** Returns four bytes, 0 to 2^32 - 1. */
    public long u32() {
        return number(4);
    }

    /** Returns eight bytes, as the 64 bits of a {@code long}. */
    public long u64() {
        return number(8);
    }

    /** Returns a copy of the next {@code sizeBytes} bytes. */
    public byte[] raw(int sizeBytes) {
        int start = advance(sizeBytes);
        return Arrays.copyOfRange(bytes, start, position);
    }

    /** Returns how many bytes are left. */
    public int remaining() {
        return bytes.length - position;
    }

    /** Requires that no bytes are left. */
    public void end() {
        if (remaining() != 0) {
            throw new IntegrityException("canonical bytes: more than expected");
        }
    }

    private long number(int sizeBytes) {
        int start = advance(sizeBytes);
        long value = 0;
        for (int i = start; i < position; i++) {
            value = (value << 8) | (bytes[i] & 0xFF);
        }
        return value;
    }

    private int advance(int sizeBytes) {
        if (sizeBytes < 0 || sizeBytes > remaining()) {
            throw new IntegrityException("canonical bytes: less than expected");
        }
        int start = position;
        position += sizeBytes;
        return start;
    }
}
