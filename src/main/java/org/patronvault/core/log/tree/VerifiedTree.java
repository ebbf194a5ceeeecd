package org.patronvault.core.log.tree;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.StoredTiles;
import org.patronvault.core.log.tree.LogAnchor.Known;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.LogHead;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MerkleHash;

/**
 * This node's own Merkle tree, in memory and in {@code node/head}. It holds the leaves that this process appended, and
 * those of other nodes that it read back and hashed. The node signs only this tree, and appends only to it. Safe for
 * use by many threads.
 */
public final class VerifiedTree implements AutoCloseable {
    private static final long CHUNK = 4_096;

    private final Store store;
    private final KeyCustody custody;
    private final LogAnchor anchor;
    private final LogComparison comparison;
    private Frontier verified = Frontier.empty();

    /** The tree after the current transaction, and the slot to write once it is committed. */
    private Optional<Frontier> pending = Optional.empty();

    private Optional<byte[]> pendingSlot = Optional.empty();

    /** The number of entries that the database was seen to have, durably. */
    private long seen;

    /** Whether each commit moves the tree. Before the first comparison there is no known tree to move. */
    private boolean following;

    public VerifiedTree(Store store, KeyCustody custody, Path node, Path published) {
        this.store = store;
        this.custody = custody;
        this.anchor = new LogAnchor(node, custody);
        this.comparison = new LogComparison(store, custody, anchor, new PublishedLog(published));
    }

    /** Returns the comparison of the database's log with everything this node knows. */
    public LogComparison comparison() {
        return comparison;
    }

    /**
     * Loads the tree this node knew, and follows the database from there.
     *
     * @throws Refused if the database's log is shorter than, or differs from, what this node has seen or published
     */
    public void resume() {
        difference().ifPresent(how -> {
            throw LogComparison.changed(how);
        });
        try {
            Frontier unused = follow();
        } catch (IntegrityException e) {
            throw LogComparison.changed("does not add up to its own head");
        }
    }

    /** Makes each commit move the tree from now on, and writes the tree's size. */
    public void begin() {
        store.write(tx -> {
            Frontier now = readOn(tx, copy(), head(tx));
            synchronized (this) {
                verified = now;
                pending = Optional.empty();
                UnsealedKeys keys = custody.keys();
                anchor.begin(LogAnchor.sealed(new Known(now, seen, keys), keys));
                following = true;
            }
            return now;
        });
    }

    /**
     * Returns how the database's log differs, as {@link LogComparison} does. If it does not, this loads the known tree.
     */
    public synchronized Optional<String> difference() {
        Optional<Known> own = Optional.of(verified)
                .filter(tree -> tree.size() > 0)
                .map(tree -> new Known(tree, seen, custody.keys()));
        Optional<String> differs = comparison.differenceFrom(own);
        if (differs.isEmpty() && own.isEmpty()) {
            verified = at(comparison.known().size());
        }
        return differs;
    }

    /** Returns the tree of a size, once all of it was followed. */
    public Frontier at(long size) {
        return store.read(tx -> Frontier.at(size, StoredTiles.reader(tx, size)));
    }

    /** Forgets the tree this node knew. {@link #follow} reads the database's log from its first leaf. */
    public synchronized void relearn() {
        verified = Frontier.empty();
        seen = 0;
        following = false;
    }

    private synchronized Frontier copy() {
        return verified.copy();
    }

    private synchronized boolean isAlone() {
        return following && store.isOfOneProcess();
    }

    /**
     * Returns the current tree, with all entries in the database. It never takes a tree that the database merely shows.
     */
    public Frontier follow() {
        return isAlone() ? own() : readBack();
    }

    /** Returns the own tree if no other node appends: the database's log is as this process left it, or is about to. */
    private Frontier own() {
        Frontier before = copy();
        LogHead head = store.read(VerifiedTree::head);
        synchronized (this) {
            Frontier after = pending.orElse(verified);
            if (head.size() < before.size()
                    || head.size() > after.size()
                    || (head.size() == before.size() && !isAt(before, head))
                    || (head.size() == after.size() && !isAt(after, head))) {
                throw notOurs();
            }
            return verified.copy();
        }
    }

    private static boolean isAt(Frontier tree, LogHead head) {
        return Arrays.equals(tree.encode(), head.frontier());
    }

    private static IntegrityException notOurs() {
        return new IntegrityException("log head: not where this node left it");
    }

