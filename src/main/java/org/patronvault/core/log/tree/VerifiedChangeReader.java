package org.patronvault.core.log.tree;

import java.util.Arrays;
import java.util.function.Consumer;
import org.patronvault.core.log.read.LogChanges;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.StoredTiles;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.LogHead;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MerkleHash;

/**
 * A reader of written and erased patrons that hashes each leaf as it reads it. It serves callers that rely on the
 * result for good. An earlier verification is not enough: an attacker who can write to the database may change a leaf
 * just while it is read. For one thread.
 */
public final class VerifiedChangeReader {
    private static final int FEW = 2 * LogReader.MAX_ENTRIES;

    private final Store store;
    private final LogReader reader;
    private final VerifiedTree tree;
    private Frontier read;

    private VerifiedChangeReader(Store store, LogReader reader, VerifiedTree tree, Frontier read) {
        this.store = store;
        this.reader = reader;
        this.tree = tree;
        this.read = read;
    }

    /**
     * Returns a reader from entry {@code from} on. The stored tiles before it are trusted until {@link #readOn}
     * returns.
     */
    public static VerifiedChangeReader from(long from, Store store, LogReader reader, VerifiedTree tree) {
        return new VerifiedChangeReader(
                store, reader, tree, store.read(tx -> Frontier.at(from, StoredTiles.reader(tx, from))));
    }

    /** Returns the tree to check against: this node's own tree, up to the log's current end. */
    public Frontier own() {
        return tree.follow();
    }

    /** Returns the tree of the entries read so far. */
    public Frontier read() {
        return read.copy();
    }

    /** Returns a second reader that goes on from here. */
    public VerifiedChangeReader copy() {
        return new VerifiedChangeReader(store, reader, tree, read.copy());
    }

    /**
     * Reads until so little is left that an act may read it under the lock of the log.
     *
     * @param then takes each page before it is known that it is true
     * @throws IntegrityException if the entries read are not what this node has itself hashed
     */
    public void readOn(Consumer<LogChanges> then) {
        do {
            Frontier own = tree.follow();
            while (read.size() < own.size()) {
                then.accept(store.read(tx -> next(tx, own.size())));
            }
            require(own.encode());
        } while (reader.size() - read.size() > FEW);
    }

    /**
     * Reads to the end of the log in a snapshot.
     *
     * @throws IntegrityException if the entries read are not the log whose head the snapshot shows
     */
    public void catchUp(Tx tx, Consumer<LogChanges> then) {
        LogHead head = tx.log().head().orElseThrow(() -> new IntegrityException("log head: missing"));
        while (read.size() < head.size()) {
            then.accept(next(tx, head.size()));
        }
        require(head.frontier());
    }

    private LogChanges next(Tx tx, long to) {
        Frontier on = read.copy();
        LogChanges page = reader.changes(tx, on.size(), to, leaf -> on.append(MerkleHash.leaf(leaf)));
        if (on.size() != page.next()) {
            throw LogReader.missing();
        }
        read = on;
        return page;
    }

    private void require(byte[] frontier) {
        if (!Arrays.equals(read.encode(), frontier)) {
            throw new IntegrityException("log: not as it was");
        }
    }
}
