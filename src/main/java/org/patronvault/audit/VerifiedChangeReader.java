package org.patronvault.audit;

import java.util.Arrays;
import java.util.function.Consumer;
import org.patronvault.model.IntegrityException;
import org.patronvault.store.LogHead;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.tlog.Frontier;
import org.patronvault.tlog.MerkleHash;

/**
 * Reads on in the log who was written or erased, and hashes each leaf of it as it is read: for whoever believes what it
 * says for good. That the log was verified does not do, since somebody who can write into the database may change a leaf
 * for just as long as it is read. For one thread.
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

    /** From entry {@code from} on; what comes before it is believed of the stored tiles until {@link #readOn} returns. */
    static VerifiedChangeReader from(long from, Store store, LogReader reader, VerifiedTree tree) {
        return new VerifiedChangeReader(
                store, reader, tree, store.read(tx -> Frontier.at(from, StoredTiles.reader(tx, from))));
    }

    /** The tree that it is bound to: what this node has itself hashed, as far as the log goes now. */
    Frontier own() {
        return tree.follow();
    }

    /** The tree of what was read so far. */
    Frontier read() {
        return read.copy();
    }

    /** Another that goes on from here. */
    public VerifiedChangeReader copy() {
        return new VerifiedChangeReader(store, reader, tree, read.copy());
    }

    /**
     * Reads until so little is left that a unit may read it under the lock of the log.
     *
     * @param then takes each page before it is known that it is true
     * @throws IntegrityException if what was read is not what this node has itself hashed
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
     * Reads to the end of the log as that snapshot shows it.
     *
     * @throws IntegrityException if what was read is not the log whose head the snapshot shows
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
