package org.patronvault.store.copy;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.sql.MovedTable;
import org.patronvault.core.store.sql.RowCursor;

/** A comparison of two copies of a table, row by row, in the order of their keys. */
final class TableComparison {
    private static final int TOLD_EVERY = 1_024;

    /** A receiver of the differences. */
    interface Differences {
        /** Reports a row of ours that the other copy lacks. */
        void missing(byte[][] ours) throws SQLException, IOException;

        /** Reports a row of ours that differs in the other copy. */
        void changed(byte[][] ours) throws SQLException, IOException;

        /** Reports a row of the other copy that ours lacks. */
        void foreign(byte[][] theirs) throws SQLException, IOException;

        /** Reports that both were read to their ends. */
        void end() throws SQLException, IOException;
    }

    private TableComparison() {}

    /**
     * Reads both to their ends.
     *
     * @param read receives now and then how many of our rows were read
     * @return the number of our rows
     * @throws IntegrityException if rows do not come in the order of their keys
     */
    static long run(MovedTable table, RowCursor ours, RowCursor theirs, Differences differences, LongConsumer read)
            throws SQLException, IOException {
        Side here = new Side(table, ours);
        Side there = new Side(table, theirs);
        while (here.row != null || there.row != null) {
            int order = order(table, here.row, there.row);
            if (order < 0) {
                differences.missing(here.row);
            } else if (order > 0) {
                differences.foreign(there.row);
            } else if (!Arrays.deepEquals(here.row, there.row)) {
                differences.changed(here.row);
            }
            if (order >= 0) {
                there.next();
            }
            if (order <= 0 && here.next() % TOLD_EVERY == 0) {
                read.accept(here.passed);
            }
        }
        differences.end();
        return here.passed;
    }

    /** Compares two keys. The end of a table comes last. */
    private static int order(MovedTable table, byte[][] ours, byte[][] theirs) {
        if (ours == null || theirs == null) {
            return ours == null ? 1 : -1;
        }
        return table.compare(ours, theirs);
    }

    private static final class Side {
        private final MovedTable table;
        private final RowCursor rows;
        private byte[][] row;
        private long passed;

        private Side(MovedTable table, RowCursor rows) throws SQLException, IOException {
            this.table = table;
            this.rows = rows;
            this.row = rows.next();
        }

        private long next() throws SQLException, IOException {
            byte[][] before = row;
            row = rows.next();
            if (row != null && table.compare(before, row) >= 0) {
                throw new IntegrityException("order of " + table.name());
            }
            return ++passed;
        }
    }
}