    private Frontier readBack() {
        Frontier before = copy();
        Optional<LogHead> settled = settled();
        settled.ifPresent(head -> anchor(before, head.size()));
        Frontier next = copy();
        if (settled.filter(head -> head.size() >= before.size() && head.size() < next.size())
                .isPresent()) {
            // This node has appended more since then.
            return next;
        }
        LogHead head;
        do {
            head = store.read(tx -> {
                LogHead now = settled.orElseGet(() -> head(tx));
                read(tx, next, Math.min(now.size(), next.size() + CHUNK));
                return now;
            });
        } while (next.size() != head.size());
        if (!isAt(next, head)) {
            throw new IntegrityException("log head: differs from the leaves");
        }
        anchor(next, head.size());
        return next;
    }

    /** Moves the tree to {@code next}, unless it is further already, and writes the size that was seen. */
    private synchronized void anchor(Frontier next, long shown) {
        boolean isNews = shown > seen || next.size() > verified.size();
        seen = Math.max(seen, shown);
        Frontier newest = next.size() > verified.size() ? next : verified;
        if (isNews) {
            move(newest, keys().map(keys -> LogAnchor.sealed(new Known(newest, seen, keys), keys)));
        }
    }

    private static void read(Tx tx, Frontier next, long to) {
        if (next.size() == to) {
            return;
        }
        tx.log().forEachLeaf(next.size(), to, (index, leaf) -> {
            if (index != next.size()) {
                throw new IntegrityException("log: leaf missing");
            }
            next.append(MerkleHash.leaf(leaf));
        });
        if (next.size() != to) {
            throw new IntegrityException("log: leaf missing");
        }
    }

    /**
     * Returns how far to follow. In a replicated database, the state at an own commit is on the replicas too. A primary
     * that crashed and came back may show entries that were never copied. If these were signed and the primary lost,
     * they would be missed.
     */
    private Optional<LogHead> settled() {
        if (store.isOfOneProcess()) {
            return Optional.empty();
        }
        LogHead shown = store.read(VerifiedTree::head);
        if (shown.size() <= copy().size()) {
            return Optional.of(shown);
        }
        return Optional.of(store.write(tx -> {
            tx.log().touchHead();
            return head(tx);
        }));
    }

    private static LogHead head(Tx tx) {
        return tx.log().head().orElseThrow(() -> new IntegrityException("log head: missing"));
    }

    /**
     * Returns the tree that a batch appends to, under the log's lock: this node's tree, with the entries of other nodes
     * read and hashed.
     *
     * @throws IntegrityException if the log is shorter than this node's tree, or another
     */
    public Frontier before(WriteTx tx, LogHead head) {
        Frontier own;
        synchronized (this) {
            if (!following) {
                return LogReader.tree(head);
            }
            // A commit of unknown outcome may have ended after all.
            own = pending.filter(next -> isAt(next, head)).orElse(verified).copy();
            pending = Optional.empty();
        }
        if (store.isOfOneProcess() && head.size() != own.size()) {
            throw notOurs();
        }
        return readOn(tx, own, head);
    }

    private static Frontier readOn(WriteTx tx, Frontier from, LogHead head) {
        read(tx, from, head.size());
        if (!isAt(from, head)) {
            throw notOurs();
        }
        return from;
    }

    /**
     * Returns the keys to make the anchor with. While sealed there are none, nothing is opened, and the next opening
     * moves the anchor.
     */
    public Optional<UnsealedKeys> keys() {
        try {
            return Optional.of(custody.keys());
        } catch (Refused e) {
            return Optional.empty();
        }
    }

    /** Records the tree after a transaction, before the commit. */
    public synchronized void expect(Frontier next, Optional<UnsealedKeys> keys) {
        if (following) {
            pending = Optional.of(next.copy());
            pendingSlot = keys.map(open -> LogAnchor.sealed(new Known(next, seen, open), open));
        }
    }

    /** Moves to the recorded tree after the commit, and writes the anchor before any caller is answered. */
    public synchronized void committed() {
        pending.ifPresent(next -> move(next, pendingSlot));
        pending = Optional.empty();
    }

    private void move(Frontier next, Optional<byte[]> slot) {
        verified = next.copy();
        if (following) {
            slot.ifPresent(anchor::write);
        }
    }

    /** Forces the anchor to disk. */
    synchronized void sync() {
        anchor.sync();
    }

    @Override
    public synchronized void close() {
        following = false;
        anchor.sync();
        anchor.close();
    }
}
