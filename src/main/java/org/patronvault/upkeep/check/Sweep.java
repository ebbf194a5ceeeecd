package org.patronvault.upkeep.check;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.patronvault.core.log.BackgroundWorker;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.log.view.PatronView;
import org.patronvault.patron.check.IndexIntegrityCheck;
import org.patronvault.patron.check.LastWrites;
import org.patronvault.patron.check.PatronIntegrityCheck;
import org.patronvault.patron.check.PatronIntegrityCheck.Finding;
import org.patronvault.patron.check.SeenGenerations;
import org.patronvault.upkeep.backup.Progress;
import org.patronvault.upkeep.check.CheckState.SweepProgress;

/**
 * One sweep of the store. It compares patrons in number order with the log, in ranges whose log entries fit into
 * memory, then the rows of no patron. Each comparison is one snapshot of rows and log, so concurrent writes are no
 * findings. For one thread, with arithmetic on all processors.
 */
final class Sweep {
    private static final int AT_ONCE = 256;
    private static final int ENTRIES_AT_ONCE = 4_096;

    /** The entries that fit into an eighth of the memory. */
    private static final long IN_MEMORY = Math.max(1_000, Runtime.getRuntime().maxMemory() / 8 / LastWrites.BYTES_EACH);

    private static final long REMEMBERED = Runtime.getRuntime().maxMemory() / 32 / SeenGenerations.BYTES_EACH;

    private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(2);

    /**
     * The reports of a sweep to its caller, and the caller's control over its speed and end.
     *
     * @param found receives faults as they are found
     * @param gentle whether it rests as long as it works
     * @param stopping whether to stop soon, with the progress kept
     */
    record SweepControl(Progress progress, Consumer<List<Finding>> found, boolean gentle, BooleanSupplier stopping) {}

    private final Store store;
    private final PatronIntegrityCheck inspection;
    private final CheckState state;
    private final SweepControl control;
    private final SeenGenerations met = new SeenGenerations(REMEMBERED);
    private SweepProgress now;
    private long total;
    private boolean lost;
    private long keptAt = System.nanoTime();

    /** Creates a sweep that resumes after {@code from}. */
    Sweep(Store store, PatronIntegrityCheck inspection, CheckState state, SweepProgress from, SweepControl control) {
        this.store = store;
        this.inspection = inspection;
        this.state = state;
        this.now = from;
        this.control = control;
    }

    /**
     * Runs the sweep and returns its result.
     *
     * @param log checks the log itself, because nothing can be compared with a damaged log
     * @param apart checks accounts and the like, and {@code keys/ledger}
     * @param cases checks disclosure cases and permissions
     */
    SweepProgress run(
            Clock clock,
            Supplier<List<Finding>> log,
            Supplier<List<Finding>> apart,
            PatronView view,
            Supplier<List<Finding>> cases) {
        boolean readable = true;
        try {
            all(log.get(), apart, view, cases);
        } catch (IntegrityException e) {
            // An unreadable row cannot be compared, and is a finding.
            readable = false;
        }
        if (!isDatabaseSound() || !readable) {
            take(0, List.of(new Finding(Optional.empty(), PatronIntegrityCheck.DATABASE, "damaged")));
        }
        now = now.ended(clock.instant());
        state.write(now);
        return now;
    }

    private void all(List<Finding> log, Supplier<List<Finding>> apart, PatronView view, Supplier<List<Finding>> cases) {
        take(0, log);
        take(0, apart.get());
        if (log.isEmpty()) {
            total = store.read(tx -> tx.sweep().countValues());
            range(Long.MIN_VALUE, Long.MAX_VALUE);
            take(0, store.read(inspection::outside));
            if (now.findings() == 0) {
                // A cell that is damaged is not counted as it was written.
                take(0, store.read(inspection::keyUse));
            }
            index();
            view(view);
            take(0, cases.get());
        }
    }

    /** Whether the database finds all its rows, table by table. Counts and searches rely on it. */
    private boolean isDatabaseSound() {
        List<String> tables = store.read(Tx::watched);
        boolean sound = true;
        for (int n = 0; n < tables.size(); n++) {
            String table = tables.get(n);
            control.progress().at("Checking the database itself", n, tables.size());
            long began = System.nanoTime();
            sound &= store.read(tx -> tx.isSound(table, control.stopping()));
            rest(began);
        }
        return sound;
    }

    /** Checks the patrons of a number range, halved until its log entries fit into memory. */
    private void range(long from, long to) {
        if (now.through() >= to) {
            return;
        }
        LastWrites last = new LastWrites(from, to);
        long[] began = {System.nanoTime()};
        boolean fits = inspection.readLog(last, IN_MEMORY, read -> {
            control.progress().at("Reading the log", read, 0);
            rest(began[0]);
            began[0] = System.nanoTime();
        });
        if (fits || from == to) {
            sweep(last);
        } else {
            long middle = from + Long.divideUnsigned(to - from, 2);
            range(from, middle);
            range(middle + 1, to);
        }
    }

    private void sweep(LastWrites last) {
        long at = last.from() == Long.MIN_VALUE ? Long.MIN_VALUE : last.from() - 1;
        if (now.through() > at) {
            skip(last, at);
            at = now.through();
        }
        while (true) {
            long began = System.nanoTime();
            long after = at;
            List<PatronId> ids = store.read(tx -> ids(tx, after, last.to()));
            if (ids.isEmpty()) {
                break;
            }
            at = ids.get(ids.size() - 1).number();
            judge(show(last, ids), at);
            rest(began);
        }
        List<PatronId> unseen = last.unseen();
        for (int first = 0; first < unseen.size(); first += AT_ONCE) {
            long began = System.nanoTime();
            missed(last, unseen.subList(first, Math.min(first + AT_ONCE, unseen.size())));
            rest(began);
        }
        reached(last.to());
        state.write(now);
    }

