package org.patronvault.core.policy;

import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The policy's settings for the access log.
 *
 * @param months how many months after its end a month of the log still names its patrons; empty for ever
 * @param reportNamesStaff whether a patron's report names staff, instead of their roles
 */
public record AccessLogPolicy(OptionalInt months, boolean reportNamesStaff) {
    private static final int UNSAID_MONTHS = 24;
    private static final int MIN_MONTHS = 12;
    private static final int MAX_MONTHS = 1_200;
    private static final String RETENTION = "retention";
    private static final String PATRONS = "patrons";
    private static final String MONTHS = "accessLog";
    private static final String REPORT = "accessReport";
    private static final String STAFF = "staff";

    /** The members of a policy that {@link #read} reads. */
    static final Set<String> MEMBERS = Set.of(RETENTION, REPORT);

    /** Reads these settings from the policy, or returns the defaults if there are none. */
    static AccessLogPolicy read(YamlNode root, PolicyReader reader) {
        return new AccessLogPolicy(
                months(reader.only(root, RETENTION, MONTHS, PATRONS).member(MONTHS), reader),
                namesStaff(reader.only(root, REPORT, STAFF).member(STAFF), reader));
    }

    private static OptionalInt months(YamlNode months, PolicyReader reader) {
        if (!months.isSaid()) {
            return OptionalInt.of(UNSAID_MONTHS);
        }
        if (months.isText() && months.text().equals("forever")) {
            return OptionalInt.empty();
        }
        int number = months.wholeNumber();
        if (number < MIN_MONTHS || number > MAX_MONTHS) {
            reader.fault(months, "has a retention.accessLog other than 12 to 1200 months or forever");
        }
        return OptionalInt.of(number);
    }

    private static boolean namesStaff(YamlNode staff, PolicyReader reader) {
        if (staff.isSaid() && !(staff.isText() && Set.of("roles", "names").contains(staff.text()))) {
            reader.fault(staff, "has an accessReport.staff other than roles or names");
        }
        return staff.text().equals("names");
    }

    /** Whether the log must no longer name the patrons of that month (yyyymm, UTC). */
    public boolean isOver(int month, Instant now) {
        return over(YearMonth.of(month / 100, month % 100))
                .map(day -> !day.atStartOfDay(ZoneOffset.UTC).toInstant().isAfter(now))
                .orElse(false);
    }

    /** Returns the day (UTC) from which the log no longer names the patrons of that month; empty if it always does. */
    public Optional<LocalDate> over(YearMonth month) {
        return months.isPresent()
                ? Optional.of(month.plusMonths(months.getAsInt() + 1L).atDay(1))
                : Optional.empty();
    }

    /** Whether the log names its patrons for a shorter time than in {@code other}. */
    boolean isShorterThan(AccessLogPolicy other) {
        return months.orElse(Integer.MAX_VALUE) < other.months.orElse(Integer.MAX_VALUE);
    }

    /** Returns how long the log names its patrons, in words. */
    public String time() {
        return months.isPresent() ? "for " + months.getAsInt() + " months" : "for ever";
    }
}
