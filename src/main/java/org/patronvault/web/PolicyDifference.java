package org.patronvault.web;

import com.github.difflib.DiffUtils;
import com.github.difflib.algorithm.myers.MyersDiffWithLinearSpace;
import com.github.difflib.patch.AbstractDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * What differs between two texts: paragraph by paragraph as they are written in Markdown, and in paragraphs that are
 * much alike word by word.
 */
public record PolicyDifference(List<Row> rows) {

    /** What became of a paragraph. */
    public enum Kind {
        SAME,
        CHANGED,
        REMOVED,
        ADDED
    }

    /**
     * Part of a paragraph.
     *
     * @param marked whether the other text has it not
     */
    public record Piece(String text, boolean marked) {}

    /** A paragraph in either text; empty where a text has it not. */
    public record Row(Kind kind, List<Piece> from, List<Piece> to) {}

    /** More words than that are compared as a whole. */
    private static final int MOST_WORDS = 1_000;

    /** One in so many words at least is the same in a paragraph that was changed, and not another. */
    private static final int ALIKE = 3;

    private static final Pattern BEGINS = Pattern.compile("(#{1,6}|[-*+]|[0-9]{1,9}[.)]) .*");

    static PolicyDifference of(String from, String to) {
        List<String> before = paragraphs(from);
        List<String> after = paragraphs(to);
        List<Row> rows = new ArrayList<>();
        int at = 0;
        for (AbstractDelta<String> delta : deltas(before, after)) {
            int next = delta.getSource().getPosition();
            before.subList(at, next).forEach(text -> rows.add(same(text)));
            rows.addAll(
                    differing(delta.getSource().getLines(), delta.getTarget().getLines()));
            at = next + delta.getSource().size();
        }
        before.subList(at, before.size()).forEach(text -> rows.add(same(text)));
        return new PolicyDifference(List.copyOf(rows));
    }

    /** How many paragraphs are of that kind. */
    public long count(Kind kind) {
        return rows.stream().filter(row -> row.kind() == kind).count();
    }

    /** Each on one line, however it was broken; headings and items of lists by themselves. */
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

    private static List<AbstractDelta<String>> deltas(List<String> before, List<String> after) {
        return DiffUtils.diff(before, after, new MyersDiffWithLinearSpace<>()).getDeltas();
    }

    private static Row same(String text) {
        List<Piece> whole = List.of(new Piece(text, false));
        return new Row(Kind.SAME, whole, whole);
    }

    private static List<Row> differing(List<String> before, List<String> after) {
        return IntStream.range(0, Math.max(before.size(), after.size()))
                .boxed()
                .flatMap(i -> {
                    if (i >= after.size()) {
                        return removed(before.get(i)).stream();
                    }
                    return i >= before.size()
                            ? added(after.get(i)).stream()
                            : changed(before.get(i), after.get(i)).stream();
                })
                .toList();
    }

    private static List<Row> removed(String text) {
        return List.of(new Row(Kind.REMOVED, List.of(new Piece(text, true)), List.of()));
    }

    private static List<Row> added(String text) {
        return List.of(new Row(Kind.ADDED, List.of(), List.of(new Piece(text, true))));
    }

    private static List<Row> changed(String from, String to) {
        List<String> before = words(from);
        List<String> after = words(to);
        if (Math.max(before.size(), after.size()) > MOST_WORDS) {
            return List.of(new Row(Kind.CHANGED, List.of(new Piece(from, true)), List.of(new Piece(to, true))));
        }
        List<AbstractDelta<String>> deltas = deltas(before, after);
        int gone = deltas.stream().mapToInt(delta -> delta.getSource().size()).sum();
        if ((before.size() - gone) * ALIKE < Math.max(before.size(), after.size())) {
            return List.of(removed(from).get(0), added(to).get(0));
        }
        List<Piece> left = new ArrayList<>();
        List<Piece> right = new ArrayList<>();
        int at = 0;
        int there = 0;
        for (AbstractDelta<String> delta : deltas) {
            piece(left, before.subList(at, delta.getSource().getPosition()), false);
            piece(right, after.subList(there, delta.getTarget().getPosition()), false);
            piece(left, delta.getSource().getLines(), true);
            piece(right, delta.getTarget().getLines(), true);
            at = delta.getSource().getPosition() + delta.getSource().size();
            there = delta.getTarget().getPosition() + delta.getTarget().size();
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
