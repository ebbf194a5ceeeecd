package org.patronvault.web.page.log;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.log.report.Visits;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.Texts;

/** A builder of the texts and rows of the access log's search. */
final class LogSearchViews {
    private static final Set<Outcome> MARKED = Set.of(Outcome.REFUSED, Outcome.FAILED, Outcome.ALERT);

    private final Texts t;

    LogSearchViews(Texts t) {
        this.t = t;
    }

    List<DeskView.Choice> purposes(String chosen) {
        return choices(Purpose.KNOWN.stream().map(Purpose::name).sorted(), chosen);
    }

    List<DeskView.Choice> acts(String chosen) {
        return choices(Arrays.stream(ActKind.values()).map(ActKind::wireName).sorted(), chosen);
    }

    List<DeskView.Choice> outcomes(String chosen) {
        return choices(Arrays.stream(Outcome.values()).map(Outcome::wireName).sorted(), chosen);
    }

    private List<DeskView.Choice> choices(Stream<String> names, String chosen) {
        return Stream.concat(
                        Stream.of(new DeskView.Choice("", t.say("log.any"), chosen.isEmpty())),
                        names.map(name -> new DeskView.Choice(name, DeskViews.words(name), name.equals(chosen))))
                .toList();
    }

    LogSearchView.Visit visit(Visits.Visit visit) {
        AccessEvent first = visit.first();
        String fields = PatronField.list(visit.fields());
        return new LogSearchView.Visit(
                when(first.time(), visit.end()),
                who(first.actor()),
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

    /** The act, with its account, key or operation. */
    private static String act(AccessEvent event) {
        return DeskViews.words(event.act().wireName())
                + event.about().map(about -> " (" + about + ")").orElse("");
    }

    /** The actor's name, or a description if it has none. */
    String who(Actor actor) {
        if (actor.kind() == Actor.Kind.VAULT) {
            return t.say("log.the-vault");
        }
        return actor.name().isEmpty() ? t.say("log.nobody") : actor.name();
    }

    private String when(Instant from, Instant to) {
        return t.time(from).equals(t.time(to)) ? t.time(from) : t.say("log.between", t.time(from), t.clock(to, false));
    }

    private LogSearchView.Entry entry(LogReader.Entry entry) {
        AccessEvent event = entry.event();
        String reason = event.reason().map(one -> ": " + one.slug()).orElse("");
        String count = event.count().isPresent() ? " (" + event.count().getAsLong() + ")" : "";
        return new LogSearchView.Entry(
                Long.toString(entry.index()),
                t.clock(event.time(), true),
                act(event),
                DeskViews.words(event.outcome().wireName()) + reason + count,
                PatronField.list(event.fields()),
                event.subjects().stream()
                        .map(subject -> subject.patron().toString())
                        .collect(Collectors.joining(" ")));
    }
}
