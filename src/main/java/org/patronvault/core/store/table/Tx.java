package org.patronvault.core.store.table;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.store.sql.CatalogRows;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.PipelinedStatement;
import org.patronvault.core.store.sql.RequiredColumn;

/** One transaction, with its tables in groups, as its snapshot shows them. Not for use by more than one thread. */
public class Tx {
    static final String FACT = "SELECT value FROM vault_fact WHERE name = ?";
    static final String NEXT_LOST = "search-index-next-lost";

    public final Handle handle;
    final Dialect dialect;

    /** The values of the index that is read, fetched before they are asked for. */
    private Labels.Found ahead = Labels.Found.NOTHING;

    private boolean isEnding;

    public Tx(Handle handle, Dialect dialect) {
        this.handle = handle;
        this.dialect = dialect;
    }

    private Handle handle() {
        if (isEnding) {
            throw new IllegalStateException("what was asked last is not the last");
        }
        return handle;
    }

    /** Returns the tables of patrons and their values. */
    public PatronRows patrons() {
        return new PatronRows(handle(), dialect, "");
    }

    /**
     * Returns the tables of patrons, for the last query of the transaction. The transaction ends in the same round
     * trip, and nothing may be asked after it.
     */
    public PatronRows lastly() {
        PatronRows last = new PatronRows(handle(), dialect, dialect.end());
        isEnding = true;
        return last;
    }

    /** Returns the values by the KEK version that encrypts them. */
    public WrapRows wraps() {
        return new WrapRows(handle(), patrons());
    }

    /** Returns the tables that {@link #isSound} can check, and a word for the file itself; none on PostgreSQL. */
    public List<String> watched() {
        return handle().createQuery(dialect.watched()).mapTo(String.class).list();
    }

    /**
     * Whether the indexes of a table have all its rows and nothing else, in whole pages and in the table's form, as far
     * as SQLite itself can tell. Reads all of the table.
     *
     * @param stopping asked now and then whether to give up; unchecked parts are then taken to be sound
     */
    public boolean isSound(String table, BooleanSupplier stopping) {
        try {
            return dialect.isSound(handle().getConnection(), table, stopping);
        } catch (SQLException e) {
            throw Jdbc.failed(e);
        }
    }

    /** Returns the tables of patrons and their values as a whole. */
    public SweepRows sweep() {
        return new SweepRows(handle());
    }

    /** Returns the current versions of many patrons at once. */
    public CurrentRows current() {
        return new CurrentRows(handle());
    }

    /** Returns the patrons whose retention period has ended. */
    public RetentionRows retention() {
        return new RetentionRows(handle());
    }

    /** Returns the number of patrons of each kind. */
    public StatisticsRows statistics() {
        return new StatisticsRows(handle());
    }

    /** Returns the search index that is read. */
    public IndexRows index() {
        return new IndexRows(handle(), dialect, IndexRows.LIVE, ahead);
    }

    /**
     * Returns the next version of the search index while that is built, and afterwards the remains of the previous one.
     */
    public IndexRows otherIndex() {
        return new IndexRows(handle(), dialect, IndexRows.OTHER, Labels.Found.NOTHING);
    }

    /** Returns how many parts of staged runs wait for a merge into either version. */
    public long stagedParts() {
        return handle().createQuery("SELECT count(*) FROM search_index_staged")
                .mapTo(Long.class)
                .one();
    }

    /**
     * Whether the index version that was being built lost data, and must be started again. Until then nothing in it may
     * be relied on.
     */
    public boolean isNextIndexLost() {
        return fact(NEXT_LOST).isPresent();
    }

    /** Whether staged entries wait for a merge into the index that is read. */
    public boolean isIndexStaged() {
        return handle().createQuery("SELECT EXISTS (SELECT 1 FROM search_index_staged WHERE next = 0)")
                .mapTo(Boolean.class)
                .one();
    }

    /**
     * Keeps the index's tables as the snapshot knows them for the rest of this transaction, and reads the row of a kind
     * and name that carries authority. Must be called before anything else is read.
     *
     * @param labels of entries that will be asked for next, side by side: {@link #index} knows them then
     */
    public Optional<AuthorityRows.Row> holdIndex(String kind, String name, byte[] labels) {
        List<AuthorityRows.Row> rows = new ArrayList<>();
        PipelinedStatement turn = new PipelinedStatement(handle(), dialect);
        if (!dialect.holdIndex().isEmpty()) {
            turn.change(dialect.holdIndex(), 0, PipelinedStatement.NOTHING);
        }
        turn.ask(
                AuthorityRows.FIND,
                2,
                (statement, first) -> {
                    statement.setString(first, kind);
                    statement.setString(first + 1, name);
                },
                row -> rows.add(AuthorityRows.found(kind, name, row)));
        if (labels.length > 0) {
            ahead = new Labels.Found(labels, new HashMap<>());
            Labels.ask(turn, dialect, IndexRows.LIVE, labels, ahead::read);
        }
        turn.run();
        return rows.stream().findFirst();
    }

    /** Returns the access log. */
    public LogRows log() {
        return new LogRows(handle(), dialect);
    }

    /** Returns the view by patron. */
    public ViewRows view() {
        return new ViewRows(handle());
    }

    /** Returns the rows that carry authority. */
    public AuthorityRows authority() {
        return new AuthorityRows(handle());
    }

    /** Returns the disclosure cases. */
    public CaseRows cases() {
        return new CaseRows(handle());
    }

    /** Returns the last uses of sessions. */
    public SessionUseRows sessionUses() {
        return new SessionUseRows(handle());
    }

    /** Returns the counts of the limits. */
    public LimitRows limits() {
        return new LimitRows(handle(), dialect);
    }

    /** Returns the answers kept for repeated writes. */
    public IdempotencyRows idempotency() {
        return new IdempotencyRows(handle());
    }

    /** Returns every table, as stored. */
    public CatalogRows catalogue() {
        return new CatalogRows(handle(), dialect);
    }

    /**
     * Returns the migrations that made its tables, and their checksums: two databases of one schema return the same
     * text.
     */
    public String schema() {
        return handle().createQuery("SELECT version || ':' || checksum FROM flyway_schema_history"
                        + " WHERE success AND version IS NOT NULL ORDER BY installed_rank")
                .mapTo(String.class)
                .collect(Collectors.joining(" "));
    }

    /** Returns a fact as the last query of the transaction, as {@link #lastly} does. */
    public Optional<String> factLastly(String name) {
        Optional<String> fact = Jdbc.first(
                handle(),
                FACT + dialect.end(),
                statement -> statement.setString(1, name),
                row -> RequiredColumn.text(row, 1));
        isEnding = true;
        return fact;
    }

    /** Returns a fact about this database, such as the vault's ID. */
    public Optional<String> fact(String name) {
        return Jdbc.first(
                handle(), FACT, statement -> statement.setString(1, name), row -> RequiredColumn.text(row, 1));
    }
}
