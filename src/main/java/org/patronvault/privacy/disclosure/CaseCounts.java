package org.patronvault.privacy.disclosure;

import java.time.Clock;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.core.store.Store;

/**
 * The public numbers of requests for records (P3, P10): those received in finished months, except cases that a court
 * forbids speaking of. Requests are public, so the cases are not read each time. Safe for use by many threads.
 */
public final class CaseCounts {
    private static final long READ_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);

    /**
     * The published numbers of a year.
     *
     * @param refused how many of them were refused
     * @param complied for how many of them records were disclosed
     */
    public record Numbers(long received, long refused, long complied) {}

    /** The counted facts of a case. */
    private record CountedCase(YearMonth month, boolean refused, boolean complied) {}

    private record Read(List<CountedCase> cases, long nanos) {}

    private final Store store;
    private final Cases cases;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private volatile Read read = new Read(List.of(), Long.MIN_VALUE);

    CaseCounts(Store store, Cases cases, Clock clock, LongSupplier nanoTime) {
        this.store = store;
        this.cases = cases;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** The years with a published case. */
    public Set<Year> years() {
        Set<Year> years = new TreeSet<>();
        told().forEach(one -> years.add(Year.from(one.month())));
        return years;
    }

    /** The published numbers of that year, as of now. */
    public Numbers in(Year year) {
        List<CountedCase> those = told().stream()
                .filter(one -> Year.from(one.month()).equals(year))
                .toList();
        return new Numbers(
                those.size(),
                those.stream().filter(CountedCase::refused).count(),
                those.stream().filter(CountedCase::complied).count());
    }

    private List<CountedCase> told() {
        YearMonth now = YearMonth.now(clock.withZone(ZoneOffset.UTC));
        return counted().stream().filter(one -> one.month().isBefore(now)).toList();
    }

    private List<CountedCase> counted() {
        long now = nanoTime.getAsLong();
        Read last = read;
        if (last.nanos() == Long.MIN_VALUE || now - last.nanos() >= READ_AGAIN_NANOS) {
            last = new Read(
                    store.read(cases::all).stream()
                            .filter(one -> !one.isGagged())
                            .map(CaseCounts::counted)
                            .toList(),
                    now);
            read = last;
        }
        return last.cases();
    }

    private static CountedCase counted(DisclosureCase one) {
        CaseState state = one.state();
        boolean released = one.last(CaseStep.RELEASE).isPresent();
        boolean refused = state == CaseState.REFUSED || (state == CaseState.CLOSED && !released);
        return new CountedCase(YearMonth.from(one.opened().atOffset(ZoneOffset.UTC)), refused, released);
    }
}
