package org.patronvault.store.copy;

import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.sql.MovedTable;

/** A check that two copies of a table are equal. Throws at the first row that differs, and names the table. */
record TableEquality(MovedTable table) implements TableComparison.Differences {
    private IntegrityException differs() {
        return new IntegrityException("rows of " + table.name());
    }

    @Override
    public void missing(byte[][] ours) {
        throw differs();
    }

    @Override
    public void changed(byte[][] ours) {
        throw differs();
    }

    @Override
    public void foreign(byte[][] theirs) {
        throw differs();
    }

    @Override
    public void end() {
        // The other copy had no such row.
    }
}
