package org.patronvault.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.RowView;

/** The table {@code case_cell}. */
public final class CaseRows {

    /**
     * What is known of a case, sealed.
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

    /** The cell of that number. */
    public Optional<Cell> find(long id) {
        return handle.createQuery("SELECT id, generation, envelope FROM case_cell WHERE id = :id")
                .bind("id", id)
                .reduceRows(Optional.<Cell>empty(), (none, row) -> Optional.of(cell(row)));
    }

    /** Adds the first write of a cell; false if the number is taken. */
    public boolean insert(Cell first) {
        return handle.createUpdate("INSERT INTO case_cell (id, generation, envelope)"
                                + " VALUES (:id, :generation, :envelope) ON CONFLICT DO NOTHING")
                        .bind("id", first.id())
                        .bind("generation", first.generation())
                        .bind("envelope", CiphertextColumns.envelope(first.envelope()))
                        .execute()
                == 1;
    }

    /** Puts the next write in place of the one before; false if that is not the newest any more. */
    public boolean replace(Cell next) {
        return handle.createUpdate("UPDATE case_cell SET generation = :generation, envelope = :envelope"
                                + " WHERE id = :id AND generation = :generation - 1")
                        .bind("id", next.id())
                        .bind("generation", next.generation())
                        .bind("envelope", CiphertextColumns.envelope(next.envelope()))
                        .execute()
                == 1;
    }

    /** Removes a cell; false if that write is not the newest any more. */
    public boolean delete(long id, long generation) {
        return handle.createUpdate("DELETE FROM case_cell WHERE id = :id AND generation = :generation")
                        .bind("id", id)
                        .bind("generation", generation)
                        .execute()
                == 1;
    }

    /** How many there are. */
    public long count() {
        return handle.createQuery("SELECT count(*) FROM case_cell")
                .mapTo(Long.class)
                .one();
    }

    /** The KEK versions that cells hang on, ascending. */
    public List<Integer> versions() {
        return handle.createQuery("SELECT DISTINCT substr(envelope, 2, 4) FROM case_cell ORDER BY 1")
                .map((row, ctx) -> WrapRows.kekVersion(RequiredColumn.bytes(row, 1)))
                .list();
    }

    /** How many hang on that KEK version. */
    public long count(int kekVersion) {
        return handle.createQuery("SELECT count(*) FROM case_cell WHERE substr(envelope, 2, 4) = :kek")
                .bind("kek", WrapRows.kekVersionBytes(kekVersion))
                .mapTo(Long.class)
                .one();
    }

    /** Up to {@code limit} cells that hang on another KEK version, with a number above {@code after}, in order. */
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

    /** Puts the envelope under another KEK version in place, if generation and KEK version are still what was read. */
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
