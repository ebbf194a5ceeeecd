package org.patronvault.log.count;

import java.time.Clock;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.BackgroundWorker;
import org.patronvault.core.log.entry.LeafInClear;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.StoredTiles;
import org.patronvault.core.log.read.TileRoots;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MerkleHash;
import org.patronvault.core.tlog.Proofs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A background counter of records opened and erased in each month. It reads the unsealed members of entries behind the
 * log's head, and opens nothing. It believes only leaves of the tree that this node itself hashed. With several nodes,
 * any one node does the work. Safe for use by many threads.
 */
public final class MonthCounter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MonthCounter.class);
    private static final int ENTRIES = 32_768;

    /** Days to wait for late entries: a slow clock may log the last minutes of a month later. */
    private static final int LATE_DAYS = 1;

    /** The counts as stored in the database. */
    private record StoredCounts(String text, long ring, MonthCounts counts) {}

    /** New counts, and the fact they continue. */
    private record Step(Optional<String> seen, MonthCounts before, MonthCounts after) {}

    private final Store store;
    private final KeyCustody custody;
    private final AuditLog log;
    private final Clock clock;
    private final int atOnce;
    private final BackgroundWorker background = new BackgroundWorker("vault-counts");
    private final TileRoots roots = new TileRoots();
    private volatile Optional<StoredCounts> known = Optional.empty();

    /** Creates a counter that has counted nothing. */
    public MonthCounter(Store store, KeyCustody custody, AuditLog log, Clock clock) {
        this(store, custody, log, clock, ENTRIES);
    }

    /** Creates a counter that reads that many entries at once. */
    MonthCounter(Store store, KeyCustody custody, AuditLog log, Clock clock, int atOnce) {
        this.store = store;
        this.custody = custody;
        this.log = log;
        this.clock = clock;
        this.atOnce = atOnce;
    }

    /**
     * Returns the counts so far, without counting. Empty counts if they were changed or lost.
     *
     * @throws org.patronvault.core.model.Refused with {@code sealed}
     */
    public MonthCounts counts() {
        UnsealedKeys keys = custody.keys();
        return store.read(tx -> {
            Optional<String> text = tx.fact(MonthCounts.FACT);
            Optional<StoredCounts> last =
                    known.filter(read -> read.ring() == keys.revision() && text.equals(Optional.of(read.text())));
            if (last.isEmpty()) {
                last = MonthCounts.read(tx, keys)
                        .map(counts -> new StoredCounts(text.orElseThrow(), keys.revision(), counts));
                known = last;
            }
            return last.map(StoredCounts::counts).orElse(MonthCounts.NOTHING);
        });
    }

    /** Starts counting in the background, unless it runs already. The caller does not wait. */
    public void turn() {
        background.begin(this::countOn);
    }

    private void countOn() {
        try {
            boolean more = true;
            while (more && !background.isStopping() && log.isFollowing()) {
                long began = System.nanoTime();
                more = step() && BackgroundWorker.rest(began);
            }
        } catch (StoreException | Refused e) {
            // Sealed meanwhile, or the database is busy, full or broken, which the store reports.
        } catch (RuntimeException | Error e) {
            LOG.error(
                    "what the log says of each month could not be counted: {}",
                    e.getClass().getName());
        }
    }

    /** Counts to the end of the log, and waits for it. */
    public void settle() {
        while (step()) {
            // There may be more.
        }
    }

    /** Counts some thousand entries. Returns whether there may be more to do. */
    boolean step() {
        YearMonth over = YearMonth.from(today().minusDays(LATE_DAYS)).minusMonths(1);
        Frontier own = log.reading(0).own();
        UnsealedKeys keys = custody.keys();
        Step step = store.read(tx -> countOn(tx, keys, own));
        MonthCounts after = step.after();
        boolean isAll = after.to() == own.size();
        if (isAll && after.closed() < MonthCounts.number(over)) {
            after = after.closing(over, log.checkpoint().note());
        } else if (isAll && after.to() == step.before().to()) {
            return false;
        }
        write(step.seen(), after, keys);
        return !isAll;
    }

    private LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    /** Writes the counts. Does nothing if another node was faster. */
    private void write(Optional<String> seen, MonthCounts counts, UnsealedKeys keys) {
        boolean unused = store.write(tx -> {
            boolean same = tx.fact(MonthCounts.FACT).equals(seen);
            if (same) {
                counts.write(tx, keys);
            }
            return same;
        });
    }

    private Step countOn(Tx tx, UnsealedKeys keys, Frontier own) {
        MonthCounts before = MonthCounts.read(tx, keys)
                .filter(counts -> mayStand(tx, counts, own))
                .orElse(MonthCounts.NOTHING);
        Frontier read = Frontier.at(before.to(), StoredTiles.reader(tx, before.to(), roots));
        SortedMap<Integer, MonthCounts.Month> months = new TreeMap<>(before.months());
        long end = Math.min(before.to() + atOnce, own.size());
        tx.log().forEachLeaf(before.to(), end, (index, leaf) -> {
            read.append(MerkleHash.leaf(leaf));
            before.count(LeafInClear.of(leaf).event(), months);
        });
        if (read.size() != end) {
            throw LogReader.missing();
        }
        var path = Proofs.consistency(read.size(), own.size(), StoredTiles.reader(tx, own.size(), roots));
        if (!Proofs.verifyConsistency(read.size(), read.root(), own.size(), own.root(), path)) {
            roots.forget();
            throw new IntegrityException("log: not as it was");
        }
        return new Step(tx.fact(MonthCounts.FACT), before, before.at(read.size(), read.root(), months));
    }

    /** Whether counts may stay. Counts of another log, and of months that a wrong clock closed early, are redone. */
    private boolean mayStand(Tx tx, MonthCounts counts, Frontier own) {
        long to = counts.to();
        return to > 0
                && to <= own.size()
                && counts.closed() < MonthCounts.number(YearMonth.from(today()))
                && Arrays.equals(
                        Frontier.at(to, StoredTiles.reader(tx, to, roots)).root(), counts.root());
    }

    @Override
    public void close() {
        background.close();
    }
}
