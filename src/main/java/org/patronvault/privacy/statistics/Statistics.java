package org.patronvault.privacy.statistics;

import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.patronvault.access.Access;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.RowKeyRotation;
import org.patronvault.core.dual.SealedText;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.StatisticsRows.Count;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The numbers of patrons by attributes that identify no person (P4). Nothing of a patron is decrypted. The first
 * request of a day (UTC) fixes the numbers for all callers and all tables of that day. So a caller cannot ask twice and
 * learn of a patron added or removed in between. Safe for use by many threads.
 */
public final class Statistics {
    /** The most cells of one table. */
    public static final int MAX_CELLS = 20_000;

    private static final String KIND = "statistics";
    private static final String NAME = "today";

    /**
     * The row that holds the counts.
     *
     * @param counts encrypted, since they may differ from the current state
     */
    private record Row(String day, int floor, String counts) {}

    /** The published result of a day. */
    private record DayResult(Row row, Suppression suppression) {}

    private final Store store;
    private final Access access;
    private final AuditLog log;
    private final SealedText sealing;
    private final Clock clock;
    private final AtomicReference<Optional<DayResult>> told = new AtomicReference<>(Optional.empty());

    public Statistics(Store store, KeyCustody custody, Access access, AuditLog log, Clock clock) {
        this.store = store;
        this.access = access;
        this.log = log;
        this.sealing = new SealedText(custody, KIND);
        access.authority()
                .renewal()
                .add(KIND, Row.class, held -> new RowKeyRotation.RekeyedRow<>(held.name(), again(held.body())));
        this.clock = clock;
    }

    /**
     * Returns a table by those dimensions; the total alone without any.
     *
     * @param by read only once the policy was asked
     */
    public StatisticsTable table(Caller caller, Supplier<List<StatisticsDimension>> by, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), ActKind.STATISTICS, Outcome.REFUSED, request);
        access.require(caller, Permission.STATISTICS, attempt);
        return log.logging(attempt, () -> table(attempt, List.copyOf(by.get())));
    }

    private StatisticsTable table(AccessEvent attempt, List<StatisticsDimension> by) {
        if (new HashSet<>(by).size() != by.size()) {
            throw new Refused(Problem.INVALID, "Name each of library, category, status and month once at most.");
        }
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        Row row = store.read(tx -> held(tx).map(Authority.Versioned::body))
                .filter(held -> isOf(held, today))
                .orElseGet(() -> freeze(attempt.ending(Outcome.WRITTEN), count(today)));
        Suppression suppression = suppression(row);
        if (suppression.size(by) > MAX_CELLS) {
            throw new Refused(
                    Problem.INVALID,
                    "That would be more than " + MAX_CELLS + " cells; count by fewer of library, category, status and"
                            + " month.");
        }
        long entry = log.record(attempt.ending(Outcome.SEARCHED)).index();
        return new StatisticsTable(LocalDate.parse(row.day()), row.floor(), by, suppression.table(by), entry);
    }

    /** Whether the row is of that day, or of the next: another node's clock, or this one's earlier, may be ahead. */
    private static boolean isOf(Row row, LocalDate day) {
        LocalDate counted = LocalDate.parse(row.day());
        return counted.equals(day) || counted.equals(day.plusDays(1));
    }

    private Row freeze(AccessEvent event, Row counted) {
        return log.call(event, now -> Decision.done(event, keep(now.tx(), counted)));
    }

    private Row again(Row row) {
        return new Row(row.day(), row.floor(), sealing.again(row.day(), row.counts()));
    }

    private Optional<Authority.Versioned<Row>> held(Tx tx) {
        return access.authority().find(tx, KIND, NAME, Row.class);
    }

    /** Counts all patrons, outside of any act, so no other writer waits. */
    private Row count(LocalDate day) {
        String lines = store.read(tx -> tx.statistics().counts()).stream()
                .map(one -> kind(one) + " " + one.count())
                .collect(Collectors.joining("\n"));
        return new Row(day.toString(), access.policy().statisticsFloor(), sealing.seal(day.toString(), lines));
    }

    private static String kind(Count one) {
        return String.join(" ", one.library(), one.category(), one.status(), one.month());
    }

    /** Stores the counts, unless another node was first; returns the counts that hold. */
    private Row keep(WriteTx tx, Row counted) {
        Optional<Authority.Versioned<Row>> before = held(tx);
        if (before.filter(row -> isOf(row.body(), LocalDate.parse(counted.day())))
                .isPresent()) {
            return before.get().body();
        }
        access.authority().put(tx, KIND, NAME, before, counted);
        return counted;
    }

    private Suppression suppression(Row row) {
        Optional<DayResult> now = told.get();
        if (now.filter(known -> known.row().equals(row)).isEmpty()) {
            now = Optional.of(new DayResult(row, new Suppression(counts(row), row.floor())));
            told.set(now);
        }
        return now.get().suppression();
    }

    private List<Count> counts(Row row) {
        List<Count> counts = new ArrayList<>();
        for (String line : sealing.open(row.day(), row.counts()).lines().toList()) {
            String[] words = line.split(" ", -1);
            if (words.length != 5) {
                throw new IntegrityException("statistics: form");
            }
            counts.add(new Count(words[0], words[1], words[2], words[3], Long.parseLong(words[4])));
        }
        return counts;
    }
}
