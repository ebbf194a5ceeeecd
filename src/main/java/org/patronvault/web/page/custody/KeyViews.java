package org.patronvault.web.page.custody;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.patronvault.core.model.PatronField;
import org.patronvault.custody.destroy.KeyStatus;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.Texts;

/** A builder of the picture and the table of keys and their versions for one reader. */
final class KeyViews {
    private static final int WHOLE = 100;

    /** The least width that shows a version of few values and its number. */
    private static final int LEAST = 14;

    private static final int LABELLED = 45;
    private static final String PRIMARY = "primary";
    private static final String RETIRED = "retired";
    private static final String DESTROYED = "destroyed";

    private final Texts t;
    private final Instant now;

    KeyViews(Texts t, Instant now) {
        this.t = t;
        this.now = now;
    }

    /** The name of a key for people. */
    static String name(Texts t, String key) {
        return t.say("custody.key." + key);
    }

    List<CustodyView.Figure> figures(KeyStatus.Status status) {
        return status.keys().stream()
                .filter(KeyViews::isCounted)
                .map(this::figure)
                .toList();
    }

    /** Whether the values under a version of this key are counted. */
    private static boolean isCounted(KeyStatus.Key key) {
        return key.command().equals("search")
                || PatronField.ofWireName(key.field()).isPresent();
    }

    private static List<KeyStatus.Version> left(KeyStatus.Key key) {
        return key.versions().stream()
                .filter(one -> !one.state().equals(DESTROYED))
                .toList();
    }

    private CustodyView.Figure figure(KeyStatus.Key key) {
        List<KeyStatus.Version> left = left(key);
        Optional<KeyStatus.Version> primary =
                left.stream().filter(one -> one.state().equals(PRIMARY)).findFirst();
        String said = left.stream()
                .map(one -> t.say(
                        "custody.said",
                        one.version(),
                        t.say("custody.state." + one.state()),
                        one.values(),
                        age(one.created())))
                .collect(Collectors.joining("; "));
        int percent = key.nextRotation()
                .flatMap(next -> primary.map(one -> passed(one.created(), next)))
                .orElse(-1);
        return new CustodyView.Figure(
                name(t, key.field()),
                said,
                segments(left),
                percent,
                primary.map(one -> t.say("custody.aged", one.version(), age(one.created())))
                        .orElse(""),
                next(key),
                percent >= WHOLE);
    }

    private int passed(Instant from, Instant to) {
        long whole = Math.max(1, Duration.between(from, to).toSeconds());
        long gone = Duration.between(from, now).toSeconds();
        return (int) Math.max(0, Math.min(WHOLE, WHOLE * gone / whole));
    }

    /** Widths in proportion to the values under each version, but wide enough to see. */
    private List<CustodyView.Segment> segments(List<KeyStatus.Version> left) {
        int least = Math.min(LEAST, WHOLE / Math.max(1, left.size()));
        long all = left.stream().mapToLong(KeyStatus.Version::values).sum();
        int shared = WHOLE - least * left.size();
        List<CustodyView.Segment> segments = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < left.size(); i++) {
            KeyStatus.Version one = left.get(i);
            boolean last = i == left.size() - 1;
            int width = last ? WHOLE - from : least + (int) (all == 0 ? 0 : shared * one.values() / all);
            segments.add(new CustodyView.Segment(from, width, label(one, width), look(one)));
            from += width;
        }
        return segments;
    }

    private String label(KeyStatus.Version one, int width) {
        String number = t.say("custody.v", one.version());
        return width < LABELLED ? number : number + " · " + t.number(one.values());
    }

    private static String look(KeyStatus.Version one) {
        return one.values() == 0 ? "hollow" : one.state().equals(PRIMARY) ? PRIMARY : "active";
    }

    private String age(Instant made) {
        return t.say("custody.days", Duration.between(made, now).toDays());
    }

    private String next(KeyStatus.Key key) {
        return key.nextRotation()
                .map(when -> t.say(when.isAfter(now) ? "custody.next" : "custody.late", t.day(when)))
                .orElse("");
    }

    List<CustodyView.Row> rows(KeyStatus.Status status) {
        List<CustodyView.Row> rows = new ArrayList<>();
        for (KeyStatus.Key key : status.keys()) {
            List<KeyStatus.Version> left = left(key);
            String destroyed = key.versions().stream()
                    .filter(one -> one.state().equals(DESTROYED))
                    .map(one -> Integer.toString(one.version()))
                    .collect(Collectors.joining(", "));
            int count = left.size() + (destroyed.isEmpty() ? 0 : 1);
            for (KeyStatus.Version one : left) {
                rows.add(row(key, one, rows.isEmpty() || isOther(rows, key) ? count : 0));
            }
            if (!destroyed.isEmpty()) {
                rows.add(new CustodyView.Row(
                        name(t, key.field()),
                        left.isEmpty() ? 1 : 0,
                        destroyed,
                        t.say("custody.state." + DESTROYED),
                        "",
                        "",
                        "",
                        "",
                        false));
            }
        }
        return rows;
    }

    private boolean isOther(List<CustodyView.Row> rows, KeyStatus.Key key) {
        return !rows.get(rows.size() - 1).key().equals(name(t, key.field()));
    }

    private CustodyView.Row row(KeyStatus.Key key, KeyStatus.Version one, int rows) {
        Optional<String> due = one.retired().map(since -> t.say("custody.due", t.day(since)));
        return new CustodyView.Row(
                name(t, key.field()),
                rows,
                Integer.toString(one.version()),
                t.say("custody.state." + one.state()),
                t.day(one.created()),
                age(one.created()),
                isCounted(key) ? t.number(one.values()) : t.say("custody.uncounted"),
                due.orElse(one.state().equals(PRIMARY) ? next(key) : ""),
                due.isPresent());
    }

    /** Retired versions under their names in {@code keys destroy}, except those that wait for destruction. */
    List<DeskView.Choice> retired(KeyStatus.Status status, List<String> waiting) {
        return status.keys().stream()
                .flatMap(key -> key.versions().stream()
                        .filter(one -> one.state().equals(RETIRED))
                        .map(one -> new KeyStatus.RetiredVersion(key.command(), one.version())))
                .distinct()
                .filter(one -> !waiting.contains(one.field() + "-" + one.version()))
                .map(one -> new DeskView.Choice(
                        one.toString(), t.say("custody.version-of", name(t, one.field()), one.version()), false))
                .toList();
    }
}
