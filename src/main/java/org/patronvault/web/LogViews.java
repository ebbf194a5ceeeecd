package org.patronvault.web;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.LogReader;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Visits;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.model.Purpose;

/** Words and rows of the page of the access log. */
final class LogViews {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("MMM d, uuuu, h:mm a", Locale.US);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("h:mm a", Locale.US);
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("h:mm:ss a", Locale.US);
    private static final Set<Outcome> MARKED = Set.of(Outcome.REFUSED, Outcome.FAILED, Outcome.ALERT);

    private final ZoneId zone;

    LogViews(ZoneId zone) {
        this.zone = zone;
    }

    static List<DeskView.Choice> purposes(String chosen) {
        return choices(Purpose.KNOWN.stream().map(Purpose::name).sorted(), chosen);
    }

    static List<DeskView.Choice> acts(String chosen) {
        return choices(Arrays.stream(Act.values()).map(Act::wireName).sorted(), chosen);
    }

    static List<DeskView.Choice> outcomes(String chosen) {
        return choices(Arrays.stream(Outcome.values()).map(Outcome::wireName).sorted(), chosen);
    }

    private static List<DeskView.Choice> choices(Stream<String> names, String chosen) {
        return Stream.concat(
                        Stream.of(new DeskView.Choice("", "Any", chosen.isEmpty())),
                        names.map(name -> new DeskView.Choice(name, DeskViews.words(name), name.equals(chosen))))
                .toList();
    }

    LogView.Visit visit(Visits.Visit visit) {
        AccessEvent first = visit.first();
        String fields = PatronField.list(visit.fields());
        return new LogView.Visit(
                when(first.time(), visit.end()),
                first.actor().name().isEmpty() ? "nobody" : first.actor().name(),
                first.actor().role(),
                first.purpose().map(Purpose::name).map(DeskViews::words).orElse(""),
                fields.isEmpty() ? acts(visit) : fields,
                visit.patrons().stream().sorted().map(PatronId::toString).toList(),
                visit.outcomes().stream()
                        .filter(MARKED::contains)
                        .map(outcome -> DeskViews.words(outcome.wireName()))
                        .toList(),
                visit.entries().stream().map(this::entry).toList());
    }

    private static String acts(Visits.Visit visit) {
        return visit.entries().stream()
                .map(entry -> act(entry.event()))
                .distinct()
                .collect(Collectors.joining(", "));
    }

    /** What was done, and to which account, key or operation. */
    private static String act(AccessEvent event) {
        return DeskViews.words(event.act().wireName())
                + event.about().map(about -> " (" + about + ")").orElse("");
    }

    private String when(Instant from, Instant to) {
        String end = TIME.format(to.atZone(zone));
        String begin = DAY.format(from.atZone(zone));
        return begin.endsWith(end) ? begin : begin + "–" + end;
    }

    private LogView.Entry entry(LogReader.Entry entry) {
        AccessEvent event = entry.event();
        String reason = event.reason().map(one -> ": " + one.slug()).orElse("");
        String count = event.count().isPresent() ? " (" + event.count().getAsLong() + ")" : "";
        return new LogView.Entry(
                Long.toString(entry.index()),
                SECONDS.format(event.time().atZone(zone)),
                act(event),
                DeskViews.words(event.outcome().wireName()) + reason + count,
                PatronField.list(event.fields()),
                event.subjects().stream()
                        .map(subject -> subject.patron().toString())
                        .collect(Collectors.joining(" ")));
    }
}
