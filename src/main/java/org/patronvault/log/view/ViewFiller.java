package org.patronvault.log.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.DaemonThreads;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.RingFreshnessCheck;
import org.patronvault.core.log.read.StoredTiles;
import org.patronvault.core.log.read.TileRoots;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.ViewRows;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MerkleHash;
import org.patronvault.core.tlog.Proofs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A background task that reads the log for the view by patron, and writes a block for each complete stretch. It also
 * deletes blocks of forgotten months, and writes damaged blocks again. Its thread rests longer than it works.
 *
 * <p>It reads in short snapshots and writes in short transactions, so that callers waiting for the log's lock do not
 * notice. With several nodes, a block is left to the node whose pages are there already. Nodes that write one block at
 * the same time write the same pairs, so this only saves double work.
 */
public final class ViewFiller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ViewFiller.class);

    /** The entries of a block. They are many, so that its size shows nothing of one entry. */
    private static final int ENTRIES = 65_536;

    private static final int LEAVES_AT_ONCE = 4_096;
    private static final int PAGES_AT_ONCE = 32;
    private static final int SECONDS = 5;

    /** Rests for each unit of work. Nobody waits for the view, but somebody may wait for a busy vault. */
    private static final int RESTS = 3;

    /** The time without a new page after which another node's block is taken over. */
    private static final long LEFT_NANOS = TimeUnit.SECONDS.toNanos(20);

    /**
     * A block that is being written.
     *
     * @param left how many pages another process left of it
     * @param next the next page; page 0 is the last
     */
    private record PendingBlock(LogStretch stretch, int month, List<byte[]> pages, int left, int next) {}

    /** The pages of another node's block, when their number was first seen. */
    private record OthersPages(long first, int pages, long atNanos) {}

    private final PatronView view;
    private final Store store;
    private final KeyCustody custody;
    private final AuditLog log;
    private final int entries;
    private final LongSupplier nanoTime;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(DaemonThreads.daemon("vault-view"));
    private final CountDownLatch stop = new CountDownLatch(1);
    private final TileRoots roots = new TileRoots();
    private long stoppedAt = -1;
    private Optional<PendingBlock> pending = Optional.empty();
    private OthersPages others = new OthersPages(-1, 0, 0);

    /** Creates a filler that does nothing before it is {@link #begin begun}. */
    public ViewFiller(PatronView view, AuditLog log) {
        this(view, log, ENTRIES, System::nanoTime);
    }

    /** Creates a filler of blocks with that many entries. */
    ViewFiller(PatronView view, AuditLog log, int entries, LongSupplier nanoTime) {
        this.view = view;
        this.store = view.store();
        this.custody = view.custody();
        this.log = log;
        this.entries = entries;
        this.nanoTime = nanoTime;
    }

    /** Starts the background thread. */
    public void begin() {
        var unused = thread.scheduleWithFixedDelay(this::turn, SECONDS, SECONDS, TimeUnit.SECONDS);
    }

    private void turn() {
        try {
            boolean more = true;
            while (more && log.isFollowing()) {
                long began = System.nanoTime();
                // Also after a step that waited long for its turn; nobody who closes waits for that.
                more = step() && !stop.await(RESTS * (System.nanoTime() - began), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StoreException | Refused e) {
            // Sealed meanwhile, or the database is busy, full or broken, which the store reports.
        } catch (RuntimeException | Error e) {
            LOG.error(
                    "the view of the log by patron could not be filled: {}",
                    e.getClass().getName());
        }
    }

    /** Fills the view as far as the background thread would, and waits for it. */
    public void settle() {
        while (step()) {
            // Until all of the log is read.
        }
    }

    /** Does one part of the work. Returns whether there may be more. */
    synchronized boolean step() {
        Frontier own = log.reading(0).own();
        Optional<UnsealedKeys> fresh = store.read(tx -> {
            LogReader.size(tx);
            return RingFreshnessCheck.knowsAllOf(tx, custody) ? Optional.of(custody.keys()) : Optional.empty();
        });
        return fresh.filter(keys -> step(keys, own)).isPresent();
    }

    private boolean step(UnsealedKeys keys, Frontier own) {
        PatronView.Known known = view.known(keys);
        if (delete(known, known.forgotten()) || mend(known, keys)) {
            return true;
        }
        LogStretch stretch = known.stretch(entries);
        return stretch.isComplete() ? write(known, keys, stretch) : readOn(stretch, keys, own);
    }

    /** Deletes one of those blocks. */
    private boolean delete(PatronView.Known known, Set<Long> some) {
        Optional<Long> first = some.stream().findFirst();
        first.ifPresent(one -> {
            known.remove(one);
            some.remove(one);
            store.write(tx -> {
                if (tx.view().block(one).isPresent()) {
                    tx.view().delete(one);
                }
                return one;
            });
        });
        return first.isPresent();
    }

    /** Looks again at a block that was found damaged, and deletes it if it is. */
    private boolean mend(PatronView.Known known, UnsealedKeys keys) {
        Optional<Long> first = known.damaged().stream().findFirst();
        if (first.isEmpty()) {
            return false;
        }
        if (view.reload(known, keys, first.get())) {
            return known.damaged().remove(first.get());
        }
        AccessEvent failed = log.event(Actor.VAULT, ActKind.CHECK, Outcome.FAILED, AuditLog.newRequest());
        CompletableFuture<AuditReceipt> unused = log.submit(AuditLog.entry(failed, Alert.CHECK_FOUND), Lane.DESK);
        return delete(known, known.damaged());
    }

    private boolean readOn(LogStretch stretch, UnsealedKeys keys, Frontier own) {
        long from = stretch.end();
        long to = Math.min(Math.min(from + LEAVES_AT_ONCE, stretch.bound()), own.size());
        if (from >= to) {
            return false;
        }
        List<LogStretch.Entry> read = store.read(tx -> read(tx, keys, from, to, own));
        stretch.add(read);
        boolean isAll = read.size() == to - from;
        if (!isAll && stoppedAt != from + read.size()) {
            stoppedAt = from + read.size();
            LOG.error("the log is not as it was, from entry {} on; run `log verify`.", stoppedAt);
        }
        return isAll;
    }

    /**
     * Reads entries up to the first that is missing or cannot be read. It may be readable again in a moment. Returns
     * none if a leaf, as it was read, is not the tree's. Otherwise a leaf that was replaced just for the time of the
     * reading would hide an access for good.
     */
    private List<LogStretch.Entry> read(Tx tx, UnsealedKeys keys, long from, long to, Frontier own) {
        Frontier read = Frontier.at(from, StoredTiles.reader(tx, from, roots));
        List<LogStretch.Entry> found = new ArrayList<>();
        tx.log().forEachLeaf(from, to, (index, leaf) -> {
            if (index == read.size()) {
                entry(keys, index, leaf).ifPresent(entry -> {
                    found.add(entry);
                    read.append(entry.leafHash());
                });
            }
        });
        return found.isEmpty() || isOf(tx, own, read) ? found : List.of();
    }

    /** Whether entries, as they were read, are those of the tree. */
    private boolean isOf(Tx tx, Frontier own, Frontier read) {
        try {
            List<byte[]> path = Proofs.consistency(read.size(), own.size(), StoredTiles.reader(tx, own.size(), roots));
            if (Proofs.verifyConsistency(read.size(), read.root(), own.size(), own.root(), path)) {
                return true;
            }
        } catch (IntegrityException e) {
            // A leaf or tile after them is missing, which the proof needs.
        }
        roots.forget();
        return false;
    }

    private static Optional<LogStretch.Entry> entry(UnsealedKeys keys, long index, byte[] leaf) {
        try {
            Leaf.ParsedLeaf parsed = Leaf.parse(leaf);
            int month = parsed.month().filter(keys::hasContentKey).orElse(0);
            List<Subject> subjects = month == 0
                    ? List.of()
                    : parsed.open(keys.vaultId(), keys.logContent(month)).subjects();
            return Optional.of(new LogStretch.Entry(
                    index,
                    month,
                    subjects.stream().map(Subject::patron).distinct().toList(),
                    MerkleHash.leaf(leaf)));
        } catch (IntegrityException e) {
            return Optional.empty();
        }
    }

    /** Writes some pages of a block. */
    private boolean write(PatronView.Known known, UnsealedKeys keys, LogStretch stretch) {
        if (pending.filter(one -> one.stretch() == stretch).isEmpty()) {
            if (view.reload(known, keys, stretch.first())) {
                // Another node was faster.
                return true;
            }
            pending = begin(keys, stretch);
        }
        if (pending.isEmpty()) {
            return false;
        }
        PendingBlock block = pending.get();
        // If it fails, what is there then is looked at again.
        pending = Optional.empty();
        int next = Math.min(block.next() + PAGES_AT_ONCE, block.pages().size());
        boolean written = store.write(tx -> add(tx.view(), block, next));
        if (written && block.next() < next) {
            pending = Optional.of(new PendingBlock(stretch, block.month(), block.pages(), block.left(), next));
        }
        // Once page 0 is there, what was written is read back.
        return written && (pending.isPresent() || view.reload(known, keys, stretch.first()));
    }

    /** Seals the pages of a block. Empty while another node writes it. */
    private Optional<PendingBlock> begin(UnsealedKeys keys, LogStretch stretch) {
        long first = stretch.first();
        int there = store.read(tx -> tx.view().count(first));
        if (there > 0 && !store.isOfOneProcess()) {
            if (others.first() != first || others.pages() != there) {
                others = new OthersPages(first, there, nanoTime.getAsLong());
            }
            if (nanoTime.getAsLong() - others.atNanos() < LEFT_NANOS) {
                return Optional.empty();
            }
        }
        int month = stretch.month() == 0 ? keys.newestContentMonth() : stretch.month();
        ViewBlock.PageSeal seal = new ViewBlock.PageSeal(keys.viewPages(month), keys.vaultId(), month, first);
        List<byte[]> pages = ViewBlock.seal(seal, stretch.content(keys.viewPatrons(month)));
        return Optional.of(new PendingBlock(stretch, month, pages, there, 1));
    }

    /** Adds the pages before {@code next}, or page 0 after all others. Returns false if another node writes too. */
    private static boolean add(ViewRows rows, PendingBlock block, int next) {
        long first = block.stretch().first();
        boolean begins = block.next() == 1;
        if (rows.count(first) != (begins ? block.left() : block.next() - 1)) {
            return false;
        }
        if (begins) {
            rows.delete(first);
        }
        boolean isHead = block.next() == next;
        rows.add(
                first,
                block.month(),
                isHead ? 0 : block.next(),
                block.pages().subList(isHead ? 0 : block.next(), isHead ? 1 : next));
        return true;
    }

    @Override
    public void close() {
        stop.countDown();
        DaemonThreads.shutDown(thread);
    }
}
