package org.patronvault.audit;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.audit.LogAnchor.Known;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.LogHead;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.tlog.MerkleHash;
import org.patronvault.tlog.Proofs;

/**
 * Compares the database's log with what is known of it elsewhere: in {@code node/head}, and where that is missing in the
 * checkpoint in {@code published/}. Safe for use by many threads.
 */
final class LogComparison {
    private static final Known NOTHING = new Known(0, 0, 0, MerkleHash.emptyRoot());

    private final Store store;
    private final KeyCustody custody;
    private final LogAnchor anchor;
    private final PublishedLog published;
    private final TileRoots ahead = new TileRoots();
    private volatile Known known = NOTHING;

    LogComparison(Store store, KeyCustody custody, LogAnchor anchor, PublishedLog published) {
        this.store = store;
        this.custody = custody;
        this.anchor = anchor;
        this.published = published;
    }

    /**
     * Reads ahead, without keys, what {@link #difference} compares with what this node knew: of a log of a million entries
     * thousands of hashes, in a process that has made none yet. What is wrong with them is for that to find.
     *
     * @param keys waits until they are open; if it says that they are not, what was read is forgotten
     */
    boolean readAhead(Supplier<Boolean> keys) {
        boolean opened = false;
        try {
            readAhead();
            opened = keys.get();
            return opened;
        } finally {
            if (!opened) {
                ahead.forget();
            }
        }
    }

    private void readAhead() {
        try {
            byte[] unused = store.read(tx -> {
                long size = tx.log().head().map(LogHead::size).orElse(0L);
                return Proofs.root(size, StoredTiles.reader(tx, size, ahead));
            });
        } catch (RuntimeException e) {
            // Whatever a database that is not as it was makes of it.
            ahead.forget();
        }
    }

    /** Compares with what was read ahead, if anything was; whatever comes of it, the database is asked again after that. */
    void comparing(Runnable all) {
        try {
            all.run();
        } finally {
            ahead.forget();
        }
    }

    /**
     * How the database's log is not one that goes on from what is known, if it is not: from that tree, or if this process
     * has none from the anchor; and from what was published.
     */
    Optional<String> differenceFrom(Optional<Known> tree) {
        Optional<Known> own = tree.or(anchor::read);
        Optional<Known> shown = shown();
        known = own.or(() -> shown).orElse(NOTHING);
        if (known.size() == 0 && store.read(LogReader::size) > 0) {
            return Optional.of("cannot be compared with anything, since node/head and published/checkpoint are missing."
                    + " On a new node copy published/ from another one");
        }
        return difference(known).or(() -> shown.flatMap(this::difference));
    }

    /** What the log was compared with last. */
    Known known() {
        return known;
    }

    private Optional<Known> shown() {
        return published
                .newest(custody.keys())
                .map(checkpoint -> new Known(checkpoint.size(), checkpoint.size(), 0, checkpoint.root()));
    }

    private Optional<String> difference(Known one) {
        long size = store.read(LogReader::size);
        return size < one.seen() ? Optional.of(shorter(size, one.seen())) : difference(one.size(), one.root());
    }

    /** Whether the log goes on from the checkpoint that is published here, if one is. */
    boolean extendsPublished() {
        return shown().flatMap(this::difference).isEmpty();
    }

    /** Keeps beside what is published here and the log does not go on from, so that another checkpoint has its place. */
    void keepPublished() {
        if (!extendsPublished()) {
            shown().ifPresent(checkpoint -> published.keepBeside(checkpoint.size()));
        }
    }

    /** How the database's log does not begin with the tree of that size and root, if it does not; in {@link #comparing}. */
    Optional<String> difference(long size, byte[] root) {
        return store.read(tx -> difference(tx, size, root, ahead));
    }

    /** The same in that snapshot, by what stands in it. */
    static Optional<String> difference(Tx tx, long size, byte[] root) {
        return difference(tx, size, root, new TileRoots());
    }

    private static Optional<String> difference(Tx tx, long known, byte[] root, TileRoots roots) {
        long size = LogReader.size(tx);
        if (size < known) {
            return Optional.of(shorter(size, known));
        }
        try {
            boolean same = known == 0 || Arrays.equals(Proofs.root(known, StoredTiles.reader(tx, known, roots)), root);
            return same ? Optional.empty() : Optional.of("is not the one this node has seen");
        } catch (IntegrityException e) {
            return Optional.of("has gaps");
        }
    }

    private static String shorter(long size, long known) {
        return "is shorter than what this node has seen (" + size + " entries, and " + known + " were there)";
    }

    static Refused changed(String how) {
        return new Refused(
                Problem.KEYS_REFUSED,
                "The access log in the database " + how
                        + ". Run `log verify`, and put back the database that belongs to this home; if that is lost, two"
                        + " custodians can take this one by `log accept`.");
    }
}
