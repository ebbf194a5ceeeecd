package org.patronvault.core.store.table;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.KeysetScan;
import org.patronvault.core.store.sql.PipelinedStatement;
import org.patronvault.core.store.sql.RequiredColumn;

/**
 * The tables of the access log: leaves, full tiles, head and checkpoints. Append-only except for the head, witness
 * signatures, and superseded checkpoints.
 */
public final class LogRows {

    /** A signed checkpoint and the size it covers. */
    public record CheckpointRow(long size, String note) {}

    private static final String ALL_LEAVES = "INSERT INTO access_log (idx, leaf) SELECT ? + n - 1, leaf"
            + " FROM unnest(?) WITH ORDINALITY AS leaves (leaf, n)";

    private static final int FETCHED = 1_000;

    private final Handle handle;
    private final Dialect dialect;

    LogRows(Handle handle, Dialect dialect) {
        this.handle = handle;
        this.dialect = dialect;
    }

    public Optional<LogHead> head() {
        String sql = "SELECT size, frontier FROM log_head WHERE one = 1";
        return Jdbc.first(handle, sql, statement -> {}, LogRows::head);
    }

    static LogHead head(ResultSet row) throws SQLException {
        return new LogHead(row.getLong(1), RequiredColumn.bytes(row, 2));
    }

    /** Creates the head of an empty log. */
    public void begin(LogHead head) {
        handle.createUpdate("INSERT INTO log_head (one, size, frontier) VALUES (1, :size, :frontier)")
                .bind("size", head.size())
                .bind("frontier", head.frontier())
                .execute();
    }

    /** Appends leaves from index {@code first} on and moves the head to {@code head}. */
    public void append(long first, List<byte[]> leaves, LogHead head) {
        PipelinedStatement turn = new PipelinedStatement(handle, dialect);
        if (dialect.takesArrays()) {
            turn.change(ALL_LEAVES, 2, (statement, next) -> {
                statement.setLong(next, first);
                statement.setArray(next + 1, Jdbc.array(statement, "bytea", leaves.toArray(byte[][]::new)));
            });
        } else {
            long[] index = {first};
            Jdbc.execute(handle, "INSERT INTO access_log (idx, leaf) VALUES (?, ?)", leaves, (statement, leaf) -> {
                statement.setLong(1, index[0]++);
                statement.setBytes(2, leaf);
            });
        }
        turn.change("UPDATE log_head SET size = ?, frontier = ? WHERE one = 1", 2, (statement, next) -> {
            statement.setLong(next, head.size());
            statement.setBytes(next + 1, head.frontier());
        });
        turn.run();
    }

    /** Returns the number of stored leaves, whatever the head says. */
    public long count() {
        return Jdbc.wholeTable(
                handle,
                () -> handle.createQuery("SELECT count(*) FROM access_log")
                        .mapTo(Long.class)
                        .one());
    }

    /** Returns the leaf at an index. */
    public Optional<byte[]> leaf(long index) {
        return handle.createQuery("SELECT leaf FROM access_log WHERE idx = :idx")
                .bind("idx", index)
                .map((row, ctx) -> RequiredColumn.bytes(row, 1))
                .findOne();
    }

    /** Passes on the leaves of indices {@code from} (inclusive) to {@code to} (exclusive), in order. */
    public void forEachLeaf(long from, long to, BiConsumer<Long, byte[]> action) {
        Jdbc.query(
                handle,
                "SELECT idx, leaf FROM access_log WHERE idx >= ? AND idx < ? ORDER BY idx",
                statement -> {
                    statement.setFetchSize(FETCHED);
                    statement.setLong(1, from);
                    statement.setLong(2, to);
                },
                row -> action.accept(row.getLong(1), RequiredColumn.bytes(row, 2)));
    }

    /**
     * Returns the newest entries below an index that look like alerts, newest first. Only their content shows whether
     * they are.
     */
    public List<Long> alerts(long before, int limit) {
        Query alerts = handle.createQuery("SELECT idx FROM access_log WHERE " + dialect.alert()
                        + " AND idx < :before ORDER BY idx DESC LIMIT :limit")
                .bind("before", before)
                .bind("limit", limit);
        return KeysetScan.below(before, alerts.mapTo(Long.class).list());
    }

    /** Indices, from the first to the last. */
    public record Range(long first, long last) {}

