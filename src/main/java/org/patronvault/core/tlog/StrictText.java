package org.patronvault.core.tlog;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * The strict parsers of the pieces of this package's text formats: each value has one spelling only. So parsed text can
 * be written again byte for byte, and a signature over one is a signature over the other.
 */
final class StrictText {
    private static final Pattern SPACE_OR_PLUS = Pattern.compile("[\\p{IsWhite_Space}+]");
    private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]{0,18}");

    private StrictText() {}

    /** UTF-8 text of a note: well-formed, at most {@code maxBytes}, no control characters below U+0020 but newline. */
    static String decode(byte[] utf8, int maxBytes, String format) throws MalformedException {
        if (utf8.length > maxBytes) {
            throw new MalformedException(format + ": must be at most " + maxBytes + " bytes, was " + utf8.length);
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
            checkCharacters(text, format);
            return text;
        } catch (CharacterCodingException e) {
            throw new MalformedException(format + ": not valid UTF-8", e);
        }
    }

    /** Checks text that is already a string: encodable, at most {@code maxBytes}, no control characters but newline. */
    static String check(String text, int maxBytes, String format) throws MalformedException {
        if (text.length() > maxBytes || text.getBytes(StandardCharsets.UTF_8).length > maxBytes) {
            throw new MalformedException(format + ": must be at most " + maxBytes + " bytes");
        }
        checkCharacters(text, format);
        return text;
    }

    private static void checkCharacters(String text, String format) throws MalformedException {
        if (text.chars().anyMatch(c -> c < ' ' && c != '\n')) {
            throw new MalformedException(format + ": control character");
        }
        if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw new MalformedException(format + ": half of a surrogate pair");
        }
    }

    /** Whether {@code name} may name a key: not empty, no Unicode space, no plus, no control character. */
    static boolean isKeyName(String name) {
        return !name.isEmpty()
                && name.codePoints()
                        .noneMatch(c -> c < ' ' || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE))
                && !SPACE_OR_PLUS.matcher(name).find();
    }

    /** A number from 0 to 2^63-1 without leading zeros. */
    static long decimal(String text, String what) throws MalformedException {
        if (DECIMAL.matcher(text).matches()) {
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw new MalformedException(what + ": above 2^63-1", e);
            }
        }
        throw new MalformedException(what + ": not a decimal number without leading zeros up to 2^63-1");
    }

    /** Base 64 of RFC 4648, section 4, padded and with its unused bits 0; the JDK's decoder alone is more lenient. */
    static byte[] base64(String text, String what) throws MalformedException {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            if (base64(bytes).equals(text)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            throw new MalformedException(what + ": not base64", e);
        }
        throw new MalformedException(what + ": base64 without its padding or with unused bits set");
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** A hash in base 64. */
    static byte[] hash(String text, String what) throws MalformedException {
        byte[] hash = base64(text, what);
        if (hash.length != MerkleHash.SIZE_BYTES) {
            throw new MalformedException(what + ": must be 32 bytes, was " + hash.length);
        }
        return hash;
    }
}
