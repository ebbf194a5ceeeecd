package org.patronvault.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.patronvault.model.IntegrityException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One writing transaction, holding the lock on the log's head. */
public final class WriteTx extends Tx {
    private static final Logger LOG = LoggerFactory.getLogger(WriteTx.class);
    private static final int LOADED_MEBIBYTES = 512;

    /** Indexes in another order than patrons come in, as V1__vault.sql makes them: name, and what on. */
    private static final Map<String, String> OUT_OF_ORDER = Map.of(
            "patron_value_kek", "patron_value (field, substr(envelope, 2, 4))",
            "patron_kind", "patron (library, category, status, registered)");

    private final Optional<LogHead> head;
    private final List<AuthorityRows.Change> authorityChanges = new ArrayList<>();
    private final Map<String, Set<String>> removedAuthority = new HashMap<>();

    /** What was read with the lock, and is as it was. */
    private final Map<String, Optional<String>> facts;

    private WriteTx(Handle handle, Dialect dialect, Optional<LogHead> head, Map<String, Optional<String>> facts) {
        super(handle, dialect);
        this.head = head;
        this.facts = facts;
    }

    /**
     * Begins one by taking the lock.
     *
     * @param facts that will be asked for
     */
    static WriteTx begin(Handle handle, Dialect dialect, List<String> facts) {
        List<LogHead> head = new ArrayList<>();
        Map<String, Optional<String>> known = new HashMap<>();
        OneTurn turn = new OneTurn(handle, dialect)
                .ask(dialect.lockHead(), 0, OneTurn.NOTHING, row -> head.add(LogRows.head(row)));
        for (String name : facts) {
            known.put(name, Optional.empty());
            turn.ask(
                    FACT,
                    1,
                    (statement, first) -> statement.setString(first, name),
                    row -> known.put(name, Optional.of(Present.text(row, 1))));
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
        return new AuthorityRows(handle, this::changed);
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

    /**
     * Prepares a database without patrons for very many at once: indexes that are in another order than they come are made
     * when they are there. Nothing that counts patrons, or counts or moves values by KEK version, is quick meanwhile.
     * The write-ahead log grows longer, so that a page that many units write is moved once for all of them.
     */
    public void beginLoad() {
        handle.execute(dialect.untidied(LOADED_MEBIBYTES));
        if (patrons().neverAny()) {
            OUT_OF_ORDER.keySet().forEach(name -> handle.execute("DROP INDEX IF EXISTS " + name));
        }
    }

    /** Ends a load, or what a kill left of one: makes those indexes if they are not there, and merges what is staged. */
    public void endLoad() {
        handle.execute(dialect.untidied(Store.UNTIDIED_MEBIBYTES));
        stagedIndex().merge();
        stagedNext().merge();
        OUT_OF_ORDER.forEach((name, on) -> handle.execute("CREATE INDEX IF NOT EXISTS " + name + " ON " + on));
    }

    /**
     * The same for a database that is being opened, which what is damaged of that must not prevent. Of an import what can
     * be read is in the index then; a version that was being built is to be begun anew.
     */
    void recoverLoad() {
        if (!isMerged(stagedIndex())) {
            LOG.error("Entries that an import left beside the search index are damaged: not everybody is found."
                    + " `check` says who is not; `keys rotate search` makes the index anew.");
            stagedIndex().salvage();
        }
        if (!isMerged(stagedNext())) {
            LOG.error("Entries that a rebuild of the search index had staged are damaged; the rebuild begins anew.");
            clearNextIndex();
            setFact(NEXT_LOST, "");
        }
        endLoad();
    }

    private boolean isMerged(StagedRows staged) {
        savepoint();
        try {
            staged.merge();
            release();
            return true;
        } catch (IntegrityException e) {
            rollbackToSavepoint();
            return false;
        }
    }

    /** Takes everything out of the table of the version that is being built: nothing of it is lost any more. */
    public void clearNextIndex() {
        for (String delete :
                List.of("DELETE FROM search_index_staged WHERE next = 1", "DELETE FROM search_index_next")) {
            int unused = Jdbc.wholeTable(handle, () -> handle.execute(delete));
        }
        removeFact(StagedRows.MERGED);
        removeFact(NEXT_LOST);
    }

    /**
     * Exchanges the names of the index's two tables, so that what was built beside is what is read.
     *
     * @return false if somebody reads them for long; then nothing was done
     */
    public boolean exchangeIndexes() {
        if (!takeIndex()) {
            return false;
        }
        // Nothing may be left for a table that is another afterwards; what cannot be merged somebody put there.
        for (StagedRows staged : List.of(stagedIndex(), stagedNext())) {
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

    private void changed(AuthorityRows.Change change) {
        authorityChanges.add(change);
        if (change.after().isEmpty()) {
            AuthorityRows.Row row = change.before().orElseThrow();
            removedAuthority
                    .computeIfAbsent(row.kind(), kind -> new HashSet<>())
                    .add(row.name());
        }
    }

    /** Whether that row was removed in this transaction; it may have been added anew since. */
    public boolean hasRemovedAuthority(String kind, String name) {
        return removedAuthority.getOrDefault(kind, Set.of()).contains(name);
    }

    /** What was changed of rows that carry authority since this was asked last, in order. */
    public List<AuthorityRows.Change> takeAuthorityChanges() {
        List<AuthorityRows.Change> taken = List.copyOf(authorityChanges);
        authorityChanges.clear();
        return taken;
    }

    /** Starts a part of the transaction that can be undone alone. */
    public void savepoint() {
        execute("SAVEPOINT unit");
    }

    /** Keeps what was done since the savepoint. */
    public void release() {
        execute("RELEASE SAVEPOINT unit");
    }

    /** Undoes what was done since the savepoint. */
    public void rollbackToSavepoint() {
        execute("ROLLBACK TO SAVEPOINT unit");
        execute("RELEASE SAVEPOINT unit");
    }

    /** Of every unit of a batch. */
    private void execute(String sql) {
        int unused = Jdbc.execute(handle, sql, statement -> {});
    }

    /**
     * What a failure inside this transaction was: the database's own, told without a value, or {@code failure} itself.
     * After one of the database's own, only kind FAILED lets the transaction go on, from the savepoint.
     */
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