    /** Returns a range with all entries of that time, and others among them; empty if there are none. */
    public Optional<Range> stretch(byte[] since, byte[] until) {
        return Jdbc.first(
                        handle,
                        "SELECT min(idx), max(idx) FROM access_log"
                                + " WHERE substr(leaf, 7, 8) >= ? AND substr(leaf, 7, 8) < ?",
                        statement -> {
                            statement.setBytes(1, since);
                            statement.setBytes(2, until);
                        },
                        row -> new Range(row.getLong(1), row.getObject(2) == null ? -1 : row.getLong(2)))
                .filter(stretch -> stretch.last() >= 0);
    }

    /** Writes the unchanged head, so that a transaction that only reads is as durable as one that writes. */
    public void touchHead() {
        int unused = Jdbc.execute(handle, "UPDATE log_head SET size = size WHERE one = 1", statement -> {});
    }

    /** Stores the 256 hashes of a full tile. */
    public void putTile(int level, long position, byte[] hashes) {
        handle.createUpdate("INSERT INTO log_tile (level, position, hashes) VALUES (:level, :position, :hashes)")
                .bind("level", level)
                .bind("position", position)
                .bind("hashes", hashes)
                .execute();
    }

    /** Returns the 256 hashes of a full tile. */
    public Optional<byte[]> tile(int level, long position) {
        return handle.createQuery("SELECT hashes FROM log_tile WHERE level = :level AND position = :position")
                .bind("level", level)
                .bind("position", position)
                .map((row, ctx) -> RequiredColumn.bytes(row, 1))
                .findOne();
    }

    /** Stores a checkpoint. An existing one of that size stays. */
    public void putCheckpoint(CheckpointRow checkpoint) {
        handle.createUpdate("INSERT INTO log_checkpoint (size, note) VALUES (:size, :note) ON CONFLICT DO NOTHING")
                .bind("size", checkpoint.size())
                .bind("note", checkpoint.note())
                .execute();
    }

    /** Replaces the note of a checkpoint by a note with more signatures. */
    public void cosign(CheckpointRow checkpoint) {
        handle.createUpdate("UPDATE log_checkpoint SET note = :note WHERE size = :size")
                .bind("size", checkpoint.size())
                .bind("note", checkpoint.note())
                .execute();
    }

    /** Returns the note of the checkpoint of a size. */
    public Optional<String> checkpoint(long size) {
        return handle.createQuery("SELECT note FROM log_checkpoint WHERE size = :size")
                .bind("size", size)
                .map((row, ctx) -> RequiredColumn.text(row, 1))
                .findOne();
    }

    /** Returns the newest checkpoint. */
    public Optional<CheckpointRow> lastCheckpoint() {
        return newestCheckpoints(1).stream().findFirst();
    }

    /** Returns the newest checkpoints, newest first. */
    public List<CheckpointRow> newestCheckpoints(int limit) {
        return rows(handle.createQuery("SELECT size, note FROM log_checkpoint ORDER BY size DESC LIMIT :limit")
                .bind("limit", limit));
    }

    /** Returns all checkpoints, oldest first. */
    public List<CheckpointRow> checkpoints() {
        return rows(handle.createQuery("SELECT size, note FROM log_checkpoint ORDER BY size"));
    }

    /** Returns the first checkpoints above one size and below another, oldest first. */
    public List<CheckpointRow> checkpointsBetween(long above, long below, int limit) {
        Query between = handle.createQuery("SELECT size, note FROM log_checkpoint WHERE size > :above AND size < :below"
                        + " ORDER BY size LIMIT :limit")
                .bind("above", above)
                .bind("below", below)
                .bind("limit", limit);
        return KeysetScan.above(above, rows(between), CheckpointRow::size);
    }

    /** Returns the checkpoints with a line, other than the first, that begins so, oldest first. */
    public List<CheckpointRow> checkpointsWith(String beginning) {
        String sql = "SELECT size, note FROM log_checkpoint WHERE note LIKE :line ORDER BY size";
        return Jdbc.wholeTable(handle, () -> rows(handle.createQuery(sql).bind("line", "%\n" + beginning + "%")));
    }

    /** Removes checkpoints, each only if it is still as it was read. */
    public void removeCheckpoints(List<CheckpointRow> checkpoints) {
        Jdbc.execute(
                handle,
                "DELETE FROM log_checkpoint WHERE size = ? AND note = ?",
                checkpoints,
                (statement, checkpoint) -> {
                    statement.setLong(1, checkpoint.size());
                    statement.setString(2, checkpoint.note());
                });
    }

    private static List<CheckpointRow> rows(Query query) {
        return query.map((row, ctx) -> new CheckpointRow(row.getLong(1), RequiredColumn.text(row, 2)))
                .list();
    }
}
