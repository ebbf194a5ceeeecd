package org.patronvault.core.store.table;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.RequiredColumn;

/** The table {@code log_view}: the sealed pages of the view by patron. Page 0 makes a block exist. */
public final class ViewRows {

    /** A block that exists, with its page 0. */
    public record Block(long first, int month, byte[] sealed) {}

    private static final String BLOCKS = "SELECT first, month, sealed FROM log_view WHERE page = 0";

    private final Handle handle;

    ViewRows(Handle handle) {
        this.handle = handle;
    }

    /** Returns all blocks, in the order of the log. */
    public List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        Jdbc.query(handle, BLOCKS + " ORDER BY first", statement -> {}, row -> blocks.add(block(row)));
        return blocks;
    }

    /** Returns the block that begins at an entry, if it exists. */
    public Optional<Block> block(long first) {
        return Jdbc.first(handle, BLOCKS + " AND first = ?", statement -> statement.setLong(1, first), ViewRows::block);
    }

    private static Block block(ResultSet row) throws SQLException {
        return new Block(row.getLong(1), row.getInt(2), RequiredColumn.bytes(row, 3));
    }

    /** Passes on the pages of a block from one number to another, inclusive, that are there, in order. */
    public void forEachPage(long first, int from, int to, BiConsumer<Integer, byte[]> action) {
        Jdbc.query(
                handle,
                "SELECT page, sealed FROM log_view WHERE first = ? AND page BETWEEN ? AND ? ORDER BY page",
                statement -> {
                    statement.setLong(1, first);
                    statement.setInt(2, from);
                    statement.setInt(3, to);
                },
                row -> action.accept(row.getInt(1), RequiredColumn.bytes(row, 2)));
    }

    /** Returns how many pages of a block are there. */
    public int count(long first) {
        return handle.createQuery("SELECT count(*) FROM log_view WHERE first = :first")
                .bind("first", first)
                .mapTo(Integer.class)
                .one();
    }

    /** Adds pages of a block, numbered from {@code from}. */
    public void add(long first, int month, int from, List<byte[]> pages) {
        int unused = Jdbc.execute(
                handle,
                "INSERT INTO log_view (first, page, month, sealed) VALUES (?, ?, ?, ?)",
                IntStream.range(0, pages.size()).boxed().toList(),
                (statement, i) -> {
                    statement.setLong(1, first);
                    statement.setInt(2, from + i);
                    statement.setInt(3, month);
                    statement.setBytes(4, pages.get(i));
                });
    }

    /** Deletes all pages of a block. */
    public void delete(long first) {
        int unused =
                Jdbc.execute(handle, "DELETE FROM log_view WHERE first = ?", statement -> statement.setLong(1, first));
    }

    /** Deletes all blocks. */
    public void clear() {
        int unused = Jdbc.execute(handle, "DELETE FROM log_view", statement -> {});
    }
}
