package org.patronvault.core.store.table;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.Update;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Status;
import org.patronvault.core.store.sql.CiphertextColumns;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.KeysetScan;
import org.patronvault.core.store.sql.RequiredColumn;

/** The tables {@code patron}, {@code patron_value} and {@code patron_tombstone}. */
public final class PatronRows {
    static final String COLUMNS = "id, version, index_generation, library, category, status, expires, registered";

    private static final int MAX_ASKED = 500;

    private final Handle handle;
    private final Dialect dialect;
    private final String end;

    /**
     * Creates the tables of a transaction.
     *
     * @param end is sent with the query for patrons with their values; empty if more will be asked
     */
    PatronRows(Handle handle, Dialect dialect, String end) {
        this.handle = handle;
        this.dialect = dialect;
        this.end = end;
    }

    /** Returns the number of patrons. */
    public long count() {
        String sql = "SELECT count(*) FROM patron";
        return Jdbc.wholeTable(handle, () -> Jdbc.first(handle, sql, all -> {}, row -> row.getLong(1)))
                .orElseThrow();
    }

    /** Whether no patron exists and none was erased. */
    public boolean neverAny() {
        String any = "SELECT 1 FROM patron UNION ALL SELECT 1 FROM patron_tombstone LIMIT 1";
        return Jdbc.first(handle, any, all -> {}, row -> row.getInt(1)).isEmpty();
    }

    /** Whether an ID was ever given to a patron, existing or erased. */
    public boolean everUsed(PatronId id) {
        return everUsed(List.of(id));
    }

    /** Whether any of the IDs was ever given. */
    public boolean everUsed(List<PatronId> ids) {
        boolean used = false;
        for (int from = 0; !used && from < ids.size(); from += MAX_ASKED) {
            List<Long> numbers = ids.subList(from, Math.min(from + MAX_ASKED, ids.size())).stream()
                    .map(PatronId::number)
                    .toList();
            used = handle.createQuery("SELECT 1 FROM patron WHERE id IN (<ids>) UNION ALL"
                            + " SELECT 1 FROM patron_tombstone WHERE id IN (<ids>)")
                    .bindList("ids", numbers)
                    .mapTo(Integer.class)
                    .findFirst()
                    .isPresent();
        }
        return used;
    }

    /** Returns the patron with all values. */
    public Optional<StoredPatron> find(PatronId id) {
        return Optional.ofNullable(findAll(List.of(id)).get(id));
    }

    /**
     * Returns the first patron from that ID on, or otherwise the first of all, with all values. Empty if there is none.
     */
    public Optional<StoredPatron> next(long number) {
        String next = "= coalesce((SELECT min(id) FROM patron WHERE id >= ?), (SELECT min(id) FROM patron))";
        return whole(next, List.of(new PatronId(number)), PatronRows::bind).values().stream()
                .findFirst();
    }

    /** Returns the patrons of those IDs that exist, with all values, in the order asked for. */
    public Map<PatronId, StoredPatron> findAll(Collection<PatronId> ids) {
        Map<PatronId, StoredPatron> all = ids.size() > 1 && dialect.takesArrays()
                ? whole("= ANY (?)", List.of(ids), PatronRows::bind)
                : whole("= ?", ids, PatronRows::bind);
        Map<PatronId, StoredPatron> found = new LinkedHashMap<>();
        for (PatronId id : ids) {
            if (all.containsKey(id)) {
                found.put(id, all.get(id));
            }
        }
        return found;
    }

