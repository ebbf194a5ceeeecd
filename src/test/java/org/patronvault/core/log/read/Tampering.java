package org.patronvault.core.log.read;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.patronvault.core.log.LogTestVault;
import org.patronvault.core.store.table.LogHead;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MerkleHash;

/** An attacker who can write the database file of a vault, and knows how the log is made. */
public final class Tampering implements AutoCloseable {
    private final LogTestVault vault;
    private final Connection connection;

    public Tampering(LogTestVault vault) throws SQLException {
        this.vault = vault;
        // Tampering needs no durability, and it makes thousands of changes.
        String url = vault.settings.jdbcUrl();
        this.connection = DriverManager.getConnection(url.startsWith("jdbc:sqlite:") ? url + "?synchronous=OFF" : url);
    }

    /** Runs one statement with byte strings and numbers bound in order. Returns how many rows it changed. */
    public int run(String sql, Object... bound) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < bound.length; i++) {
                statement.setObject(i + 1, bound[i]);
            }
            return statement.executeUpdate();
        }
    }

    public List<byte[]> leaves() {
        List<byte[]> leaves = new ArrayList<>();
        vault.store.read(tx -> {
            tx.log().forEachLeaf(0, Long.MAX_VALUE, (index, leaf) -> leaves.add(leaf));
            return null;
        });
        return leaves;
    }

    public void setLeaf(long index, byte[] leaf) throws SQLException {
        run("UPDATE access_log SET leaf = ? WHERE idx = ?", leaf, index);
    }

    /** Replaces this log by another whole log, with tiles and head that fit it, and no checkpoint above its size. */
    public void rewrite(List<byte[]> leaves) throws SQLException {
        run("DELETE FROM access_log");
        run("DELETE FROM log_tile");
        run("DELETE FROM log_checkpoint WHERE size > ?", leaves.size());
        Frontier frontier = Frontier.empty();
        leaves.forEach(leaf -> frontier.append(MerkleHash.leaf(leaf)));
        vault.store.write(tx -> {
            tx.log().append(0, leaves, new LogHead(frontier.size(), frontier.encode()));
            StoredTiles.complete(tx, 0, frontier.size());
            return null;
        });
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
