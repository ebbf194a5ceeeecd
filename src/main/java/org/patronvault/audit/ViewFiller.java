package org.patronvault.audit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.patronvault.crypto.Prf;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronId;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.StoreException;
import org.patronvault.store.Tx;
import org.patronvault.store.ViewRows;
import org.patronvault.store.WriteTx;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills the view by patron behind the log's head, a thousand entries and more at a time, in a thread of its own that
 * rests as long as it works; deletes what it has of months whose key is gone; and makes it anew where it is not whole.
 * Of several nodes any one does it: each step begins where the database says, and is undone if another was faster.
 */
public final class ViewFiller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ViewFiller.class);

    /** With fewer entries that name anybody, the number of rows would show how many patrons each names. */
    private static final int LEAST_ENTRIES = 1_024;

    private static final int ROWS = 2_048;
    private static final int KNOWN = 50_000;
    private static final int SECONDS = 5;

    /** Patrons of one month, each with the entries that are new. */
    private record Of(int month, PatronId patron) {}

    /** What the log has that the view has not. */
    private static final class New {
        private final ViewState from;
        private final Map<Of, List<Long>> named = new HashMap<>();
        private long to;
        private int entries;
        private int rows;

        private New(ViewState from) {
            this.from = from;
            this.to = from.to();
        }

        private boolean isEnough(int leastEntries) {
            return entries >= leastEntries || rows >= ROWS;
        }

        private void add(long index, List<Of> patrons) {
            to = index + 1;
            entries += patrons.isEmpty() ? 0 : 1;
            rows += patrons.size();
            patrons.forEach(
                    of -> named.computeIfAbsent(of, any -> new ArrayList<>()).add(index));
        }
    }

    private final Store store;
    private final KeyCustody custody;
    private final AuditLog log;
    private final int leastEntries;
    private final Map<Of, Integer> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Of, Integer> eldest) {
            return size() > KNOWN;
        }
    };
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(Threads.daemon("vault-view"));
    private volatile boolean stopping;
    private long enoughAt;

    /** Fills nothing before it is {@link #begin begun}. */
    public ViewFiller(Store store, KeyCustody custody, AuditLog log) {
        this(store, custody, log, LEAST_ENTRIES);
    }

    /** The same, satisfied with steps of so few entries. */
    ViewFiller(Store store, KeyCustody custody, AuditLog log, int leastEntries) {
        this.leastEntries = leastEntries;
        this.store = store;
        this.custody = custody;
        this.log = log;
    }

    /** Begins to fill by itself. */
    public void begin() {
        var unused = thread.scheduleWithFixedDelay(this::turn, SECONDS, SECONDS, TimeUnit.SECONDS);
    }

    private void turn() {
        try {
            boolean more = true;
            while (more && !stopping && log.isFollowing()) {
                long began = System.nanoTime();
                more = step();
                TimeUnit.NANOSECONDS.sleep(System.nanoTime() - began);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StoreException e) {
            log.tell(e);
        } catch (Refused e) {
            // Sealed meanwhile.
        } catch (RuntimeException | Error e) {
            LOG.error(
                    "the view of the log by patron could not be filled: {}",
                    e.getClass().getName());
        }
    }

    /** Fills as far as it does by itself, now. */
    public void settle() {
        while (step()) {
            // Until nothing is left but what is too few to be written.
        }
    }

    /** Does one piece of what there is to do; whether there may be more. */
    synchronized boolean step() {
        UnsealedKeys keys = custody.keys();
        Optional<ViewState> written = store.read(tx -> ViewState.read(tx, keys));
        if (written.isEmpty()) {
            return empty(keys);
        }
        ViewState state = written.get().withoutDead(keys);
        OptionalInt stray = store.read(tx -> stray(tx, state));
        if (stray.isPresent()) {
            return write(keys, written, tx -> {
                state.write(tx, keys);
                int unused = tx.view().delete(stray.getAsInt(), ROWS);
            });
        }
        if (store.read(LogReader::size) < enoughAt) {
            return false;
        }
        New more = store.read(tx -> read(tx, keys, state));
        if (!more.isEnough(leastEntries)) {
            // Not read again and again while little happens.
            enoughAt = more.to + leastEntries / AccessEvent.MAX_SUBJECTS;
            return false;
        }
        return write(keys, written, tx -> put(tx, keys, more));
    }

    /** A month of which there are rows that should not be there. */
    private static OptionalInt stray(Tx tx, ViewState state) {
        OptionalInt month = tx.view().monthAfter(0);
        while (month.isPresent() && state.rows().containsKey(month.getAsInt())) {
            month = tx.view().monthAfter(month.getAsInt());
        }
        return month;
    }

    /** Deletes what is there, and begins anew once nothing is. */
    private boolean empty(UnsealedKeys keys) {
        known.clear();
        enoughAt = 0;
        return write(keys, Optional.empty(), tx -> {
            OptionalInt month = tx.view().monthAfter(0);
            if (month.isPresent()) {
                int unused = tx.view().delete(month.getAsInt(), ROWS);
            } else {
                ViewState.NOTHING.write(tx, keys);
            }
        });
    }

    private boolean write(UnsealedKeys keys, Optional<ViewState> expected, Consumer<WriteTx> work) {
        boolean done = false;
        try {
            done = store.write(tx -> {
                boolean same = ViewState.read(tx, keys).equals(expected);
                if (same) {
                    work.accept(tx);
                }
                return same;
            });
            return true;
        } finally {
            if (!done) {
                // Another node was faster, or it was undone: a number given twice or left out would hide entries.
                known.clear();
            }
        }
    }

    private New read(Tx tx, UnsealedKeys keys, ViewState state) {
        New more = new New(state);
        long end = LogReader.size(tx);
        for (long at = state.to(); at < end && !more.isEnough(leastEntries); at += LEAST_ENTRIES) {
            tx.log().forEachLeaf(at, Math.min(at + LEAST_ENTRIES, end), (index, leaf) -> {
                if (!more.isEnough(leastEntries)) {
                    more.add(index, patrons(keys, leaf));
                }
            });
        }
        return more;
    }

    private static List<Of> patrons(UnsealedKeys keys, byte[] leaf) {
        try {
            Optional<Integer> month = Leaf.parse(leaf).month();
            return LogReader.open(keys, leaf).subjects().stream()
                    .map(Subject::patron)
                    .distinct()
                    .map(patron -> new Of(month.orElseThrow(), patron))
                    .toList();
        } catch (IntegrityException e) {
            // The sweep of the log finds it; here it must not be in the way of the others.
            return List.of();
        }
    }

    private void put(WriteTx tx, UnsealedKeys keys, New more) {
        List<ViewRows.Entry> rows = new ArrayList<>(more.rows);
        Map<Integer, Integer> counts = new HashMap<>();
        more.named.forEach((of, indices) -> {
            ViewCipher cipher = ViewCipher.of(keys, of.month());
            Prf labels = cipher.of(of.patron());
            Integer before = known.get(of);
            int first = before != null
                    ? before
                    : PatronView.places(tx, cipher, of.patron()).size();
            for (int i = 0; i < indices.size(); i++) {
                rows.add(cipher.row(ViewCipher.label(labels, first + i), indices.get(i)));
            }
            counts.merge(of.month(), indices.size(), Integer::sum);
            known.put(of, first + indices.size());
        });
        if (tx.view().insert(rows) == rows.size()) {
            more.from.at(more.to, counts).write(tx, keys);
        } else {
            // A label that was taken was put there behind the vault's back, or one before it taken away.
            tx.removeFact(ViewState.FACT);
        }
    }

    @Override
    public void close() {
        stopping = true;
        Threads.shutDown(thread);
    }
}
