package org.patronvault.upkeep;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.patronvault.model.PatronId;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.patron.Inspection;
import org.patronvault.patron.Inspection.Finding;
import org.patronvault.patron.LastWrites;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.upkeep.CheckState.Progressed;

/**
 * One sweep of the store: patrons in the order of their numbers, held against the log, range after range as far as what
 * the log says of one fits into memory; then what belongs to nobody. Each look is one snapshot of rows and log together,
 * so what is written meanwhile is no finding. For one thread; the arithmetic takes all processors.
 */
final class Sweep {
    private static final int AT_ONCE = 256;
    private static final int ENTRIES_AT_ONCE = 4_096;
    private static final int SHARE_OF_MEMORY = 8;
    private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Store store;
    private final Inspection inspection;
    private final CheckState state;
    private final Progress progress;
    private final Consumer<List<Finding>> found;
    private final boolean gentle;
    private final BooleanSupplier stopping;
    private final long total;
    private Progressed now;
    private long keptAt = System.nanoTime();

    /**
     * A sweep that goes on where that one was.
     *
     * @param found told of what is wrong as it is found
     * @param gentle whether it rests as long as it works
     * @param stopping whether to stop soon; what was done is kept
     */
    Sweep(
            Store store,
            Inspection inspection,
            CheckState state,
            Progressed from,
            Progress progress,
            Consumer<List<Finding>> found,
            boolean gentle,
            BooleanSupplier stopping) {
        this.store = store;
        this.inspection = inspection;
        this.state = state;
        this.now = from;
        this.progress = progress;
        this.found = found;
        this.gentle = gentle;
        this.stopping = stopping;
        this.total = store.read(tx -> tx.sweep().countValues());
    }

    /** Makes it, and says how it came out. */
    Progressed run(Clock clock) {
        long patrons = store.read(tx -> tx.patrons().count());
        long inMemory = Math.max(1, Runtime.getRuntime().maxMemory() / SHARE_OF_MEMORY / LastWrites.BYTES_EACH);
        long ranges = 1 + patrons / inMemory;
        // Numbers are random, so that equal stretches of them are about as many patrons each.
        long step = ranges == 1 ? -1 : Long.divideUnsigned(-1L, ranges);
        long from = Long.MIN_VALUE;
        for (long range = 1; range <= ranges; range++) {
            long to = range == ranges ? Long.MAX_VALUE : from + step;
            if (now.through() < to) {
                sweep(new LastWrites(from, to), now.through());
            }
            from = to + 1;
        }
        take(0, store.read(inspection::orphans));
        index();
        now = now.ended(clock.instant());
        state.write(now);
        return now;
    }

    private void sweep(LastWrites last, long through) {
        inspection.readLog(last, read -> {
            requireGoingOn();
            progress.at("Reading the log", read, 0);
        });
        long at = Math.max(through, last.from() - (last.from() == Long.MIN_VALUE ? 0 : 1));
        while (true) {
            long began = System.nanoTime();
            long after = at;
            List<PatronId> ids = new ArrayList<>();
            List<Inspection.Shown> shown = store.read(tx -> {
                inspection.catchUp(tx, last);
                tx.patrons().idsAfter(after, AT_ONCE).stream()
                        .filter(id -> id.number() <= last.to())
                        .forEach(ids::add);
                return inspection.show(tx, ids, last);
            });
            if (ids.isEmpty()) {
                break;
            }
            at = ids.get(ids.size() - 1).number();
            judge(shown, at);
            rest(began);
        }
        List<PatronId> unseen =
                last.unseen().stream().filter(id -> id.number() > through).toList();
        for (int first = 0; first < unseen.size(); first += AT_ONCE) {
            List<PatronId> some = unseen.subList(first, Math.min(first + AT_ONCE, unseen.size()));
            missed(last, some, last.to());
        }
        now = new Progressed(now.started(), last.to(), now.values(), now.findings(), Optional.empty());
        state.write(now);
    }

    /** Who was not met: registered behind the sweep's back, erased, or gone. */
    private void missed(LastWrites last, List<PatronId> ids, long through) {
        long began = System.nanoTime();
        List<Finding> gone = new ArrayList<>();
        List<Inspection.Shown> shown = store.read(tx -> look(tx, last, ids, gone));
        judge(shown, through == Long.MAX_VALUE ? now.through() : Math.min(through, now.through()));
        take(0, gone);
        rest(began);
    }

    private List<Inspection.Shown> look(Tx tx, LastWrites last, List<PatronId> ids, List<Finding> gone) {
        gone.clear();
        inspection.catchUp(tx, last);
        List<Inspection.Shown> shown = inspection.show(tx, ids, last);
        List<PatronId> absent = new ArrayList<>(ids);
        shown.forEach(one -> absent.remove(one.id()));
        gone.addAll(inspection.absent(tx, absent, last));
        return shown;
    }

    private void judge(List<Inspection.Shown> shown, long through) {
        List<Inspection.Judged> judged =
                shown.parallelStream().map(inspection::judge).toList();
        now = new Progressed(now.started(), through, now.values(), now.findings(), Optional.empty());
        take(
                judged.stream().mapToLong(Inspection.Judged::values).sum(),
                judged.stream().flatMap(one -> one.findings().stream()).toList());
    }

    private void take(long values, List<Finding> findings) {
        now = new Progressed(
                now.started(),
                now.through(),
                now.values() + values,
                now.findings() + findings.size(),
                Optional.empty());
        if (!findings.isEmpty()) {
            found.accept(findings);
        }
        progress.at("Checking values", Math.min(now.values(), total), total);
        if (!findings.isEmpty() || System.nanoTime() - keptAt > KEPT_NANOS) {
            state.write(now);
            keptAt = System.nanoTime();
        }
    }

    private void index() {
        long entries = store.read(tx -> tx.index().count());
        long looked = 0;
        Optional<byte[]> after = Optional.empty();
        while (true) {
            long began = System.nanoTime();
            Optional<byte[]> from = after;
            Inspection.Stretch stretch = store.read(tx -> inspection.index(tx, from, ENTRIES_AT_ONCE));
            looked += stretch.entries();
            take(0, stretch.findings());
            progress.at("Checking the index", Math.min(looked, entries), entries);
            if (stretch.entries() < ENTRIES_AT_ONCE) {
                return;
            }
            after = stretch.last();
            rest(began);
        }
    }

    private void rest(long began) {
        requireGoingOn();
        if (gentle) {
            try {
                TimeUnit.NANOSECONDS.sleep(System.nanoTime() - began);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw stopped();
            }
        }
    }

    private void requireGoingOn() {
        if (stopping.getAsBoolean()) {
            state.write(now);
            throw stopped();
        }
    }

    private static Refused stopped() {
        return new Refused(Problem.BUSY, "The vault is stopping; the next sweep goes on where this one was.", 5);
    }
}
