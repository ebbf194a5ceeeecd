package org.patronvault.web.page.open;

import com.github.difflib.DiffUtils;
import com.github.difflib.algorithm.myers.MyersDiffWithLinearSpace;
import com.github.difflib.patch.AbstractDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The difference between two Markdown texts, paragraph by paragraph. Similar paragraphs are compared word by word. */
public record PolicyDifference(List<Row> rows) {

    /** The change to a paragraph. */
    public enum Kind {
        SAME,
        CHANGED,
        REMOVED,
        ADDED
    }

    /**
     * A part of a paragraph.
     *
     * @param marked whether the other text lacks it
     */
    public record Piece(String text, boolean marked) {}

    /** A paragraph in both texts, empty in the text that lacks it. */
    public record Row(Kind kind, List<Piece> from, List<Piece> to) {}

    /** A range in each text that the other text lacks. */
    private record Gap(int from, int fromEnd, int to, int toEnd) {
        private static Gap of(AbstractDelta<String> delta) {
            int from = delta.getSource().getPosition();
            int to = delta.getTarget().getPosition();
            return new Gap(
                    from,
                    from + delta.getSource().size(),
                    to,
                    to + delta.getTarget().size());
        }
    }

    /** Longer paragraphs are compared as a whole. */
    private static final int MOST_WORDS = 1_000;

    /** A changed paragraph keeps at least one word in this many. Otherwise it is another paragraph. */
    private static final int ALIKE = 3;

    private static final Pattern BEGINS = Pattern.compile("(#{1,6}|[-*+]|[0-9]{1,9}[.)]) .*");

    static PolicyDifference of(String from, String to) {
        List<String> before = paragraphs(from);
        List<String> after = paragraphs(to);
        List<Row> rows = new ArrayList<>();
        int at = 0;
        for (Gap gap : gaps(before, after)) {
            before.subList(at, gap.from()).forEach(text -> rows.add(same(text)));
            rows.addAll(differing(before.subList(gap.from(), gap.fromEnd()), after.subList(gap.to(), gap.toEnd())));
            at = gap.fromEnd();
        }
        before.subList(at, before.size()).forEach(text -> rows.add(same(text)));
        return new PolicyDifference(List.copyOf(rows));
    }

    /** Counts the paragraphs of a kind. */
    public long count(Kind kind) {
        return rows.stream().filter(row -> row.kind() == kind).count();
    }

    /** Returns the paragraphs, each joined to one line. Headings and list items stand alone. */
    private static List<String> paragraphs(String text) {
        List<String> paragraphs = new ArrayList<>();
        boolean begun = false;
        for (String line : text.lines().map(String::strip).toList()) {
            boolean goesOn = begun && !BEGINS.matcher(line).matches();
            if (!line.isEmpty() && goesOn) {
                paragraphs.set(paragraphs.size() - 1, paragraphs.get(paragraphs.size() - 1) + " " + line);
            } else if (!line.isEmpty()) {
                paragraphs.add(line);
            }
            begun = !line.isEmpty() && !line.startsWith("#");
        }
        return paragraphs;
    }

    /** Returns the ranges in which the texts differ. A removal and an addition at one place are one gap. */
    private static List<Gap> gaps(List<String> before, List<String> after) {
        List<Gap> gaps = new ArrayList<>();
        for (AbstractDelta<String> delta :
                DiffUtils.diff(before, after, new MyersDiffWithLinearSpace<>()).getDeltas()) {
            Gap gap = Gap.of(delta);
            int last = gaps.size() - 1;
            if (last >= 0
                    && gaps.get(last).fromEnd() == gap.from()
                    && gaps.get(last).toEnd() == gap.to()) {
                gaps.set(
                        last,
                        new Gap(
                                gaps.get(last).from(),
                                gap.fromEnd(),
                                gaps.get(last).to(),
                                gap.toEnd()));
            } else {
                gaps.add(gap);
            }
        }
        return gaps;
    }

    private static Row same(String text) {
        List<Piece> whole = List.of(new Piece(text, false));
        return new Row(Kind.SAME, whole, whole);
    }

    private static List<Row> differing(List<String> before, List<String> after) {
        List<Row> rows = new ArrayList<>();
        int both = Math.min(before.size(), after.size());
        for (int i = 0; i < both; i++) {
            rows.addAll(changed(before.get(i), after.get(i)));
        }
        before.subList(both, before.size()).forEach(text -> rows.add(removed(text)));
        after.subList(both, after.size()).forEach(text -> rows.add(added(text)));
        return rows;
    }

    private static Row removed(String text) {
        return new Row(Kind.REMOVED, List.of(new Piece(text, true)), List.of());
    }

    private static Row added(String text) {
        return new Row(Kind.ADDED, List.of(), List.of(new Piece(text, true)));
    }

    private static List<Row> changed(String from, String to) {
        List<String> before = words(from);
        List<String> after = words(to);
        if (Math.max(before.size(), after.size()) > MOST_WORDS) {
            return List.of(new Row(Kind.CHANGED, List.of(new Piece(from, true)), List.of(new Piece(to, true))));
        }
        List<Gap> gaps = gaps(before, after);
        int gone = gaps.stream().mapToInt(gap -> gap.fromEnd() - gap.from()).sum();
        if ((before.size() - gone) * ALIKE < Math.max(before.size(), after.size())) {
            return List.of(removed(from), added(to));
        }
        List<Piece> left = new ArrayList<>();
        List<Piece> right = new ArrayList<>();
        int at = 0;
        int there = 0;
        for (Gap gap : gaps) {
            piece(left, before.subList(at, gap.from()), false);
            piece(right, after.subList(there, gap.to()), false);
            piece(left, before.subList(gap.from(), gap.fromEnd()), true);
            piece(right, after.subList(gap.to(), gap.toEnd()), true);
            at = gap.fromEnd();
            there = gap.toEnd();
        }
        piece(left, before.subList(at, before.size()), false);
        piece(right, after.subList(there, after.size()), false);
        return List.of(new Row(Kind.CHANGED, List.copyOf(left), List.copyOf(right)));
    }

    private static void piece(List<Piece> into, List<String> words, boolean marked) {
        if (!words.isEmpty()) {
            into.add(new Piece(String.join(" ", words), marked));
        }
    }

    private static List<String> words(String text) {
        return List.of(text.split(" +", -1));
    }
}
