package org.patronvault.store;

import org.patronvault.model.IntegrityException;

/** Ends with the first difference there is, and names the table. */
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
        // There was none.
    }
}
