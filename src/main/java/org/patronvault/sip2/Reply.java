package org.patronvault.sip2;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.OptionalInt;

/**
 * An answer under construction: a fixed part, then fields, then sequence number and checksum if the question had them.
 * Each character stands for a byte.
 */
final class Reply {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd    HHmmss");

    private final StringBuilder text = new StringBuilder(160);

    Reply(String code) {
        text.append(code);
    }

    Reply fixed(String part) {
        text.append(part);
        return this;
    }

    Reply time(LocalDateTime now) {
        return fixed(TIME.format(now));
    }

    Reply field(String name, String value) {
        text.append(name).append(value).append('|');
        return this;
    }

    /** Returns its bytes, ended by {@code end}. */
    byte[] bytes(OptionalInt sequence, boolean checked, String end) {
        if (sequence.isPresent()) {
            text.append("AY").append(sequence.getAsInt());
        }
        String body = checked ? Checksum.append(text.append("AZ").toString()) : text.toString();
        return (body + end).getBytes(StandardCharsets.ISO_8859_1);
    }
}
