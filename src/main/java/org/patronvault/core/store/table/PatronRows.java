package org.patronvault.core.store.table;

import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Status;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.KeysetScan;
import org.patronvault.core.store.sql.RequiredColumn;

/** The tables {@code patron}, one row with all cells of each patron, and {@code patron_tombstone}. */
public final class PatronRows {
    static final String COLUMNS = "id, version, index_generation, library, category, status, expires, registered";

    static final int CLEAR_COLUMNS = 8;

    /** The columns of cells, in the order of the fields. */
    static final String CELLS =
            Arrays.stream(PatronField.values()).map(PatronField::wireName).collect(Collectors.joining(", "));

    private static final int MAX_ASKED = 500;

    private final Handle handle;
    private final Dialect dialect;
    private final String end;
    private final KeyUse use;

    /**
     * Creates the tables of a transaction.
     *
     * @param end is sent with the query for patrons with their values; empty if more will be asked
     */
    PatronRows(Handle handle, Dialect dialect, String end) {
        this.handle = handle;
        this.dialect = dialect;
        this.end = end;
        this.use = new KeyUse(handle);
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
        Map<PatronId, StoredPatron> found = new HashMap<>();
        String sql = "SELECT " + COLUMNS + ", " + CELLS + " FROM patron WHERE id " + which + end;
        Jdbc.query(handle, sql, asked, binder, row -> {
            StoredPatron patron = stored(row);
            found.put(patron.id(), patron);
        });
        return found;
    }

    /** Reads a row of the columns in clear and all cells. */
    static StoredPatron stored(ResultSet row) throws SQLException {
        return stored(row, List.of(PatronField.values()));
    }

    /** Reads a row of the columns in clear and these cells. */
    static StoredPatron stored(ResultSet row, List<PatronField> cells) throws SQLException {
        PatronRow patron = patron(row);
        return new StoredPatron(patron, cells(patron.id(), row, CLEAR_COLUMNS, cells));
    }

    private static Map<PatronField, ValueRow> cells(PatronId id, ResultSet row, int before, List<PatronField> cells)
            throws SQLException {
        Map<PatronField, ValueRow> values = new EnumMap<>(PatronField.class);
        int column = before;
        for (PatronField field : cells) {
            ValueRow.of(id, field, row.getBytes(++column)).ifPresent(value -> values.put(field, value));
        }
        return values;
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
        String sql = "INSERT INTO patron (" + COLUMNS + ", " + CELLS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?"
                + ", ?".repeat(PatronField.values().length) + ")";
        Jdbc.execute(handle, sql, sorted, (statement, patron) -> {
            statement.setLong(1, patron.id().number());
            bind(statement, 2, patron.row());
            int column = CLEAR_COLUMNS;
            for (PatronField field : PatronField.values()) {
                statement.setBytes(++column, patron.cell(field));
            }
        });
        use.added(sorted);
    }

    private static void bind(PreparedStatement statement, int first, PatronRow row) throws SQLException {
        PatronAttributes attributes = row.attributes();
        statement.setLong(first, row.version());
        statement.setLong(first + 1, row.indexGeneration());
        statement.setString(first + 2, attributes.library());
        statement.setString(first + 3, attributes.category().wireName());
        statement.setString(first + 4, attributes.status().wireName());
        statement.setString(
                first + 5, attributes.expires().map(LocalDate::toString).orElse(null));
        statement.setString(first + 6, attributes.registered().toString());
    }

    /**
     * Replaces cells, and the columns in clear.
     *
     * @param before the patron as stored
     * @param row the new columns in clear, of this version or the next
     * @param values the new cells, each of the generation after the stored one
     * @return false if the patron, or one of these cells, is no longer stored as before; then nothing was written
     */
    public boolean update(StoredPatron before, PatronRow row, Collection<ValueRow> values) {
        return update(List.of(new Update(before, row, values)));
    }

