package org.patronvault.core.store.table;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.KeysetScan;

/** The tables of patrons as a whole, for tasks that read or replace all of them. */
public final class SweepRows {
    private static final int FETCHED = 1_000;

    private final Handle handle;

    SweepRows(Handle handle) {
        this.handle = handle;
    }

    /** Returns the number of values. */
    public long countValues() {
        return count("patron") * PatronField.values().length;
    }

    /** Returns the number of erased patrons. */
    public long countErased() {
        return count("patron_tombstone");
    }

    private long count(String table) {
        return Jdbc.wholeTable(
                handle,
                () -> handle.createQuery("SELECT count(*) FROM " + table)
                        .mapTo(Long.class)
                        .one());
    }

    /** Returns the numbers of all existing and erased patrons, in no order. */
    public long[] everyNumber() {
        LongStream.Builder numbers = LongStream.builder();
        String sql = "SELECT id FROM patron UNION ALL SELECT id FROM patron_tombstone";
        Jdbc.query(handle, sql, statement -> statement.setFetchSize(FETCHED), row -> numbers.add(row.getLong(1)));
        return numbers.build().toArray();
    }

    /** Passes on every value, in the order of patrons. */
    public void forEachValue(Consumer<ValueRow> action) {
        Jdbc.query(
                handle,
                "SELECT " + PatronRows.COLUMNS + ", " + PatronRows.CELLS + " FROM patron ORDER BY id",
                statement -> statement.setFetchSize(FETCHED),
                row -> PatronRows.stored(row).values().values().forEach(action));
    }

    /**
     * Returns up to {@code limit} patrons above {@code after} in the order of their IDs, each with meta and no other
     * value.
     */
    public List<StoredPatron> metaAfter(long after, int limit) {
        List<StoredPatron> patrons = new ArrayList<>();
        String sql = "SELECT " + PatronRows.COLUMNS + ", meta FROM patron WHERE id > ? ORDER BY id LIMIT ?";
        Jdbc.query(
                handle,
                sql,
                statement -> {
                    statement.setLong(1, after);
                    statement.setInt(2, limit);
                },
                row -> patrons.add(PatronRows.stored(row, List.of(PatronField.META))));
        return KeysetScan.above(after, patrons, patron -> patron.id().number());
    }

    /** Passes on each erased patron, with the version that the erasure made. */
    public void forEachErased(BiConsumer<PatronId, Long> action) {
        Jdbc.query(
                handle,
                "SELECT id, version FROM patron_tombstone",
                statement -> statement.setFetchSize(FETCHED),
                row -> action.accept(new PatronId(row.getLong(1)), row.getLong(2)));
    }
}