    private static List<PatronId> ids(Tx tx, long after, long to) {
        return tx.patrons().idsAfter(after, AT_ONCE).stream()
                .filter(id -> id.number() <= to)
                .toList();
    }

    /**
     * Skips patrons that still exist and were checked before a stop. A patron deleted since is not skipped, because no
     * sweep has looked for it.
     */
    private void skip(LastWrites last, long from) {
        long at = from;
        List<PatronId> ids;
        do {
            long after = at;
            ids = store.read(tx -> ids(tx, after, now.through()));
            ids.forEach(last::skip);
            at = ids.isEmpty() ? at : ids.get(ids.size() - 1).number();
        } while (!ids.isEmpty());
    }

    /** Reads patrons in one snapshot. An unreadable row is a finding and does not hide the others. */
    private List<PatronIntegrityCheck.Snapshot> show(LastWrites last, List<PatronId> ids) {
        try {
            return store.read(tx -> inspection.show(tx, last, () -> ids));
        } catch (IntegrityException e) {
            if (ids.size() == 1) {
                last.skip(ids.get(0));
                take(0, List.of(PatronIntegrityCheck.unreadable(ids.get(0))));
                return List.of();
            }
            List<PatronIntegrityCheck.Snapshot> shown = new ArrayList<>(show(last, ids.subList(0, ids.size() / 2)));
            shown.addAll(show(last, ids.subList(ids.size() / 2, ids.size())));
            return shown;
        }
    }

    /** Checks patrons not yet met: registered behind the sweep, erased, or missing. */
    private void missed(LastWrites last, List<PatronId> ids) {
        List<PatronIntegrityCheck.Snapshot> shown = show(last, ids);
        judge(shown, now.through());
        List<PatronId> absent = new ArrayList<>(ids);
        shown.forEach(one -> absent.remove(one.id()));
        take(0, store.read(tx -> {
            inspection.catchUp(tx, last);
            return inspection.absent(tx, absent, last);
        }));
    }

    private void reached(long through) {
        now = now.at(through, 0, 0);
    }

    private void judge(List<PatronIntegrityCheck.Snapshot> shown, long through) {
        List<PatronIntegrityCheck.Result> judged =
                shown.parallelStream().map(inspection::judge).toList();
        met.add(shown);
        reached(through);
        take(
                judged.stream().mapToLong(PatronIntegrityCheck.Result::values).sum(),
                judged.stream().flatMap(one -> one.findings().stream()).toList());
    }

    private void take(long values, List<Finding> all) {
        List<Finding> findings = all.stream().filter(this::isNew).toList();
        now = now.at(now.through(), values, findings.size());
        if (!findings.isEmpty()) {
            control.found().accept(findings);
        }
        control.progress().at("Checking values", Math.min(now.values(), total), total);
        if (!findings.isEmpty() || System.nanoTime() - keptAt > KEPT_NANOS) {
            state.write(now);
            keptAt = System.nanoTime();
        }
    }

    /** Reports a finding about the log once, however many patrons show it. */
    private boolean isNew(Finding finding) {
        boolean isNew = !finding.equals(PatronIntegrityCheck.LOST) || !lost;
        lost |= finding.equals(PatronIntegrityCheck.LOST);
        return isNew;
    }

    /** Entries are added and never removed, so a full pass meets at least as many as there were at its start. */
    private void index() {
        IndexIntegrityCheck index = inspection.index();
        take(0, store.read(index::staged));
        IndexIntegrityCheck.Size before = store.read(index::size);
        long looked = 0;
        Optional<byte[]> after = Optional.empty();
        IndexIntegrityCheck.Range stretch;
        do {
            long began = System.nanoTime();
            Optional<byte[]> from = after;
            stretch = store.read(tx -> index.stretch(tx, from, ENTRIES_AT_ONCE, met));
            looked += stretch.entries();
            take(0, stretch.findings());
            control.progress().at("Checking the index", Math.min(looked, before.entries()), before.entries());
            after = stretch.last();
            rest(began);
        } while (stretch.entries() == ENTRIES_AT_ONCE);
        if (looked < before.entries() && store.read(index::size).version() == before.version()) {
            take(0, List.of(new Finding(Optional.empty(), PatronIntegrityCheck.INDEX, "missing")));
        }
    }

    private void view(PatronView view) {
        long[] began = {System.nanoTime()};
        view.check(() -> {
                    rest(began[0]);
                    began[0] = System.nanoTime();
                })
                .ifPresent(
                        what -> take(0, List.of(new Finding(Optional.empty(), PatronIntegrityCheck.LOG_VIEW, what))));
    }

    private void rest(long began) {
        requireGoingOn();
        if (control.gentle() && !BackgroundWorker.rest(began)) {
            throw stopped();
        }
    }

    private void requireGoingOn() {
        if (control.stopping().getAsBoolean()) {
            state.write(now);
            throw stopped();
        }
    }

    private static Refused stopped() {
        return new Refused(Problem.BUSY, "The vault is stopping; the next sweep goes on where this one was.", 5);
    }
}
