package org.patronvault.log.count;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.log.BackgroundWorker;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.LeafInClear;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.table.LogRows;
import org.patronvault.core.store.table.Tx;

/**
 * A counter of the last thirty days' entries by their unsealed members. It opens nothing, and keeps its counts in
 * memory only. It does not verify the stored entries, so it is for charts, not for published numbers ({@link
 * MonthCounter}). Safe for use by many threads.
 */
public final class DayCounter implements AutoCloseable {
    /** The number of days, including today. */
    public static final int DAYS = 30;

    private static final int ENTRIES = 8_192;
    private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final byte[] AFTER_ALL = {(byte) 0xff, (byte) 0xff};

    /**
     * The counts so far.
     *
     * @param days each of them, also those without an entry
     * @param behind number of entries that are not counted yet
     */
    public record Result(SortedMap<LocalDate, DayCounts> days, long behind) {
        /** Returns the sum of all days. */
        public DayCounts sum() {
            return days.values().stream().reduce(DayCounts.NONE, DayCounts::and);
        }
    }

    private final Store store;
    private final Clock clock;
    private final ZoneId zone;
    private final int atOnce;
    private final BackgroundWorker background = new BackgroundWorker("vault-days");
    private final SortedMap<LocalDate, DayTally> days = new TreeMap<>();
    private LocalDate from = LocalDate.MAX;
    private long next;
    private long size;

    /**
     * Creates a counter with no counts.
     *
     * @param zone the time zone of a day
     */
    public DayCounter(Store store, Clock clock, ZoneId zone) {
        this(store, clock, zone, ENTRIES);
    }

    /** Creates a counter that reads that many entries at once. */
    DayCounter(Store store, Clock clock, ZoneId zone, int atOnce) {
        this.store = store;
        this.clock = clock;
        this.zone = zone;
        this.atOnce = atOnce;
    }

    /** Counts for a moment and returns the result. The rest is counted in the background. */
    public Result counted() {
        return counted(WAIT_NANOS);
    }

    /** Counts for at most that time and returns the result. The rest is counted in the background. */
    Result counted(long waitNanos) {
        long began = System.nanoTime();
        boolean more = step();
        while (more && System.nanoTime() - began < waitNanos) {
            more = step();
        }
        if (more) {
            background.begin(this::countOn);
        }
        return asOf(LocalDate.ofInstant(clock.instant(), zone));
    }

    private synchronized Result asOf(LocalDate today) {
        SortedMap<LocalDate, DayCounts> all = new TreeMap<>();
        for (int ago = 0; ago < DAYS; ago++) {
            LocalDate day = today.minusDays(ago);
            all.put(day, days.containsKey(day) ? days.get(day).counts() : DayCounts.NONE);
        }
        return new Result(Collections.unmodifiableSortedMap(all), Math.max(0, size - next));
    }

    private void countOn() {
        try {
            boolean more = true;
            while (more && !background.isStopping()) {
                long began = System.nanoTime();
                more = step() && BackgroundWorker.rest(began);
            }
        } catch (StoreException | Refused e) {
            // Full, busy or closed: the next reader counts on.
        }
    }

    /** Counts some thousand entries. Returns whether there are more. */
    synchronized boolean step() {
        LocalDate first = LocalDate.ofInstant(clock.instant(), zone).minusDays(DAYS - 1L);
        return store.read(tx -> {
            size = LogReader.size(tx);
            if (first.isBefore(from) || next > size) {
                next = firstOf(tx, first);
                days.clear();
            }
            from = first;
            days.headMap(first).clear();
            long end = Math.min(size, next + atOnce);
            tx.log().forEachLeaf(next, end, (index, leaf) -> count(leaf));
            next = end;
            return next < size;
        });
    }

    private long firstOf(Tx tx, LocalDate day) {
        Instant begin = day.atStartOfDay(zone).toInstant();
        byte[] since =
                CanonicalBytes.plain().u64(Math.max(0, begin.toEpochMilli())).bytes();
        return tx.log().stretch(since, AFTER_ALL).map(LogRows.Range::first).orElse(size);
    }

    private void count(byte[] leaf) {
        try {
            AccessEvent event = LeafInClear.of(leaf).event();
            LocalDate day = LocalDate.ofInstant(event.time(), zone);
            if (!day.isBefore(from)) {
                days.computeIfAbsent(day, begun -> new DayTally()).add(event);
            }
        } catch (IntegrityException e) {
            // A verifier of the log finds this.
        }
    }

    @Override
    public void close() {
        background.close();
    }

    /** The running counts of one day's entries. */
    private static final class DayTally {
        private final Map<String, Long> reveals = new HashMap<>();
        private final Map<String, Long> opened = new HashMap<>();
        private final Map<DayCounts.Check, Long> checks = new HashMap<>();
        private final Map<String, Instant> lastChecks = new HashMap<>();
        private long refused;

        private void add(AccessEvent event) {
            if (MonthCounts.isOpening(event)) {
                if (event.act() == ActKind.REVEAL) {
                    reveals.merge(event.actor().role(), 1L, Long::sum);
                }
                event.purpose().map(Purpose::name).ifPresent(name -> opened.merge(name, 1L, Long::sum));
            }
            if (event.outcome() == Outcome.REFUSED && event.act() != ActKind.DISCLOSURE) {
                refused += event.count().orElse(1);
            }
            if (event.outcome() == Outcome.COUNTED && event.act() == ActKind.ENTITLEMENT) {
                String client = event.actor().name();
                checks.merge(
                        new DayCounts.Check(client, event.about(), event.reason()),
                        event.count().orElse(1),
                        Long::sum);
                lastChecks.merge(client, event.time(), DayCounts::later);
            }
        }

        private DayCounts counts() {
            return new DayCounts(reveals, refused, opened, checks, lastChecks);
        }
    }
}
