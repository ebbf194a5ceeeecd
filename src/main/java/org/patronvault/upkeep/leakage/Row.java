package org.patronvault.upkeep.leakage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A row as a thief sees it.
 *
 * @param values each column as bytes, whole numbers as eight of them, the highest first; null where nothing is
 */
record Row(Layout layout, byte[][] values) {

    /** What stands in that column as text; empty if nothing does, or there is no such column. */
    String text(String column) {
        byte[] value = value(column);
        return value == null ? "" : new String(value, StandardCharsets.UTF_8);
    }

    /** What stands in that column as a number; 0 if none does. */
    long number(String column) {
        byte[] value = value(column);
        return value == null || value.length != Long.BYTES
                ? 0
                : ByteBuffer.wrap(value).getLong();
    }

    /** Whether it is of a kind that there should not be in its table. */
    boolean isOfUnknownKind() {
        return layout.isOfUnknownKind(values);
    }

    /** What stands in that column; null if nothing does. */
    byte[] value(String column) {
        int at = layout.at(column);
        return at < 0 ? null : values[at];
    }
}