    private <T> Map<PatronId, StoredPatron> whole(String which, Collection<T> asked, Jdbc.Binder<T> binder) {
        Map<PatronId, PatronRow> rows = new LinkedHashMap<>();
        Map<PatronId, Map<PatronField, ValueRow>> values = new HashMap<>();
        String sql = "SELECT " + COLUMNS + ", field, generation, envelope FROM patron"
                + " LEFT JOIN patron_value ON patron_value.patron = patron.id WHERE id " + which + end;
        Jdbc.query(handle, sql, asked, binder, row -> {
            PatronId id = new PatronId(row.getLong(1));
            if (!rows.containsKey(id)) {
                rows.put(id, patron(row));
                values.put(id, new EnumMap<>(PatronField.class));
            }
            String name = row.getString(9);
            if (name != null) {
                PatronField field = field(name);
                values.get(id).put(field, new ValueRow(id, field, row.getLong(10), RequiredColumn.bytes(row, 11)));
            }
        });
        Map<PatronId, StoredPatron> found = new HashMap<>();
        rows.forEach((id, row) -> found.put(id, new StoredPatron(row, values.get(id))));
        return found;
    }

    /** Returns the unencrypted rows of those patrons that exist. */
    public Map<PatronId, PatronRow> inClear(Collection<PatronId> ids) {
        Map<PatronId, PatronRow> rows = new HashMap<>();
        String sql = "SELECT " + COLUMNS + " FROM patron WHERE id = ?";
        Jdbc.query(handle, sql, ids, PatronRows::bind, row -> rows.put(new PatronId(row.getLong(1)), patron(row)));
        return rows;
    }

    private static void bind(PreparedStatement statement, PatronId id) throws SQLException {
        statement.setLong(1, id.number());
    }

    private static void bind(PreparedStatement statement, Collection<PatronId> ids) throws SQLException {
        Long[] numbers = ids.stream().map(PatronId::number).toArray(Long[]::new);
        statement.setArray(1, Jdbc.array(statement, "bigint", numbers));
    }

    /** Adds a patron with values. */
    public void insert(PatronRow row, Collection<ValueRow> values) {
        insert(List.of(StoredPatron.of(row, values)));
    }

    /** Adds patrons with their values, in the order of their random IDs. */
    public void insert(List<StoredPatron> patrons) {
        List<StoredPatron> sorted = new ArrayList<>(patrons);
        sorted.sort(Comparator.comparingLong(patron -> patron.id().number()));
        String row = "INSERT INTO patron (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        Jdbc.execute(handle, row, sorted, (statement, patron) -> bind(statement, patron.row()));
        String value = "INSERT INTO patron_value (patron, field, generation, envelope) VALUES (?, ?, ?, ?)";
        List<ValueRow> values = sorted.stream()
                .flatMap(patron -> patron.values().values().stream())
                .toList();
        Jdbc.execute(handle, value, values, (statement, v) -> {
            statement.setLong(1, v.patron().number());
            statement.setString(2, v.field().wireName());
            statement.setLong(3, v.generation());
            statement.setBytes(4, CiphertextColumns.envelope(v.envelope()));
        });
    }

    private static void bind(PreparedStatement statement, PatronRow row) throws SQLException {
        PatronAttributes attributes = row.attributes();
        statement.setLong(1, row.id().number());
        statement.setLong(2, row.version());
        statement.setLong(3, row.indexGeneration());
        statement.setString(4, attributes.library());
        statement.setString(5, attributes.category().wireName());
        statement.setString(6, attributes.status().wireName());
        statement.setString(7, attributes.expires().map(LocalDate::toString).orElse(null));
        statement.setString(8, attributes.registered().toString());
    }

    /** Replaces the row of version {@code expectedVersion}. Returns false if it is no longer there. */
    public boolean update(PatronRow row, long expectedVersion) {
        return bind(
                                handle.createUpdate("UPDATE patron SET version = :version, index_generation ="
                                        + " :indexGeneration, library = :library, category = :category, status ="
                                        + " :status, expires = :expires, registered = :registered"
                                        + " WHERE id = :id AND version = :expected"),
                                row)
                        .bind("expected", expectedVersion)
                        .execute()
                == 1;
    }

