package org.patronvault.core.store.table;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.patronvault.core.store.sql.CatalogRows;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.PipelinedStatement;
import org.patronvault.core.store.sql.RequiredColumn;
import org.patronvault.core.store.sql.StoreException;

/** One writing transaction, which holds the lock on the log's head. */
public final class WriteTx extends Tx {
    private final Optional<LogHead> head;
    private final AuthorityChanges authority;
    private final LimitChanges limits;
    private PipelinedStatement expected;
    private boolean inTable;

    /** Facts that were read with the lock, and cannot change. */
    private final Map<String, Optional<String>> facts;

    private WriteTx(Handle handle, Dialect dialect, Optional<LogHead> head, Map<String, Optional<String>> facts) {
        super(handle, dialect);
        this.head = head;
        this.facts = facts;
        this.authority = new AuthorityChanges(handle);
        this.limits = new LimitChanges(handle, dialect);
        this.expected = new PipelinedStatement(handle, dialect);
    }

    /**
     * Begins a transaction by taking the lock.
     *
     * @param facts that will be asked for
     */
    public static WriteTx begin(Handle handle, Dialect dialect, List<String> facts) {
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

    /** Returns the log's head under the lock; empty in a database that has none yet. */
    public Optional<LogHead> head() {
        return head;
    }

    @Override
    public AuthorityRows authority() {
        return new AuthorityRows(handle, authority);
    }

    /** Says that a row will be asked for. {@link #readExpected} reads it. */
    public void expectAuthority(String kind, String name) {
        authority.expect(kind, name, expected);
    }

    /** Reads in one round trip the rows and tokens that are expected. */
    public void readExpected() {
        limits.readExpected(expected);
        expected.run();
        expected = new PipelinedStatement(handle, dialect);
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

    /** Returns the tables of patrons. The transaction must not end before the log is written. */
    @Override
    public PatronRows lastly() {
        return patrons();
    }

    /**
     * Keeps nothing, since an exchange of the tables needs the lock on the log's head, which this transaction holds.
     */
    @Override
    public Optional<AuthorityRows.Row> holdIndex(String kind, String name, byte[] labels) {
        return authority().find(kind, name);
    }

    /** Returns the fast path for many new rows. */
    public BulkRows bulk() {
        return new BulkRows(this, handle, dialect);
    }

    /** Returns the entries that wait for a merge into the search index. */
    public StagedRows stagedIndex() {
        return new StagedRows(this, handle, index());
    }

    /** Returns the entries that wait for a merge into its next version. */
    public StagedRows stagedNext() {
        return new StagedRows(this, handle, otherIndex());
    }

    /** Returns the tables of the search index as a whole. */
    public IndexTables indexTables() {
        return new IndexTables(this, handle, dialect);
    }

    /** Whether that row was removed in this transaction. It may have been added again since. */
    public boolean hasRemovedAuthority(String kind, String name) {
        return authority.isRemoved(kind, name);
    }

    /** Returns every row that carries authority and was changed in this transaction. */
    public List<AuthorityRows.Change> authorityChanges() {
        return authority.all();
    }

    /**
     * Writes the changes of limits and of rows that carry authority to their tables. Called at the latest before
     * COMMIT.
     */
    public void settle() {
        authority.write();
        limits.write();
    }

    /**
     * Starts a part of the transaction that can be rolled back alone.
     *
     * @param writes whether it may change anything but limits and rows that carry authority
     */
    public void savepoint(boolean writes) {
        if (writes) {
            // A rollback in the tables affects this part alone.
            settle();
            execute("SAVEPOINT act");
        }
        inTable = writes;
        authority.mark();
        limits.mark();
    }

    /** Whether limits or rows that carry authority were changed since the savepoint. */
    public boolean touchesRows() {
        return limits.isChanged() || authority.isChanged();
    }

    /** Keeps the changes since the savepoint. */
    public void release() {
        if (inTable) {
            execute("RELEASE SAVEPOINT act");
        }
    }

    /** Rolls back the changes since the savepoint. */
    public void rollbackToSavepoint() {
        if (inTable) {
            execute("ROLLBACK TO SAVEPOINT act");
            execute("RELEASE SAVEPOINT act");
        }
        authority.undo(inTable);
        limits.undo();
    }

    /** Executes a statement that every act of a batch needs. */
    private void execute(String sql) {
        int unused = Jdbc.execute(handle, sql, statement -> {});
    }

    /**
     * Whether the transaction can continue from the savepoint after a database failure. It cannot if the part writes to
     * no table, since it has no savepoint in the database. Then an automatic rollback of the database, or PostgreSQL's
     * refusal of all further statements, would go unnoticed.
     */
    public boolean goesOnAfter(StoreException failure) {
        return inTable && failure.kind() == StoreException.Kind.FAILED;
    }

    /** Whether a read met damage after which the transaction can go on: then it is a fault of what was read alone. */
    public boolean isDamageOfReadAlone(RuntimeException failure) {
        return failureOf(failure) instanceof StoreException store
                && store.kind() == StoreException.Kind.DAMAGED
                && dialect.goesOnAfterDamage();
    }

    /** Returns the failure of this transaction: the database's own, without a value, or {@code failure} itself. */
    public RuntimeException failureOf(RuntimeException failure) {
        return failure instanceof JdbiException ? dialect.translate(failure) : failure;
    }

    /** Writes a fact about this database. Returns false if it is there already. */
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
