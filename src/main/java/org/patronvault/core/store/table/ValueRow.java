package org.patronvault.core.store.table;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.sql.CiphertextColumns;

/**
 * One stored value in its envelope: a cell of a patron's row.
 *
 * @param generation counts the writes of this field of this patron, from 1, and never restarts
 */
public record ValueRow(PatronId patron, PatronField field, long generation, byte[] envelope) {
    /** The bytes of a cell up to the KEK version of its envelope, which a rewrap and a write both change. */
    static final int WRAP_BYTES = Long.BYTES + 1 + Integer.BYTES;

    /** Returns the bytes of the cell (format.md, "Cells of a row"). */
    byte[] cell() {
        byte[] sealed = CiphertextColumns.envelope(envelope);
        return ByteBuffer.allocate(Long.BYTES + sealed.length)
                .putLong(generation)
                .put(sealed)
                .array();
    }

    /** Returns the start of the cell: two cells of a field that share it hold the same value under the same KEK. */
    byte[] wrap() {
        return Arrays.copyOf(cell(), WRAP_BYTES);
    }

    /** Reads a cell; empty if the bytes are too few to be one. */
    static Optional<ValueRow> of(PatronId patron, PatronField field, byte[] cell) {
        if (cell == null || cell.length < WRAP_BYTES) {
            return Optional.empty();
        }
        return Optional.of(new ValueRow(
                patron, field, ByteBuffer.wrap(cell).getLong(), Arrays.copyOfRange(cell, Long.BYTES, cell.length)));
    }
}