    /**
     * Replaces values of the previous generation. Returns false if any of these is no longer there; then the caller
     * must roll back.
     */
    public boolean replace(List<ValueRow> values) {
        String sql = "UPDATE patron_value SET generation = ?, envelope = ?"
                + " WHERE patron = ? AND field = ? AND generation = ?";
        return Jdbc.execute(handle, sql, values, (statement, value) -> {
                    statement.setLong(1, value.generation());
                    statement.setBytes(2, CiphertextColumns.envelope(value.envelope()));
                    statement.setLong(3, value.patron().number());
                    statement.setString(4, value.field().wireName());
                    statement.setLong(5, value.generation() - 1);
                })
                == values.size();
    }

    /**
     * Deletes a patron of version {@code expectedVersion} with every value, for good. Leaves the ID and the next
     * version. Returns false if it is not there.
     */
    public boolean erase(PatronId id, long expectedVersion) {
        int gone = handle.createUpdate("DELETE FROM patron WHERE id = :id AND version = :expected")
                .bind("id", id.number())
                .bind("expected", expectedVersion)
                .execute();
        if (gone == 0) {
            return false;
        }
        bury(id, expectedVersion + 1);
        return true;
    }

    /** Deletes whatever is stored under an ID, for good. Leaves the ID and that version. */
    public void bury(PatronId id, long version) {
        remove(id);
        handle.createUpdate("INSERT INTO patron_tombstone (id, version) VALUES (:id, :version)")
                .bind("id", id.number())
                .bind("version", version)
                .execute();
    }

    /** Replaces whatever is stored under an ID by a patron, even the mark of an erasure. */
    public void put(StoredPatron patron) {
        remove(patron.id());
        insert(List.of(patron));
    }

    private void remove(PatronId id) {
        for (String delete : List.of(
                "DELETE FROM patron WHERE id = :id",
                "DELETE FROM patron_value WHERE patron = :id",
                "DELETE FROM patron_tombstone WHERE id = :id")) {
            handle.createUpdate(delete).bind("id", id.number()).execute();
        }
    }

    /** Returns up to {@code limit} IDs above {@code after} in the order of the IDs, for sweeps. */
    public List<PatronId> idsAfter(long after, int limit) {
        String sql = "SELECT id FROM patron WHERE id > :after ORDER BY id LIMIT :limit";
        Query ids = handle.createQuery(sql).bind("after", after).bind("limit", limit);
        return KeysetScan.above(
                after, ids.map((row, ctx) -> new PatronId(row.getLong(1))).list(), PatronId::number);
    }

    private static Update bind(Update update, PatronRow row) {
        return update.bind("id", row.id().number())
                .bind("version", row.version())
                .bind("indexGeneration", row.indexGeneration())
                .bind("library", row.attributes().library())
                .bind("category", row.attributes().category().wireName())
                .bind("status", row.attributes().status().wireName())
                .bind(
                        "expires",
                        row.attributes().expires().map(LocalDate::toString).orElse(null))
                .bind("registered", row.attributes().registered().toString());
    }

    static ValueRow value(ResultSet row) throws SQLException {
        PatronField field = field(RequiredColumn.text(row, 2));
        return new ValueRow(new PatronId(row.getLong(1)), field, row.getLong(3), RequiredColumn.bytes(row, 4));
    }

    static PatronField field(String wireName) {
        return PatronField.ofWireName(wireName).orElseThrow(() -> new IntegrityException("patron_value: field"));
    }

    static PatronRow patron(ResultSet row) throws SQLException {
        try {
            String expires = row.getString(7);
            return new PatronRow(
                    new PatronId(row.getLong(1)),
                    row.getLong(2),
                    row.getLong(3),
                    new PatronAttributes(
                            RequiredColumn.text(row, 4),
                            Category.ofWireName(RequiredColumn.text(row, 5)).orElseThrow(),
                            Optional.ofNullable(expires).map(LocalDate::parse),
                            Status.ofWireName(RequiredColumn.text(row, 6)).orElseThrow(),
                            YearMonth.parse(RequiredColumn.text(row, 8))));
        } catch (java.time.DateTimeException | java.util.NoSuchElementException e) {
            throw new IntegrityException("patron: attributes");
        }
    }
}