    /**
     * A change of one patron's row.
     *
     * @param before the patron as stored
     * @param row the new columns in clear, of this version or the next
     * @param values the new cells, each of the generation after the stored one
     */
    public record Update(StoredPatron before, PatronRow row, Collection<ValueRow> values) {
        private List<PatronField> fields() {
            return values.stream().map(ValueRow::field).sorted().toList();
        }

        private ValueRow value(PatronField field) {
            return values.stream()
                    .filter(value -> value.field() == field)
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Changes many rows. Returns false if one is not stored as before; then the caller must roll back. */
    public boolean update(List<Update> updates) {
        Map<List<PatronField>, List<Update>> alike = updates.stream()
                .collect(Collectors.groupingBy(Update::fields, LinkedHashMap::new, Collectors.toList()));
        boolean all = true;
        for (Map.Entry<List<PatronField>, List<Update>> some : alike.entrySet()) {
            all &= update(some.getKey(), some.getValue()) == some.getValue().size();
        }
        if (all) {
            updates.forEach(one -> use.replaced(one.before(), one.values()));
            use.write();
        }
        return all;
    }

    private int update(List<PatronField> fields, List<Update> updates) {
        String sql = "UPDATE patron SET version = ?, index_generation = ?, library = ?, category = ?, status = ?,"
                + " expires = ?, registered = ?"
                + fields.stream().map(field -> ", " + field.wireName() + " = ?").collect(Collectors.joining())
                + " WHERE id = ? AND version = ?"
                + fields.stream()
                        .map(field -> " AND substr(" + field.wireName() + ", 1, 8) = ?")
                        .collect(Collectors.joining());
        return Jdbc.execute(handle, sql, updates, (statement, one) -> {
            bind(statement, 1, one.row());
            int column = CLEAR_COLUMNS - 1;
            for (PatronField field : fields) {
                statement.setBytes(++column, one.value(field).cell());
            }
            statement.setLong(++column, one.before().id().number());
            statement.setLong(++column, one.before().row().version());
            for (PatronField field : fields) {
                byte[] generation = ByteBuffer.allocate(Long.BYTES)
                        .putLong(one.value(field).generation() - 1)
                        .array();
                statement.setBytes(++column, generation);
            }
        });
    }

    /**
     * Deletes a patron as stored, for good. Leaves the ID and the next version. Returns false if that version is not
     * there.
     */
    public boolean erase(StoredPatron stored) {
        PatronId id = stored.id();
        int gone = handle.createUpdate("DELETE FROM patron WHERE id = :id AND version = :expected")
                .bind("id", id.number())
                .bind("expected", stored.row().version())
                .execute();
        if (gone == 0) {
            return false;
        }
        use.removed(stored.values());
        use.write();
        leave(id, stored.row().version() + 1);
        return true;
    }

    /** Deletes whatever is stored under an ID, for good. Leaves the ID and that version. */
    public void bury(PatronId id, long version) {
        remove(id);
        leave(id, version);
    }

    private void leave(PatronId id, long version) {
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
        Jdbc.query(
                handle,
                "SELECT " + CELLS + " FROM patron WHERE id = ?",
                statement -> bind(statement, id),
                row -> use.removed(cells(id, row, 0, List.of(PatronField.values()))));
        for (String delete :
                List.of("DELETE FROM patron WHERE id = :id", "DELETE FROM patron_tombstone WHERE id = :id")) {
            handle.createUpdate(delete).bind("id", id.number()).execute();
        }
        use.write();
    }

    /** Returns up to {@code limit} IDs above {@code after} in the order of the IDs, for sweeps. */
    public List<PatronId> idsAfter(long after, int limit) {
        String sql = "SELECT id FROM patron WHERE id > :after ORDER BY id LIMIT :limit";
        Query ids = handle.createQuery(sql).bind("after", after).bind("limit", limit);
        return KeysetScan.above(
                after, ids.map((row, ctx) -> new PatronId(row.getLong(1))).list(), PatronId::number);
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
