package org.patronvault.core.log.tree;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.StoredTiles;
import org.patronvault.core.log.read.TileRoots;
import org.patronvault.core.log.tree.LogAnchor.Known;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.LogHead;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.tlog.MerkleHash;
import org.patronvault.core.tlog.Proofs;

/**
 * The comparison of the database's log with what is known of it elsewhere: in {@code node/head}, or if that is missing
 * in the checkpoint in {@code published/}. Safe for use by many threads.
 */
public final class LogComparison {
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
     * Reads ahead, without keys, the hashes that {@link #difference} compares. A log of a million entries needs
     * thousands, in a process that has computed none yet. This reports no fault in them, since {@link #difference}
     * does.
     *
     * @param keys waits until they are open; if it says that they are not, the hashes are forgotten
     */
    public boolean readAhead(Supplier<Boolean> keys) {
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
            // A changed database can cause any of these.
            ahead.forget();
        }
    }

    /** Runs a comparison with the hashes that were read ahead, if any. Afterwards the hashes are forgotten. */
    public void comparing(Runnable all) {
        try {
            all.run();
        } finally {
            ahead.forget();
        }
    }

    /**
     * Returns how the database's log fails to extend the known tree and the published checkpoint. Empty if it extends
     * both. The known tree is the given one, or the anchor's.
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

    /** Returns the state that the log was last compared with. */
    public Known known() {
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

    /** Whether the log extends the checkpoint that is published here, if there is one. */
    boolean extendsPublished() {
        return shown().flatMap(this::difference).isEmpty();
    }

    /** Keeps a copy of a published checkpoint that the log does not extend, so that another can take its place. */
    public void keepPublished() {
        if (!extendsPublished()) {
            shown().ifPresent(checkpoint -> published.keepBeside(checkpoint.size()));
        }
    }

    /**
     * Returns how the log fails to begin with the tree of that size and root. Empty if it does. In {@link #comparing}.
     */
    public Optional<String> difference(long size, byte[] root) {
        return store.read(tx -> difference(tx, size, root, ahead));
    }

    /** Returns how the log in a snapshot fails to begin with the tree of that size and root. Empty if it does. */
    public static Optional<String> difference(Tx tx, long size, byte[] root) {
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

    public static Refused changed(String how) {
        return new Refused(
                Problem.KEYS_REFUSED,
                "The access log in the database " + how
                        + ". Run `log verify`, and put back the database that belongs to this home; if that is lost, two"
                        + " custodians can take this one by `log accept`.");
    }
}
