package org.patronvault.upkeep.leakage;

import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.LeafInClear;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Status;

/**
 * The list of threat-model.md ("What a stolen copy shows") with the counts of one database. It prints no value that is
 * not of the vault's own form, because such a value may be a patron's. For one thread.
 */
final class CopyContents {
    /** The actor's substitute for counted wrong PINs of a card (format.md). */
    private static final String WRONG_PIN = "wrong-pin";

    /** A list of more values is shown as a number and a range. */
    private static final int MOST_LISTED = 12;

    private static final int KEK_VERSION_AT = Long.BYTES + 1;
    private static final int YEAR = 4;

    /** The columns of a patron that are not encrypted, and the form of their values. */
    static final Map<String, Predicate<String>> IN_CLEAR = Map.of(
            "library", PatronAttributes::isLibrary,
            "category", text -> Category.ofWireName(text).isPresent(),
            "status", text -> Status.ofWireName(text).isPresent(),
            "expires", CopyContents::isDay,
            "registered", CopyContents::isMonth);

    /** The acts of the accounts with one role, or of all. */
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
    }

    private final Map<String, Map<String, Long>> inClear = new LinkedHashMap<>();
    private final Map<String, Long> authority = new TreeMap<>();
    private final Map<String, Long> keys = new TreeMap<>();
    private final Map<String, Long> viewPages = new TreeMap<>();
    private final Map<String, Acts> byRole = new TreeMap<>();
    private final Acts all = new Acts();
    private final Set<String> strange = new TreeSet<>();
    private long patrons;
    private long erased;
    private long writtenAgain;
    private long entries;
    private long openedToday;
    private long pinsChecked;
    private long answersKept;

    CopyContents() {
        List.of("library", "category", "status", "expires", "registered")
                .forEach(column -> inClear.put(column, new TreeMap<>()));
    }

    /** The KEK version of a cell, or 0 if it is too short to be one. */
    static int kekVersion(byte[] cell) {
        return cell == null || cell.length < KEK_VERSION_AT + Integer.BYTES
                ? 0
                : ByteBuffer.wrap(cell).getInt(KEK_VERSION_AT);
    }

    /** Whether the vault writes such a value into that column of a patron's row. */
    static boolean isOfForm(String column, String text) {
        return IN_CLEAR.get(column).test(text);
    }

    private static boolean isMonth(String text) {
        try {
            return YearMonth.parse(text).toString().equals(text) && text.length() == "2026-01".length();
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static boolean isDay(String text) {
        try {
            return LocalDate.parse(text).toString().equals(text) && text.length() == "2026-01-31".length();
        } catch (DateTimeException e) {
            return false;
        }
    }

    /** Counts a row of any table. */
    void add(Row row) {
        if (row.isOfUnknownKind()) {
            strange.add(KnownColumns.kindOf(row.layout().name()));
        }
        switch (row.layout().name()) {
            case "patron" -> patron(row);
            case "patron_tombstone" -> erased++;
            case "limit_seen" -> {
                if (row.text("actor").equals(WRONG_PIN)) {
                    pinsChecked++;
                } else {
                    openedToday++;
                }
            }
            case "idempotency" -> answersKept++;
            case "log_view" -> viewPages.merge(Long.toString(row.number("month")), 1L, Long::sum);
            case "authority" ->
                authority.merge(row.isOfUnknownKind() ? "of no known kind" : row.text("kind"), 1L, Long::sum);
            case "access_log" -> entry(row.value("leaf"));
            default -> {
                // The counts by column say enough of the others.
            }
        }
    }

    private void patron(Row row) {
        patrons++;
        writtenAgain += row.number("version") > 1 ? 1 : 0;
        for (PatronField field : PatronField.values()) {
            keys.merge(field.wireName() + " " + kekVersion(row.value(field.wireName())), 1L, Long::sum);
        }
        inClear.forEach((column, counts) -> counts.merge(listed(column, row.text(column)), 1L, Long::sum));
    }

    private String listed(String column, String value) {
        if (value.isEmpty()) {
            return "none";
        }
        if (!isOfForm(column, value)) {
            strange.add("patron." + column);
            return "of another form";
        }
        return column.equals("expires") ? value.substring(0, YEAR) : value;
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
            // `log verify` reports a changed log.
        }
    }

    /** Returns the columns with a value that the vault does not write there. */
    Set<String> strange() {
        return strange;
    }

    /** Returns the list, once every row was added. */
    List<LeakageReport.Fact> facts() {
        List<LeakageReport.Fact> facts = new ArrayList<>();
        facts.add(new LeakageReport.Fact(
                "patrons",
                said("the number of patrons: %,d; and of erased patrons: %,d", patrons, erased),
                Map.of("patrons", patrons, "erased", erased)));
        facts.add(ofEach("library", "library"));
        facts.add(ofEach("category", "category"));
        facts.add(ofEach("status", "status"));
        facts.add(ofEach("expires", "last day of validity, here by year"));
        facts.add(ofEach("registered", "month of registration"));
        facts.add(new LeakageReport.Fact(
                "written",
                said(
                        "when rows were written: %,d log entries from %s to %s; and how often each field of each patron"
                                + " was written: %,d patrons more than once",
                        entries, all.first(), all.last(), writtenAgain),
                Map.of("writtenAgain", writtenAgain, "entries", entries, "first", all.first(), "last", all.last())));
        facts.add(new LeakageReport.Fact(
                "keys", "the key version of each value: " + listed(keys), Map.of("values", keys)));
        facts.add(new LeakageReport.Fact(
                "view",
                "the mean number of patrons in a log entry, from the size of the view by patron. Pages by month: "
                        + (viewPages.isEmpty() ? "none yet" : listed(viewPages)),
                Map.of("pages", viewPages)));
        facts.add(staff());
        return facts;
    }

    private LeakageReport.Fact ofEach(String column, String what) {
        TreeMap<String, Long> counts = new TreeMap<>(inClear.get(column));
        String few = counts.size() <= MOST_LISTED
                ? listed(counts)
                : counts.size() + " values from " + counts.firstKey() + " to " + counts.lastKey();
        return new LeakageReport.Fact(column, "each patron's " + what + ": " + few, Map.of("counts", counts));
    }

    private LeakageReport.Fact staff() {
        Map<String, Object> roles = new LinkedHashMap<>();
        byRole.forEach(
                (role, acts) -> roles.put(role, Map.of("first", acts.first(), "last", acts.last(), "acts", acts.acts)));
        String acts = byRole.entrySet().stream()
                .map(role -> said(
                        "%s %s (%s to %s)",
                        role.getKey(),
                        listed(role.getValue().acts),
                        role.getValue().first(),
                        role.getValue().last()))
                .collect(Collectors.joining("; "));
        Map<String, Object> counts = new LinkedHashMap<>();
        counts.put("roles", roles);
        counts.put("authority", authority);
        counts.put("patronsOpenedLately", openedToday);
        counts.put("pinsCheckedLately", pinsChecked);
        counts.put("answersKept", answersKept);
        return new LeakageReport.Fact(
                "staff",
                said(
                        "what staff accounts did and when, but not to which patron: %s; accounts and their rows: %s;"
                                + " how many patrons each account opened lately: %,d in all; how many names and"
                                + " searches each account used, by minute; when verifies failed; how many PINs were"
                                + " checked lately: %,d; which writes were sent with a key: %,d, and which of them"
                                + " were sent again",
                        acts.isEmpty() ? "nothing" : acts, listed(authority), openedToday, pinsChecked, answersKept),
                counts);
    }

    private static String listed(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .map(one -> one.getKey() + " " + said("%,d", one.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String said(String sentence, Object... parts) {
        return String.format(Locale.ROOT, sentence, parts);
    }
}
