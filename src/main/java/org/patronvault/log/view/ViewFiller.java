package org.patronvault.log.view;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.DaemonThreads;
import org.patronvault.core.log.Unit;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Act;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.RingFreshnessCheck;
import org.patronvault.core.log.read.TileRoots;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.ViewRows;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.log.view.PatronView.Of;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A background task that fills the view by patron behind the log's head, in steps of a thousand entries and more. Its
 * thread rests longer than it works. It also deletes months whose key is destroyed, and re-creates a view that is not
 * whole.
 *
 * <p>It computes each step in a snapshot. The transactions that write a step are so short that callers waiting for the
 * log's lock do not notice. They do nothing if the view differs from the snapshot, or from the previous transaction's
 * result. So with several nodes any one does the work, and continues after another was stopped.
 */
public final class ViewFiller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ViewFiller.class);

    /**
     * The fewest entries with patrons in a step. With fewer, the number of rows would show how many patrons each names.
     */
    private static final int LEAST_ENTRIES = 1_024;

    private static final int ROWS = Unindexed.ROWS;
    private static final int SECONDS = 5;

    /** Rests for each unit of work. Nobody waits for the view, but somebody may wait for a busy vault. */
    private static final int RESTS = 3;

    /** The time a node leaves the work to a node that was faster, so that it is done once. */
    private static final long LEAVES_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final Store store;
    private final KeyCustody custody;
    private final AuditLog log;
    private final int leastEntries;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(DaemonThreads.daemon("vault-view"));
    private final CountDownLatch stop = new CountDownLatch(1);
    private final TileRoots roots = new TileRoots();
    private long enoughAt;
    private long stoppedAt = -1;
    private volatile long leavesUntil = System.nanoTime();

    private final ViewEnds ends = new ViewEnds();
    private Optional<ViewPiece> underWay = Optional.empty();

    /** Creates a filler that does nothing before it is {@link #begin begun}. */
    public ViewFiller(Store store, KeyCustody custody, AuditLog log) {
        this(store, custody, log, LEAST_ENTRIES);
    }

    /** Creates a filler whose steps may have as few entries as {@code leastEntries}. */
    ViewFiller(Store store, KeyCustody custody, AuditLog log, int leastEntries) {
        this.leastEntries = leastEntries;
        this.store = store;
        this.custody = custody;
        this.log = log;
    }

    /** Starts the background thread. */
    public void begin() {
        var unused = thread.scheduleWithFixedDelay(this::turn, SECONDS, SECONDS, TimeUnit.SECONDS);
    }

    /** Does the work of one turn, if this node should do it. */
    void turn() {
        try {
            boolean more = true;
            boolean stopped = false;
            while (more && !stopped && log.isFollowing() && System.nanoTime() - leavesUntil >= 0) {
                long began = System.nanoTime();
                more = step();
                // Also after a step that waited long for its turn; nobody who closes waits for that.
                stopped = stop.await(RESTS * (System.nanoTime() - began), TimeUnit.NANOSECONDS);
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
            // Until only too few entries are left to be written.
        }
    }

    /** Does one part of the work. Returns whether there may be more. */
    synchronized boolean step() {
        boolean sound = false;
        try {
            if (underWay.isEmpty()) {
                Frontier own = log.reading(0).own();
                underWay = store.read(tx -> look(tx, own));
            }
            Optional<ViewPiece> piece = underWay;
            sound = piece.isEmpty() || store.write(tx -> carryOn(tx, piece.get()));
            if (piece.isPresent() && piece.get().isDone()) {
                underWay = Optional.empty();
            }
            return piece.isPresent();
        } finally {
            if (!sound) {
                // Another node was faster, the keys changed, or the part was rolled back.
                underWay = Optional.empty();
                ends.forget();
            }
        }
    }

    private boolean carryOn(WriteTx tx, ViewPiece piece) {
        UnsealedKeys keys = custody.keys();
        if (!piece.isOf(keys)) {
            return false;
        }
        boolean same = piece.carryOn(tx, keys);
        if (same) {
            ends.are(piece);
        } else {
            leavesUntil = System.nanoTime() + LEAVES_NANOS;
        }
        return same;
    }

    /** Plans a piece from a snapshot that has all of this node's own tree. */
    private Optional<ViewPiece> look(Tx tx, Frontier own) {
        LogReader.size(tx);
        if (!RingFreshnessCheck.knowsAllOf(tx, custody)) {
            return Optional.empty();
        }
        // After log and ring were compared: whatever month its entries are of, these have the key.
        UnsealedKeys keys = custody.keys();
        Optional<String> seen = tx.fact(ViewState.FACT);
        if (!ends.isOf(seen)) {
            ends.forget();
        }
        Optional<ViewState> written = ViewState.read(tx, keys);
        if (written.isEmpty()) {
            enoughAt = 0;
            ends.forget();
            return Optional.of(ViewPiece.of(seen, keys, ViewFiller::empty));
        }
        ViewState state = written.get().withoutDead(keys);
        OptionalInt stray = stray(tx, state);
        if (stray.isPresent()) {
            return Optional.of(ViewPiece.of(seen, keys, (writing, same) -> {
                writing.view().delete(stray.getAsInt(), ROWS, () -> stray(writing, state));
                return Optional.of(state.write(writing, same));
            }));
        }
        return own.size() < enoughAt ? Optional.empty() : fill(tx, keys, seen, state, own);
    }

    /** Returns a month that has rows but should have none. */
    private static OptionalInt stray(Tx tx, ViewState state) {
        OptionalInt month = tx.view().monthAfter(0);
        while (month.isPresent() && state.months().containsKey(month.getAsInt())) {
            month = tx.view().monthAfter(month.getAsInt());
        }
        return month;
    }

    /** Deletes the rows that are there, and restarts once none is left. */
    private static Optional<String> empty(WriteTx tx, UnsealedKeys keys) {
        OptionalInt month = tx.view().monthAfter(0);
        if (month.isEmpty()) {
            return Optional.of(ViewState.NOTHING.write(tx, keys));
        }
        tx.view().delete(month.getAsInt(), ROWS, () -> tx.view().monthAfter(0));
        tx.removeFact(ViewState.FACT);
        return Optional.empty();
    }

    private Optional<ViewPiece> fill(Tx tx, UnsealedKeys keys, Optional<String> seen, ViewState state, Frontier own) {
        Unindexed more = new Unindexed(tx, state.to(), roots);
        long end = state.to();
        while (end < own.size() && !more.isUnreadable() && !more.isEnough(leastEntries) && !more.isOfNobody()) {
            long from = end;
            end = Math.min(end + LEAST_ENTRIES, own.size());
            tx.log().forEachLeaf(from, end, (index, leaf) -> {
                if (!more.isUnreadable() && !more.isEnough(leastEntries)) {
                    more.add(keys, index, leaf);
                }
            });
            // A missing entry is like an unreadable one.
            more.requireAllBefore(end, leastEntries);
        }
        if ((more.isOfNobody() || more.isEnough(leastEntries)) && !more.isOf(tx, own)) {
            return stopped(state.to());
        }
        if (more.isOfNobody()) {
            ViewState next = state.at(more.to(), keys, new TreeMap<>());
            return Optional.of(ViewPiece.of(seen, keys, (writing, same) -> Optional.of(next.write(writing, same))));
        }
        if (more.isUnreadable() && !more.isEnough(leastEntries)) {
            return stopped(more.to());
        }
        if (!more.isEnough(leastEntries)) {
            // Not read again and again while little happens.
            enoughAt = own.size() + leastEntries / AccessEvent.MAX_SUBJECTS;
            return Optional.empty();
        }
        return Optional.of(number(tx, keys, seen, state, more));
    }

    /** Stops at an entry. It skips nothing before the entry is again what it was. */
    private Optional<ViewPiece> stopped(long at) {
        if (stoppedAt != at) {
            stoppedAt = at;
            LOG.error("the log is not as it was, from entry {} on; run `log verify`.", at);
        }
        return Optional.empty();
    }

    private ViewPiece number(Tx tx, UnsealedKeys keys, Optional<String> seen, ViewState state, Unindexed more) {
        try {
            Map<Of, Integer> counts = ends.of(tx, keys, state.to(), more.named().keySet());
            List<ViewRows.Entry> rows = new ArrayList<>();
            more.named().forEach((of, indices) -> {
                ViewCipher cipher = ViewCipher.of(keys, of.month());
                Prf labels = cipher.of(of.patron());
                int first = counts.get(of);
                for (int i = 0; i < indices.size(); i++) {
                    rows.add(cipher.row(ViewCipher.label(labels, first + i), indices.get(i)));
                }
                counts.put(of, first + indices.size());
            });
            List<ViewRows.Entry> there = state.isBegun() ? there(tx, rows) : List.of();
            if (!state.isBegunWith(keys, ViewPiece.byMonth(there))) {
                return ViewPiece.of(seen, keys, this::rowIsForeign);
            }
            rows.removeAll(there);
            return ViewPiece.of(seen, keys, rows, state, more.to(), counts, this::rowIsForeign);
        } catch (IntegrityException e) {
            return ViewPiece.of(seen, keys, this::rowIsForeign);
        }
    }

    /**
     * Returns the rows that another node wrote of the piece: they are equal, since all of them follow from the entries.
     */
    private static List<ViewRows.Entry> there(Tx tx, List<ViewRows.Entry> rows) {
        List<ViewRows.Entry> there = new ArrayList<>();
        ViewPiece.byMonth(rows).forEach((month, all) -> {
            List<byte[]> labels = all.stream().map(ViewRows.Entry::label).toList();
            Map<ByteBuffer, byte[]> values = tx.view().find(month, PatronView.together(labels));
            all.stream()
                    .filter(row -> Arrays.equals(row.value(), values.get(ByteBuffer.wrap(row.label()))))
                    .forEach(there::add);
        });
        return there;
    }

    /** Handles a row that was added or removed behind the vault's back, or an older state. */
    private Optional<String> rowIsForeign(WriteTx tx, UnsealedKeys unusedKeys) {
        tx.removeFact(ViewState.FACT);
        CompletableFuture<AuditReceipt> unused =
                log.append(Unit.of(log.event(Actor.VAULT, Act.CHECK, Outcome.FAILED, AuditLog.newRequest()))
                        .alerting(Set.of(Alert.CHECK_FOUND)));
        return Optional.empty();
    }

    @Override
    public void close() {
        stop.countDown();
        DaemonThreads.shutDown(thread);
    }
}
