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
import org.patronvault.core.store.sql.RequiredColumn;

/** The tables of patrons as a whole, for tasks that read or replace all of them. */
public final class SweepRows {
    private static final int FETCHED = 1_000;

    private final Handle handle;

    SweepRows(Handle handle) {
        this.handle = handle;
    }

    /** Returns the number of values. */
    public long countValues() {
        return count("patron_value");
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
                "SELECT patron, field, generation, envelope FROM patron_value ORDER BY patron, field",
                statement -> statement.setFetchSize(FETCHED),
                row -> action.accept(PatronRows.value(row)));
    }

    /**
     * Returns up to {@code limit} patrons above {@code after} in the order of their IDs, each with meta and no other
     * value.
     */
    public List<StoredPatron> metaAfter(long after, int limit) {
        List<StoredPatron> patrons = new ArrayList<>();
        String sql = "SELECT " + PatronRows.COLUMNS + ", generation, envelope FROM patron"
                + " JOIN patron_value ON patron_value.patron = patron.id AND field = 'meta'"
                + " WHERE id > ? ORDER BY id LIMIT ?";
        Jdbc.query(
                handle,
                sql,
                statement -> {
                    statement.setLong(1, after);
                    statement.setInt(2, limit);
                },
                row -> {
                    PatronRow patron = PatronRows.patron(row);
                    ValueRow meta =
                            new ValueRow(patron.id(), PatronField.META, row.getLong(9), RequiredColumn.bytes(row, 10));
                    patrons.add(StoredPatron.of(patron, List.of(meta)));
                });
        return KeysetScan.above(after, patrons, patron -> patron.id().number());
    }

    /** Returns some patrons that have values and no row. */
    public List<PatronId> orphans(int limit) {
        return Jdbc.wholeTable(
                handle,
                () -> handle.createQuery("SELECT DISTINCT patron FROM patron_value v"
                                + " WHERE NOT EXISTS (SELECT 1 FROM patron p WHERE p.id = v.patron) LIMIT :limit")
                        .bind("limit", limit)
                        .map((row, ctx) -> new PatronId(row.getLong(1)))
                        .list());
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
