package org.patronvault.core.store.table;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.RowView;
import org.patronvault.core.store.sql.CiphertextColumns;
import org.patronvault.core.store.sql.KeysetScan;
import org.patronvault.core.store.sql.RequiredColumn;

/** The table {@code case_cell} of disclosure cases. */
public final class CaseRows {

    /**
     * The sealed content of a case.
     *
     * @param generation which write of it this is, from 1
     */
    public record Cell(long id, long generation, byte[] envelope) {}

    private final Handle handle;

    CaseRows(Handle handle) {
        this.handle = handle;
    }

    private static Cell cell(RowView row) {
        return new Cell(
                row.getColumn("id", Long.class),
                row.getColumn("generation", Long.class),
                row.getColumn("envelope", byte[].class));
    }

    /** Returns the cell of that number. */
    public Optional<Cell> find(long id) {
        return handle.createQuery("SELECT id, generation, envelope FROM case_cell WHERE id = :id")
                .bind("id", id)
                .reduceRows(Optional.<Cell>empty(), (none, row) -> Optional.of(cell(row)));
    }

    /** Adds the first write of a cell. Returns false if the number is taken. */
    public boolean insert(Cell first) {
        return handle.createUpdate("INSERT INTO case_cell (id, generation, envelope)"
                                + " VALUES (:id, :generation, :envelope) ON CONFLICT DO NOTHING")
                        .bind("id", first.id())
                        .bind("generation", first.generation())
                        .bind("envelope", CiphertextColumns.envelope(first.envelope()))
                        .execute()
                == 1;
    }

    /** Replaces a cell by its next write. Returns false if the previous write is not the newest any more. */
    public boolean replace(Cell next) {
        return handle.createUpdate("UPDATE case_cell SET generation = :generation, envelope = :envelope"
                                + " WHERE id = :id AND generation = :generation - 1")
                        .bind("id", next.id())
                        .bind("generation", next.generation())
                        .bind("envelope", CiphertextColumns.envelope(next.envelope()))
                        .execute()
                == 1;
    }

    /** Removes a cell. Returns false if that write is not the newest any more. */
    public boolean delete(long id, long generation) {
        return handle.createUpdate("DELETE FROM case_cell WHERE id = :id AND generation = :generation")
                        .bind("id", id)
                        .bind("generation", generation)
                        .execute()
                == 1;
    }

    /** Returns the number of cells. */
    public long count() {
        return handle.createQuery("SELECT count(*) FROM case_cell")
                .mapTo(Long.class)
                .one();
    }

    /** Returns the KEK versions that encrypt cells, ascending. */
    public List<Integer> versions() {
        return handle.createQuery("SELECT DISTINCT substr(envelope, 2, 4) FROM case_cell ORDER BY 1")
                .map((row, ctx) -> WrapRows.kekVersion(RequiredColumn.bytes(row, 1)))
                .list();
    }

    /** Returns the number of cells under a KEK version. */
    public long count(int kekVersion) {
        return handle.createQuery("SELECT count(*) FROM case_cell WHERE substr(envelope, 2, 4) = :kek")
                .bind("kek", WrapRows.kekVersionBytes(kekVersion))
                .mapTo(Long.class)
                .one();
    }

    /** Returns up to {@code limit} cells under other KEK versions, with a number above {@code after}, in order. */
    public List<Cell> notUnder(int kekVersion, long after, int limit) {
        List<Cell> cells = handle.createQuery("SELECT id, generation, envelope FROM case_cell"
                        + " WHERE substr(envelope, 2, 4) <> :kek AND id > :after ORDER BY id LIMIT :limit")
                .bind("kek", WrapRows.kekVersionBytes(kekVersion))
                .bind("after", after)
                .bind("limit", limit)
                .reduceRows(new ArrayList<>(), (all, row) -> {
                    all.add(cell(row));
                    return all;
                });
        return KeysetScan.above(after, cells, Cell::id);
    }

    /** Replaces an envelope by its rewrap, if generation and KEK version are still as read. */
    public boolean rewrap(Cell read, byte[] envelope) {
        return handle.createUpdate("UPDATE case_cell SET envelope = :envelope"
                                + " WHERE id = :id AND generation = :generation AND substr(envelope, 2, 4) = :kek")
                        .bind("envelope", CiphertextColumns.envelope(envelope))
                        .bind("id", read.id())
                        .bind("generation", read.generation())
                        .bind("kek", Arrays.copyOfRange(read.envelope(), 1, 5))
                        .execute()
                == 1;
    }
}
