package org.patronvault.core.log.entry;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;

/**
 * A filter for entries of the log. An entry must match every given member.
 *
 * @param patron a patron that the entry names
 * @param inCase the disclosure case it is part of
 * @param actor who did it, in lower case
 * @param role in which role, or with which scope among others
 * @param since its earliest time, inclusive
 * @param until its latest time, exclusive
 */
public record LogQuery(
        Optional<PatronId> patron,
        Optional<CaseId> inCase,
        Optional<String> actor,
        Optional<String> role,
        Optional<Purpose> purpose,
        Optional<ActKind> act,
        Optional<Outcome> outcome,
        Optional<Instant> since,
        Optional<Instant> until) {

    private static final int FIRST_YEAR = 1970;
    private static final int LAST_YEAR = 9999;

    /** The member names that {@link #parse} asks for. */
    public static final List<String> MEMBERS =
            List.of("patron", "case", "actor", "role", "purpose", "act", "outcome", "since", "until");

    /** Returns the filter for every entry that names a patron. */
    public static LogQuery of(PatronId patron) {
        return new LogQuery(
                Optional.of(patron),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /**
     * Parses a filter, each member by its name.
     *
     * @param zone time zone of a day that is given without a time
     * @throws Refused that names the member which cannot be read
     */
    public static LogQuery parse(Function<String, Optional<String>> written, ZoneId zone) {
        Function<String, Optional<String>> text =
                name -> written.apply(name).map(String::strip).filter(one -> !one.isEmpty());
        return new LogQuery(
                text.apply("patron").map(one -> PatronId.parse(one).orElseThrow(() -> unknown("patron"))),
                text.apply("case").map(one -> CaseId.parse(one).orElseThrow(() -> unknown("case"))),
                text.apply("actor").map(one -> one.toLowerCase(Locale.ROOT)),
                text.apply("role").map(one -> one.toLowerCase(Locale.ROOT)),
                text.apply("purpose").map(LogQuery::known),
                text.apply("act").map(one -> named(ActKind.values(), ActKind::wireName, one, "act")),
                text.apply("outcome").map(one -> named(Outcome.values(), Outcome::wireName, one, "outcome")),
                text.apply("since").map(one -> time(one, zone, 0, "since")),
                // "Until Friday" includes Friday.
                text.apply("until").map(one -> time(one, zone, 1, "until")));
    }

    /** Returns the patron of a filter, even if its other members cannot be read. */
    public static Optional<PatronId> patron(Function<String, Optional<String>> written) {
        return written.apply("patron").map(String::strip).flatMap(PatronId::parse);
    }

    private static Refused unknown(String member) {
        return new Refused(Problem.INVALID, "There is no such " + member + ".");
    }

    private static <T> T named(T[] all, Function<T, String> name, String text, String member) {
        return Arrays.stream(all)
                .filter(one -> name.apply(one).equals(text.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> unknown(member));
    }

    private static Purpose known(String text) {
        return Purpose.KNOWN.stream()
                .filter(one -> one.name().equals(text.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> unknown("purpose"));
    }

    private static Instant time(String text, ZoneId zone, int days, String member) {
        try {
            OffsetDateTime time = text.contains("T")
                    ? OffsetDateTime.parse(text)
                    : LocalDate.parse(text).plusDays(days).atStartOfDay(zone).toOffsetDateTime();
            if (time.getYear() >= FIRST_YEAR && time.getYear() <= LAST_YEAR) {
                return time.toInstant();
            }
        } catch (DateTimeException e) {
            // Such as a year far out of range.
        }
        throw new Refused(
                Problem.INVALID, member + " is a day, such as 2026-11-24, or a time, such as 2026-11-24T15:04:05Z.");
    }

    /** Whether the unsealed members of an entry match. */
    public boolean fitsInClear(AccessEvent event) {
        return fits(actor, event.actor().name())
                && role.filter(one -> !Arrays.asList(event.actor().role().split(",", -1))
                                .contains(one))
                        .isEmpty()
                && (purpose.isEmpty() || purpose.equals(event.purpose()))
                && fits(act, event.act())
                && fits(outcome, event.outcome())
                && since.filter(event.time()::isBefore).isEmpty()
                && until.filter(end -> !event.time().isBefore(end)).isEmpty();
    }

    private static <T> boolean fits(Optional<T> wanted, T is) {
        return wanted.isEmpty() || wanted.get().equals(is);
    }

    /** Whether the sealed members of an opened entry match. */
    public boolean fitsSealed(AccessEvent event) {
        return (inCase.isEmpty() || inCase.equals(event.inCase()))
                && (patron.isEmpty()
                        || event.subjects().stream()
                                .anyMatch(subject -> subject.patron().equals(patron.get())));
    }
}
