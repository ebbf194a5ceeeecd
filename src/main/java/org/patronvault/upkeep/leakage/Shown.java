package org.patronvault.upkeep.leakage;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.LeafInClear;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;

/** The expected leakage of a copy: the list of threat-model.md ("What a stolen copy shows") with present figures. */
final class Shown implements Look {
    /** The acts of accounts with a role. */
    private static final class Acts {
        private final Map<String, Long> acts = new TreeMap<>();
        private Instant first = Instant.MAX;
        private Instant last = Instant.MIN;

        private void add(AccessEvent event) {
            acts.merge(event.act().wireName(), 1L, Long::sum);
            first = event.time().isBefore(first) ? event.time() : first;
            last = event.time().isAfter(last) ? event.time() : last;
        }

        private String first() {
            return acts.isEmpty() ? "" : first.truncatedTo(ChronoUnit.SECONDS).toString();
        }

        private String last() {
            return acts.isEmpty() ? "" : last.truncatedTo(ChronoUnit.SECONDS).toString();
        }

        private Map<String, Object> figures() {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("first", first());
            figures.put("last", last());
            figures.put("acts", acts);
            return figures;
        }
    }

    /** The actor's substitute for counted wrong PINs of a card (format.md). */
    private static final String WRONG_PIN = "wrong-pin";

    private final Map<String, Map<String, Long>> ofPatrons = new LinkedHashMap<>();
    private final Map<String, Long> authority = new TreeMap<>();
    private final Map<String, Long> keys = new TreeMap<>();
    private final Map<String, Long> viewPages = new TreeMap<>();
    private final Map<String, Acts> byRole = new TreeMap<>();
    private final Acts all = new Acts();
    private long patrons;
    private long erased;
    private long writtenAgain;
    private long entries;
    private long openedToday;
    private long pinsChecked;
    private long answersKept;

    Shown() {
        List.of("library", "category", "status", "expires", "registered")
                .forEach(column -> ofPatrons.put(column, new TreeMap<>()));
    }

    @Override
    public void row(Row row) {
        switch (row.layout().name()) {
            case "patron" -> patron(row);
            case "patron_tombstone" -> erased++;
            case "limit_seen" -> limitSeen(row.text("actor"));
            case "idempotency" -> answersKept++;
            case "log_view" -> viewPages.merge(Long.toString(row.number("month")), 1L, Long::sum);
            case "authority" ->
                authority.merge(row.isOfUnknownKind() ? "of no known kind" : row.text("kind"), 1L, Long::sum);
            case "access_log" -> entry(row.value("leaf"));
            default -> {
                // The games report the others.
            }
        }
    }

    private void limitSeen(String actor) {
        if (actor.equals(WRONG_PIN)) {
            pinsChecked++;
        } else {
            openedToday++;
        }
    }

    private void patron(Row row) {
        patrons++;
        writtenAgain += row.number("version") > 1 ? 1 : 0;
        for (PatronField field : PatronField.values()) {
            int version = KnownCells.kekVersion(row.value(field.wireName()));
            keys.merge(field.wireName() + " " + version, 1L, Long::sum);
        }
        ofPatrons.forEach((column, counts) -> {
            counts.merge(told(column, row.text(column)), 1L, Long::sum);
        });
    }

    /** A value without the right form may be a patron's: it is counted and never printed. */
    private static String told(String column, String value) {
        if (value.isEmpty()) {
            return "none";
        }
        if (!KnownCells.isOfForm(column, value)) {
            return "of another form";
        }
        // The year of a day suffices here.
        return column.equals("expires") ? value.substring(0, 4) : value;
    }

    private void entry(byte[] leaf) {
        try {
            AccessEvent event = LeafInClear.of(leaf).event();
            entries++;
            all.add(event);
            if (event.actor().kind() == Actor.Kind.STAFF) {
                byRole.computeIfAbsent(event.actor().role(), any -> new Acts()).add(event);
            }
        } catch (IntegrityException e) {
            // A changed log is reported by `log verify`.
        }
    }

