package org.patronvault.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/** One writing transaction, holding the lock on the log's head. */
public final class WriteTx extends Tx {
    private final Optional<LogHead> head;
    private final AuthorityChanges authority;
    private final LimitChanges limits;
    private boolean inTable;

    /** What was read with the lock, and is as it was. */
    private final Map<String, Optional<String>> facts;

    private WriteTx(Handle handle, Dialect dialect, Optional<LogHead> head, Map<String, Optional<String>> facts) {
        super(handle, dialect);
        this.head = head;
        this.facts = facts;
        this.authority = new AuthorityChanges(handle);
        this.limits = new LimitChanges(handle, dialect);
    }

    /**
     * Begins one by taking the lock.
     *
     * @param facts that will be asked for
     */
    static WriteTx begin(Handle handle, Dialect dialect, List<String> facts) {
        List<LogHead> head = new ArrayList<>();
        Map<String, Optional<String>> known = new HashMap<>();
        PipelinedStatement turn = new PipelinedStatement(handle, dialect)
                .ask(dialect.lockHead(), 0, PipelinedStatement.NOTHING, row -> head.add(LogRows.head(row)));
        for (String name : facts) {
            known.put(name, Optional.empty());
            turn.ask(
                    FACT,
                    1,
                    (statement, first) -> statement.setString(first, name),
                    row -> known.put(name, Optional.of(RequiredColumn.text(row, 1))));
        }
        turn.run();
        return new WriteTx(handle, dialect, head.stream().findFirst(), known);
    }

    @Override
    public Optional<String> fact(String name) {
        Optional<String> known = facts.get(name);
        return known == null ? super.fact(name) : known;
    }

    /** The log's head as it stands under the lock; empty in a database that has none yet. */
    public Optional<LogHead> head() {
        return head;
    }

    @Override
    public AuthorityRows authority() {
        return new AuthorityRows(handle, authority);
    }

    @Override
    public LimitChanges limits() {
        return limits;
    }

    @Override
    public CatalogRows catalogue() {
        settle();
        return super.catalogue();
    }

    /** Nothing of it may end before the log is written. */
    @Override
    public PatronRows lastly() {
        return patrons();
    }

    /** Nothing to hold: who exchanges the tables holds the lock on the log's head, as this transaction does. */
    @Override
    public Optional<AuthorityRows.Row> holdIndex(String kind, String name, byte[] labels) {
        return authority().find(kind, name);
    }

    /** New rows by the hundred. */
    public BulkRows bulk() {
        return new BulkRows(this, handle, dialect);
    }

    /** Entries that wait to be merged into the search index. */
    public StagedRows stagedIndex() {
        return new StagedRows(this, handle, index());
    }

    /** Those that wait to be merged into the next version of it. */
    public StagedRows stagedNext() {
        return new StagedRows(this, handle, otherIndex());
    }

    /** The tables of the search index as a whole. */
    public IndexTables indexTables() {
        return new IndexTables(this, handle, dialect);
    }

    /** Whether that row was removed in this transaction; it may have been added anew since. */
    public boolean hasRemovedAuthority(String kind, String name) {
        return authority.isRemoved(kind, name);
    }

    /** Every row that carries authority and is another than this transaction found it. */
    public List<AuthorityRows.Change> authorityChanges() {
        return authority.all();
    }

    /** Has the tables hold what was changed of limits and of rows that carry authority; at the latest before COMMIT. */
    void settle() {
        authority.write();
        limits.write();
    }

    /**
     * Starts a part of the transaction that can be undone alone.
     *
     * @param writes whether it may change anything but limits and rows that carry authority
     */
    public void savepoint(boolean writes) {
        if (writes) {
            // What is undone in the tables is undone of this part alone.
            settle();
            execute("SAVEPOINT unit");
        }
        inTable = writes;
        authority.mark();
        limits.mark();
    }

    /** Keeps what was done since the savepoint. */
    public void release() {
        if (inTable) {
            execute("RELEASE SAVEPOINT unit");
        }
    }

    /** Undoes what was done since the savepoint. */
    public void rollbackToSavepoint() {
        if (inTable) {
            execute("ROLLBACK TO SAVEPOINT unit");
            execute("RELEASE SAVEPOINT unit");
        }
        authority.undo(inTable);
        limits.undo();
    }

    /** Of every unit of a batch. */
    private void execute(String sql) {
        int unused = Jdbc.execute(handle, sql, statement -> {});
    }

    /**
     * Whether the transaction goes on, from the savepoint, after a failure of the database's own: of a part that writes
     * to no table nothing stands in the database that it could go back to, and what the database undid by itself, or
     * that PostgreSQL refuses everything from then on, would not be seen.
     */
    public boolean goesOnAfter(StoreException failure) {
        return inTable && failure.kind() == StoreException.Kind.FAILED;
    }

    /** What a failure inside this transaction was: the database's own, told without a value, or {@code failure} itself. */
    public RuntimeException failureOf(RuntimeException failure) {
        return failure instanceof JdbiException ? dialect.translate(failure) : failure;
    }

    /** Writes a fact about this database; false if it is there already. */
    public boolean putFact(String name, String value) {
        facts.remove(name);
        return handle.createUpdate("INSERT INTO vault_fact (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING")
                        .bind("name", name)
                        .bind("value", value)
                        .execute()
                == 1;
    }

    /** Writes a fact about this database, whether it is there or not. */
    public void setFact(String name, String value) {
        facts.remove(name);
        handle.createUpdate("INSERT INTO vault_fact (name, value) VALUES (:name, :value)"
                        + " ON CONFLICT (name) DO UPDATE SET value = excluded.value")
                .bind("name", name)
                .bind("value", value)
                .execute();
    }

    /** Takes a fact about this database away, if it is there. */
    public void removeFact(String name) {
        facts.remove(name);
        handle.createUpdate("DELETE FROM vault_fact WHERE name = :name")
                .bind("name", name)
                .execute();
    }
}
