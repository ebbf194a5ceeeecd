package org.patronvault.log.report;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader.Entry;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;

/**
 * A grouping of log entries into visits. A visit is what one person did in one role for one purpose, with pauses of ten
 * minutes at most. All its entries have a patron in common. For one thread, and one stretch of the log that is read
 * forwards. Omitted entries are unknown: in a search for one act, a visit begins with its first such act.
 */
public final class Visits {
    /** The longest pause within a visit. */
    public static final Duration PAUSE = Duration.ofMinutes(10);

    private record Visitor(Actor actor, Optional<Purpose> purpose) {}

    private static final class OpenVisit {
        private final long visit;
        private final Set<PatronId> patrons;
        private Instant last;

        private OpenVisit(long visit, Set<PatronId> patrons, Instant last) {
            this.visit = visit;
            this.patrons = patrons;
            this.last = last;
        }
    }

    /**
     * One visit.
     *
     * @param id the index of its first entry
     * @param patrons the patrons that all of its entries name; empty if they name none
     * @param entries oldest first
     */
    public record Visit(long id, Set<PatronId> patrons, List<Entry> entries) {

        /** Returns the first entry, which names actor, role and purpose. */
        public AccessEvent first() {
            return entries.get(0).event();
        }

        /** Returns the time of its last entry. */
        public Instant end() {
            return entries.get(entries.size() - 1).event().time();
        }

        /** Returns the fields that its entries name of these patrons. */
        public Set<PatronField> fields() {
            Set<PatronField> fields = EnumSet.noneOf(PatronField.class);
            entries.forEach(entry -> fields.addAll(entry.event().fieldsOf(patrons::contains)));
            return fields;
        }

        /** Returns the outcomes of its entries, each once, in the order they came. */
        public List<Outcome> outcomes() {
            return entries.stream()
                    .map(entry -> entry.event().outcome())
                    .distinct()
                    .toList();
        }
    }

    private final Map<Visitor, List<OpenVisit>> open = new HashMap<>();

    /** Returns the visit that an entry belongs to, as the index of its first entry. */
    public long of(Entry entry) {
        return place(entry).visit;
    }

    private OpenVisit place(Entry entry) {
        AccessEvent event = entry.event();
        Set<PatronId> patrons = new TreeSet<>();
        event.subjects().forEach(subject -> patrons.add(subject.patron()));
        if (patrons.isEmpty()) {
            return new OpenVisit(entry.index(), patrons, event.time());
        }
        List<OpenVisit> all =
                open.computeIfAbsent(new Visitor(event.actor(), event.purpose()), any -> new ArrayList<>());
        all.removeIf(visit -> Duration.between(visit.last, event.time()).abs().compareTo(PAUSE) > 0);
        OpenVisit visit = all.stream()
                .filter(one -> !Collections.disjoint(one.patrons, patrons))
                .reduce((one, later) -> later)
                .orElseGet(() -> new OpenVisit(entry.index(), patrons, event.time()));
        // The visit that was extended last is tried first.
        all.remove(visit);
        all.add(visit);
        visit.patrons.retainAll(patrons);
        visit.last = event.time();
        return visit;
    }

    /** Returns the visits of some entries, given oldest first, in the order they began. */
    public static List<Visit> in(List<Entry> entries) {
        Visits visits = new Visits();
        Map<Long, OpenVisit> begun = new LinkedHashMap<>();
        Map<Long, List<Entry>> grouped = new HashMap<>();
        for (Entry entry : entries) {
            OpenVisit visit = visits.place(entry);
            begun.put(visit.visit, visit);
            grouped.computeIfAbsent(visit.visit, any -> new ArrayList<>()).add(entry);
        }
        return begun.values().stream()
                .map(visit -> new Visit(visit.visit, new HashSet<>(visit.patrons), grouped.get(visit.visit)))
                .toList();
    }
}