    long patrons() {
        return patrons;
    }

    /**
     * Returns the list.
     *
     * @param rare by field, how many values are unusually long
     */
    List<Report.Learned> list(Map<String, Object> rare) {
        List<Report.Learned> list = new ArrayList<>();
        list.add(new Figures()
                .with("patrons", patrons)
                .with("erased", erased)
                .learned("patrons", "how many there are: %,d; and were erased: %,d", patrons, erased));
        Map<String, String> words = new LinkedHashMap<>();
        words.put("library", "each one's library: %s");
        words.put("category", "each one's category: %s");
        words.put("status", "each one's status: %s");
        words.put("expires", "each one's last day of validity, by years: %s");
        words.put("registered", "each one's month of registration: %s");
        words.forEach((column, sentence) ->
                list.add(new Figures().with("counts", ofPatrons.get(column)).learned(column, sentence, few(column))));
        list.add(new Figures()
                .with("writtenAgain", writtenAgain)
                .with("entries", entries)
                .with("first", all.first())
                .with("last", all.last())
                .learned(
                        "written",
                        "when rows were written: %,d entries of the log from %s to %s; which fields of each patron were"
                                + " written how often: patrons written again %,d",
                        entries,
                        all.first(),
                        all.last(),
                        writtenAgain));
        list.add(new Figures()
                .with("values", rare)
                .learned("lengths", "who has something unusually long: %s", rare.isEmpty() ? "nobody" : counted(rare)));
        list.add(new Figures()
                .with("values", keys)
                .learned("keys", "on which version of its key each value hangs: %s", counted(keys)));
        list.add(new Figures()
                .with("pages", viewPages)
                .learned(
                        "view",
                        "how many patrons an entry of the log names on average: a block's size shows it. Pages of the"
                                + " view by patron, by month: %s",
                        viewPages.isEmpty() ? "none yet" : counted(viewPages)));
        list.add(staff());
        return list;
    }

    private Report.Learned staff() {
        Map<String, Object> roles = new LinkedHashMap<>();
        byRole.forEach((role, acts) -> roles.put(role, acts.figures()));
        String says = byRole.entrySet().stream()
                .map(role -> Figures.said(
                        "%s %s (%s to %s)",
                        role.getKey(),
                        counted(role.getValue().acts),
                        role.getValue().first(),
                        role.getValue().last()))
                .collect(Collectors.joining("; "));
        return new Figures()
                .with("roles", roles)
                .with("authority", authority)
                .with("patronsOpenedLately", openedToday)
                .with("pinsCheckedLately", pinsChecked)
                .with("answersKept", answersKept)
                .learned(
                        "staff",
                        "what staff accounts did when, and not at whom: %s; accounts and what belongs to them: %s; how"
                                + " many patrons each account opened lately: %,d in all; how many names and searches it"
                                + " used, and in which minutes; for how many patrons a verify failed, and when; how"
                                + " many PINs were checked in the last minutes, right or wrong: %,d; that"
                                + " writes were sent with a key: %,d, and which of them were sent again under another",
                        says.isEmpty() ? "nothing" : says,
                        counted(authority),
                        openedToday,
                        pinsChecked,
                        answersKept);
    }

    /** Returns all values if they are few, or else their number and range. */
    private String few(String column) {
        TreeMap<String, Long> counts = new TreeMap<>(ofPatrons.get(column));
        if (counts.size() <= 12) {
            return counted(counts);
        }
        return counts.size() + " of them, from " + counts.firstKey() + " to " + counts.lastKey();
    }

    private static String counted(Map<String, ?> counts) {
        return counts.entrySet().stream()
                .map(one -> one.getKey() + " " + Figures.said("%,d", one.getValue()))
                .collect(Collectors.joining(", "));
    }
}
