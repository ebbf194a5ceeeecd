package org.patronvault.core.log.tree;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.patronvault.core.store.table.LogHead;
import org.patronvault.core.store.table.LogRows.CheckpointRow;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.Tile;

/** The log in a database, as a source to verify. */
record StoredLog(Tx tx) implements LogSource {

    @Override
    public String vaultId() {
        return tx.fact("vault").orElse("");
    }

    @Override
    public long size() {
        return tx.log().head().map(LogHead::size).orElse(0L);
    }

    @Override
    public Optional<byte[]> leaf(long index) {
        return tx.log().leaf(index);
    }

    @Override
    public void forEachLeaf(BiConsumer<Long, byte[]> action, Findings findings) {
        tx.log().forEachLeaf(Long.MIN_VALUE, Long.MAX_VALUE, action);
    }

    @Override
    public List<CheckpointRow> checkpoints() {
        return tx.log().checkpoints();
    }

    @Override
    public Optional<byte[]> tile(Tile tile) {
        return tx.log().tile(tile.level(), tile.index());
    }

    /** Returns no partial tile, since they are computed, and not kept. */
    @Override
    public List<Tile> partialTiles(long size) {
        return List.of();
    }

    @Override
    public void checkEnd(Frontier frontier, Findings findings) {
        Optional<LogHead> head = tx.log().head();
        if (head.isEmpty()) {
            findings.found(0, "head-missing");
        } else if (head.get().size() != frontier.size()) {
            findings.found(Math.min(head.get().size(), frontier.size()), "head-differs");
        } else if (!Arrays.equals(head.get().frontier(), frontier.encode())) {
            findings.found(Math.max(0, frontier.size() - 1), "leaf-changed");
        }
    }
}
