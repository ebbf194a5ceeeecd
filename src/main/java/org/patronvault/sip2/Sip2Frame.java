package org.patronvault.sip2;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One received message, without its end characters. It has two digits for its type, a fixed part, and fields. A field
 * is a two-letter code and a value, ended by {@code |}. With error detection, {@code AY} and a digit, and {@code AZ}
 * and four hexadecimal digits follow. Bytes are kept one by one as Latin-1, so that no value is damaged; only the
 * account's charset gives them a meaning. Nothing of it is ever printed.
 */
final class Sip2Frame {
    /** The failure that bytes are no message, or that their checksum is wrong. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed() {
            super("malformed", null, false, false);
        }
    }

    private static final int CODE = 2;
    private static final int CHECKSUM = 6;
    private static final int SEQUENCE = 3;

    private final String code;
    private final String fixed;
    private final Map<String, String> fields;
    private final OptionalInt sequence;
    private final boolean checked;

    private Sip2Frame(String code, String fixed, Map<String, String> fields, OptionalInt sequence, boolean checked) {
        this.code = code;
        this.fixed = fixed;
        this.fields = fields;
        this.sequence = sequence;
        this.checked = checked;
    }

    /**
     * Parses a message.
     *
     * @throws Malformed if its checksum is wrong, a control character is in it, its fixed part is short, or a field is
     *     malformed or occurs twice
     */
    static Sip2Frame of(byte[] bytes) throws Malformed {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        if (text.length() < CODE || text.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            throw new Malformed();
        }
        int end = text.length();
        boolean checked = hasChecksum(text);
        if (checked) {
            end -= CHECKSUM;
            if (!isRight(text)) {
                throw new Malformed();
            }
        }
        OptionalInt sequence = checked ? sequence(text, end) : OptionalInt.empty();
        if (sequence.isPresent()) {
            end -= SEQUENCE;
        }
        String code = text.substring(0, CODE);
        Optional<MessageType> type = MessageType.of(code);
        int fixedLength = type.map(MessageType::fixedLength).orElse(0);
        if (end < CODE + fixedLength) {
            throw new Malformed();
        }
        Map<String, String> fields = type.isPresent() ? fields(text.substring(CODE + fixedLength, end)) : Map.of();
        return new Sip2Frame(code, text.substring(CODE, CODE + fixedLength), fields, sequence, checked);
    }

    private static boolean hasChecksum(String text) {
        int at = text.length() - CHECKSUM;
        return at >= CODE
                && text.startsWith("AZ", at)
                && text.substring(at + 2).chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 0x80);
    }

    private static boolean isRight(String text) {
        int said = Integer.parseInt(text.substring(text.length() - 4), 16);
        return Checksum.of(text.substring(0, text.length() - 4)) == said;
    }

    private static OptionalInt sequence(String text, int end) {
        int at = end - SEQUENCE;
        return at >= CODE && text.startsWith("AY", at) && text.charAt(at + 2) >= '0' && text.charAt(at + 2) <= '9'
                ? OptionalInt.of(text.charAt(at + 2) - '0')
                : OptionalInt.empty();
    }

    private static Map<String, String> fields(String text) throws Malformed {
        Map<String, String> fields = new HashMap<>();
        int at = 0;
        while (at < text.length()) {
            int end = text.indexOf('|', at);
            end = end < 0 ? text.length() : end;
            // Some clients put a bar without a field.
            if (end > at) {
                putField(fields, text.substring(at, end));
            }
            at = end + 1;
        }
        return fields;
    }

    private static void putField(Map<String, String> fields, String field) throws Malformed {
        if (field.length() < CODE || fields.put(field.substring(0, CODE), field.substring(CODE)) != null) {
            throw new Malformed();
        }
    }

    /** Returns its type, if the gateway knows it. */
    Optional<MessageType> type() {
        return MessageType.of(code);
    }

    /** Returns a stretch of the fixed part. */
    String fixed(int from, int length) {
        return fixed.substring(from, from + length);
    }

    /** Returns the value of a field as it came; empty if it is not there. */
    Optional<String> field(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    /** Returns the sequence number, 0 to 9. */
    OptionalInt sequence() {
        return sequence;
    }

    /** Whether it has a sequence number and a checksum. */
    boolean isDetected() {
        return checked
                && (sequence.isPresent()
                        || type().filter(MessageType::hasNoSequence).isPresent());
    }

    /** Returns the type alone, so that no value is printed. */
    @Override
    public String toString() {
        return "message " + type().map(Enum::name).orElse("unknown");
    }
}
