package org.patronvault.store;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** One transaction: the groups of tables, as its snapshot shows them. Not for use by more than one thread. */
public class Tx {
    static final String FACT = "SELECT value FROM vault_fact WHERE name = ?";
    static final String NEXT_LOST = "search-index-next-lost";

    final Handle handle;
    final Dialect dialect;

    /** What was asked for of the index that is read before it was asked. */
    private Labels.Found ahead = Labels.Found.NOTHING;

    private boolean isEnding;

    Tx(Handle handle, Dialect dialect) {
        this.handle = handle;
        this.dialect = dialect;
    }

    private Handle handle() {
        if (isEnding) {
            throw new IllegalStateException("what was asked last is not the last");
        }
        return handle;
    }

    /** Patrons and their values. */
    public PatronRows patrons() {
        return new PatronRows(handle(), dialect, "");
    }

    /**
     * Patrons and their values, of whom those that are found next are the last that is asked for: the transaction ends in
     * the same round trip, and nothing may be asked of it after.
     */
    public PatronRows lastly() {
        PatronRows last = new PatronRows(handle(), dialect, dialect.end());
        isEnding = true;
        return last;
    }

    /** What hangs on which KEK version. */
    public WrapRows wraps() {
        return new WrapRows(handle());
    }

    /** The tables that {@link #isSound} can be asked of, a word for the file itself among them; none of PostgreSQL. */
    public List<String> watched() {
        return handle().createQuery(dialect.watched()).mapTo(String.class).list();
    }

    /**
     * Whether every row of a table is found by whatever finds rows, and nothing else is, in whole pages and in the form
     * that the table has, as far as SQLite itself can tell. Goes through all there is of it.
     *
     * @param stopping asked now and then whether to give up; what was not looked at by then is taken to be sound
     */
    public boolean isSound(String table, BooleanSupplier stopping) {
        try {
            return dialect.isSound(handle().getConnection(), table, stopping);
        } catch (SQLException e) {
            throw Jdbc.failed(e);
        }
    }

    /** Patrons and their values as a whole. */
    public SweepRows sweep() {
        return new SweepRows(handle());
    }

    /** How far patrons have come, of many at once. */
    public CurrentRows current() {
        return new CurrentRows(handle());
    }

    /** Patrons whose record may be kept no longer. */
    public RetentionRows retention() {
        return new RetentionRows(handle());
    }

    /** How many patrons there are of each kind. */
    public StatisticsRows statistics() {
        return new StatisticsRows(handle());
    }

    /** The search index that is read. */
    public IndexRows index() {
        return new IndexRows(handle(), dialect, IndexRows.LIVE, ahead);
    }

    /** The search index under its next version while that is built, and what is left of the one before after that. */
    public IndexRows otherIndex() {
        return new IndexRows(handle(), dialect, IndexRows.OTHER, Labels.Found.NOTHING);
    }

    /** How many parts of runs of entries wait to be merged into either. */
    public long stagedParts() {
        return handle().createQuery("SELECT count(*) FROM search_index_staged")
                .mapTo(Long.class)
                .one();
    }

    /**
     * Whether of the version of the index that was being built so much was lost that it must be begun anew; until then
     * nothing in it is to be relied on.
     */
    public boolean isNextIndexLost() {
        return fact(NEXT_LOST).isPresent();
    }

    /** Whether some of what is indexed waits to be merged into the index that is read. */
    public boolean isIndexStaged() {
        return handle().createQuery("SELECT EXISTS (SELECT 1 FROM search_index_staged WHERE next = 0)")
                .mapTo(Boolean.class)
                .one();
    }

    /**
     * Makes sure that for the rest of this transaction the index's tables are those that its snapshot knows, and reads the
     * row that carries authority of that kind and name. To be called before anything else is read.
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
            Labels.ask(turn, dialect, IndexRows.LIVE, "label", labels, ahead::read);
        }
        turn.run();
        return rows.stream().findFirst();
    }

    /** The access log. */
    public LogRows log() {
        return new LogRows(handle(), dialect);
    }

    /** Which entries of the log name a patron. */
    public ViewRows view() {
        return new ViewRows(handle(), dialect);
    }

    /** Rows that carry authority. */
    public AuthorityRows authority() {
        return new AuthorityRows(handle());
    }

    /** What is known of disclosure cases. */
    public CaseRows cases() {
        return new CaseRows(handle());
    }

    /** When sessions were last used. */
    public SessionUseRows sessionUses() {
        return new SessionUseRows(handle());
    }

    /** What the limits remember. */
    public LimitRows limits() {
        return new LimitRows(handle(), dialect);
    }

    /** Answers kept for repeated writes. */
    public IdempotencyRows idempotency() {
        return new IdempotencyRows(handle());
    }

    /** Every table there is, as it lies. */
    public CatalogRows catalogue() {
        return new CatalogRows(handle(), dialect);
    }

    /** Which migrations made its tables, and their checksums: two databases of one schema say the same. */
    public String schema() {
        return handle().createQuery("SELECT version || ':' || checksum FROM flyway_schema_history"
                        + " WHERE success AND version IS NOT NULL ORDER BY installed_rank")
                .mapTo(String.class)
                .collect(Collectors.joining(" "));
    }

    /** A fact about this database, written once, such as the vault's id. */
    public Optional<String> fact(String name) {
        return Jdbc.first(
                handle(), FACT, statement -> statement.setString(1, name), row -> RequiredColumn.text(row, 1));
    }
}
