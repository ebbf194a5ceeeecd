package org.patronvault.core.store.table;

import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables of the search index as a whole, in one writing transaction. It prepares them for bulk writes, and
 * exchanges them.
 */
public final class IndexTables {
    private static final Logger LOG = LoggerFactory.getLogger(IndexTables.class);
    /** The indexes whose order differs from the order of import, as V1__vault.sql makes them: name, and columns. */
    private static final Map<String, String> OUT_OF_ORDER =
            Map.of("patron_kind", "patron (library, category, status, registered)");

    private final WriteTx tx;
    private final Handle handle;
    private final Dialect dialect;

    IndexTables(WriteTx tx, Handle handle, Dialect dialect) {
        this.tx = tx;
        this.handle = handle;
        this.dialect = dialect;
    }

    /**
     * Prepares a database without patrons for a bulk import: indexes in another order are built at its end. Meanwhile
     * counting patrons, and counting or rewrapping values by KEK version, is slow.
     */
    public void beginLoad() {
        if (tx.patrons().neverAny()) {
            OUT_OF_ORDER.keySet().forEach(name -> handle.execute("DROP INDEX IF EXISTS " + name));
        }
    }

    /** Ends an import, or the remains of one after a kill: builds missing indexes, and merges staged entries. */
    public void endLoad() {
        tx.stagedIndex().merge();
        tx.stagedNext().merge();
        OUT_OF_ORDER.forEach((name, on) -> handle.execute("CREATE INDEX IF NOT EXISTS " + name + " ON " + on));
    }

    /**
     * Ends an import for a database that is being opened, even if staged entries are damaged. Readable entries of an
     * import are then in the index. A version that was being built must be started again.
     */
    public void recoverLoad() {
        if (!isMerged(tx.stagedIndex())) {
            LOG.error("Entries that an import left beside the search index are damaged: not everybody is found."
                    + " `check` says who is not; `keys rotate search` makes the index anew.");
            tx.stagedIndex().salvage();
        }
        if (!isMerged(tx.stagedNext())) {
            LOG.error("Entries that a rebuild of the search index had staged are damaged; the rebuild begins anew.");
            clearNext();
            tx.setFact(Tx.NEXT_LOST, "");
        }
        endLoad();
    }

    private boolean isMerged(StagedRows staged) {
        handle.execute("SAVEPOINT merge");
        try {
            staged.merge();
            handle.execute("RELEASE SAVEPOINT merge");
            return true;
        } catch (IntegrityException e) {
            handle.execute("ROLLBACK TO SAVEPOINT merge");
            handle.execute("RELEASE SAVEPOINT merge");
            return false;
        }
    }

    /** Empties the table of the version that is being built. */
    public void clearNext() {
        for (String delete :
                List.of("DELETE FROM search_index_staged WHERE next = 1", "DELETE FROM search_index_next")) {
            int unused = Jdbc.wholeTable(handle, () -> handle.execute(delete));
        }
        tx.removeFact(StagedRows.MERGED);
        tx.removeFact(Tx.NEXT_LOST);
    }

    /**
     * Exchanges the names of the index's two tables, so that the new version is read.
     *
     * @return false if somebody reads them for long; then nothing was done
     */
    public boolean exchange() {
        if (!takeIndex()) {
            return false;
        }
        // No staged entry may be left for a table that is another afterwards. An entry that cannot be merged is forged.
        for (StagedRows staged : List.of(tx.stagedIndex(), tx.stagedNext())) {
            if (!isMerged(staged)) {
                staged.salvage();
            }
        }
        dialect.exchangeIndexes().forEach(handle::execute);
        return true;
    }

    private boolean takeIndex() {
        handle.execute("SAVEPOINT exchange");
        try {
            dialect.takeIndex().forEach(handle::execute);
            handle.execute("RELEASE SAVEPOINT exchange");
            return true;
        } catch (JdbiException e) {
            StoreException translated = dialect.translate(e);
            if (translated.kind() != StoreException.Kind.BUSY) {
                throw translated;
            }
            handle.execute("ROLLBACK TO SAVEPOINT exchange");
            handle.execute("RELEASE SAVEPOINT exchange");
            return false;
        }
    }
}
