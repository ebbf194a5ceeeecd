package org.patronvault.privacy.transparency;

import java.time.Clock;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.patronvault.access.Access;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.log.count.MonthCounter;
import org.patronvault.log.count.MonthCounts;
import org.patronvault.privacy.disclosure.CaseCounts;

/**
 * The public numbers of a year: how often records were opened and erased, month by month (P4), and how often outsiders
 * requested them (P10). A month is published once it is over, and then stays. There is no number below the floor of
 * statistics, nor one from which such a number could be computed. A request is not logged and reads one row, since
 * everybody may ask as often as they like. Safe for use by many threads.
 */
public final class Transparency implements AutoCloseable {
    private final Access access;
    private final MonthCounter counter;
    private final CaseCounts requests;
    private final Clock clock;

    public Transparency(Access access, MonthCounter counter, CaseCounts requests, Clock clock) {
        this.access = access;
        this.counter = counter;
        this.requests = requests;
        this.clock = clock;
    }

    /**
     * The report of that year; of the last published year, if none is named.
     *
     * @throws Refused with {@code not-found} for an unpublished year, unless it is the current one; {@code sealed}
     */
    public TransparencyReport report(Optional<Year> asked) {
        MonthCounts counts = counter.counts();
        List<YearMonth> told = told(counts);
        Year now = Year.now(clock.withZone(ZoneOffset.UTC));
        TreeSet<Year> years = new TreeSet<>(Collections.reverseOrder());
        told.forEach(month -> years.add(Year.from(month)));
        years.addAll(requests.years());
        Year year = asked.orElse(years.isEmpty() ? now : years.first());
        if (!years.contains(year) && !year.equals(now)) {
            throw new Refused(
                    Problem.NOT_FOUND, "Nothing is shown of that year. Without a year you see the last one there is.");
        }
        int floor = access.policy().statisticsFloor();
        List<TransparencyReport.Month> months = told.stream()
                .filter(month -> Year.from(month).equals(year))
                .map(month -> new TransparencyReport.Month(
                        month,
                        told(counts.in(month).opened(), floor),
                        told(counts.in(month).erased(), floor)))
                .toList();
        return new TransparencyReport(
                year,
                List.copyOf(years),
                floor,
                access.policy().posted(),
                months,
                sum(months, TransparencyReport.Month::opened),
                sum(months, TransparencyReport.Month::erased),
                told(requests.in(year), floor),
                Optional.of(counts.checkpoint()).filter(note -> !note.isEmpty()));
    }

    /** From the first month with an entry to the last closed one, without gaps. */
    private static List<YearMonth> told(MonthCounts counts) {
        List<YearMonth> months = new ArrayList<>();
        if (counts.closed() > 0 && !counts.months().isEmpty()) {
            YearMonth last = MonthCounts.yearMonth(counts.closed());
            for (YearMonth month = MonthCounts.yearMonth(counts.months().firstKey());
                    !month.isAfter(last);
                    month = month.plusMonths(1)) {
                months.add(month);
            }
        }
        return months;
    }

    private static OptionalLong told(long count, int floor) {
        return count < floor ? OptionalLong.empty() : OptionalLong.of(count);
    }

    /** Suppresses parts so that their sum is never below the floor, since the other parts reveal that sum. */
    static TransparencyReport.Requests told(CaseCounts.Numbers counted, int floor) {
        long open = counted.received() - counted.refused() - counted.complied();
        long[] few = LongStream.of(counted.refused(), counted.complied(), open)
                .filter(part -> part < floor)
                .toArray();
        boolean parts = few.length == 0 || LongStream.of(few).sum() >= floor;
        return new TransparencyReport.Requests(
                told(counted.received(), floor),
                parts ? told(counted.refused(), floor) : OptionalLong.empty(),
                parts ? told(counted.complied(), floor) : OptionalLong.empty());
    }

    /** The sum of the published numbers only, so that no suppressed number can be computed from it. */
    private static OptionalLong sum(
            List<TransparencyReport.Month> months, Function<TransparencyReport.Month, OptionalLong> of) {
        LongStream told = months.stream().map(of).flatMapToLong(OptionalLong::stream);
        return told.reduce(Long::sum);
    }

    /** Starts counting, unless it is running; does not wait for it. */
    public void turn() {
        counter.turn();
    }

    /** Counts to the end of the log, now. */
    public void settle() {
        counter.settle();
    }

    @Override
    public void close() {
        counter.close();
    }
}
