package org.patronvault.upkeep.leakage;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.patronvault.access.Access;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.upkeep.backup.Progress;
import org.patronvault.upkeep.leakage.LeakageReport.Fault;

/**
 * The list of what a thief of the present database learns, with counts. It reads every row of every table in one
 * snapshot, and opens nothing. One run at a time in a process, since each takes memory. Safe for use by many threads.
 */
public final class Leakage {
    private static final int ROWS_A_REPORT = 20_000;

    private static final List<String> NEVER = List.of(
            "names, cards, addresses, phone numbers, email addresses",
            "which patrons share a surname, an address or a phone number",
            "which patrons staff searched for or opened",
            "what an entry of the search index stands for",
            "which patrons consented to what, and which fields are empty");

    private static final String TWO_COPIES =
            "Two copies show which patrons were written between them, and which fields. The log shows when: if few"
                    + " patrons were written, a thief can match the two.";
    private static final String NOT_READ =
            "The command reads tables only. Free pages and the write-ahead log can still hold deleted rows, encrypted.";
    private static final String LIVE =
            "A person who watches the running database sees which index entries are read. The promise is about copies.";
    private static final String POSTGRES =
            "On PostgreSQL the order of rows, xmin and the write-ahead log show which patron's row was written with"
                    + " which log entry.";

    private static final AtomicBoolean RUNNING = new AtomicBoolean();

    private final Store store;
    private final AuditLog log;
    private final Access access;

    /** Creates the list without making it. */
    public Leakage(Store store, AuditLog log, Access access) {
        this.store = store;
        this.log = log;
        this.access = access;
    }

    /**
     * Makes the list, and logs who asked for it and whether it is {@link LeakageReport#ok}.
     *
     * @throws Refused with {@code operation-running} during another run
     */
    public LeakageReport run(Caller caller, Progress progress) {
        AccessEvent event = log.event(caller.actor(), ActKind.LEAKAGE, Outcome.REFUSED, AuditLog.newRequest())
                .forPurpose(Purpose.CHECK);
        access.require(caller, Permission.LEAKAGE, event);
        return log.logging(event, () -> {
            if (!RUNNING.compareAndSet(false, true)) {
                throw new Refused(
                        Problem.OPERATION_RUNNING, "Another leakage report is running. Wait until it has ended.");
            }
            try {
                LeakageReport report = store.read(tx -> read(tx, progress));
                log.record(event.ending(report.ok() ? Outcome.VERIFIED : Outcome.FAILED));
                return report;
            } finally {
                RUNNING.set(false);
            }
        });
    }

    private LeakageReport read(Tx tx, Progress progress) {
        CopyContents contents = new CopyContents();
        Map<String, LeakageReport.Column> columns = new LinkedHashMap<>();
        tx.catalogue().tables().stream().map(Layout::new).forEach(layout -> {
            List<ColumnCounts> counts = IntStream.range(0, layout.columns())
                    .mapToObj(i -> new ColumnCounts(layout.known(i)))
                    .toList();
            long[] done = new long[1];
            tx.catalogue().forEach(layout.table(), values -> {
                contents.add(new Row(layout, values));
                for (int i = 0; i < values.length; i++) {
                    counts.get(i).add(values[i]);
                }
                if (++done[0] % ROWS_A_REPORT == 0) {
                    progress.at("Reading " + layout.name(), done[0], 0);
                }
            });
            for (int i = 0; i < counts.size(); i++) {
                columns.put(layout.column(i), counts.get(i).column());
            }
        });
        List<String> remarks = new ArrayList<>(List.of(TWO_COPIES, NOT_READ, LIVE));
        if (!store.isOfOneProcess()) {
            remarks.add(POSTGRES);
        }
        return new LeakageReport(faults(columns, contents.strange()), contents.facts(), NEVER, columns, remarks);
    }

    private static List<Fault> faults(Map<String, LeakageReport.Column> columns, Set<String> strange) {
        List<Fault> faults = new ArrayList<>();
        columns.forEach((name, column) -> {
            if (column.kind().equals("unknown")) {
                faults.add(new Fault(
                        name,
                        "unknown-column",
                        "The vault did not make this column. Find out what made it, and remove it."));
            } else if (column.kind().equals("random") && column.repeats() > 0) {
                faults.add(new Fault(
                        name,
                        "repeated-bytes",
                        "Eight bytes repeat that must look random: a thief can see which values are equal."
                                + " Run `check`."));
            }
        });
        strange.forEach(name -> faults.add(
                new Fault(name, "unknown-value", "The vault does not write such a value here. Run `check`.")));
        return faults;
    }
}
