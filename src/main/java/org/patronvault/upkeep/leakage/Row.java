package org.patronvault.upkeep.leakage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A row as a thief sees it.
 *
 * @param values each column as bytes, integers as eight bytes, big-endian, and null for no value
 */
record Row(Layout layout, byte[][] values) {

    /** Returns the column as text, or empty without a value or column. */
    String text(String column) {
        byte[] value = value(column);
        return value == null ? "" : new String(value, StandardCharsets.UTF_8);
    }

    /** Returns the column as a number, or 0 without one. */
    long number(String column) {
        byte[] value = value(column);
        return value == null || value.length != Long.BYTES
                ? 0
                : ByteBuffer.wrap(value).getLong();
    }

    /** Whether its kind does not belong in its table. */
    boolean isOfUnknownKind() {
        return layout.isOfUnknownKind(values);
    }

    /** Returns the column, or null without a value. */
    byte[] value(String column) {
        int at = layout.at(column);
        return at < 0 ? null : values[at];
    }
}
