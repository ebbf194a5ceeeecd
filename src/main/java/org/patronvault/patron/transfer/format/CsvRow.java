package org.patronvault.patron.transfer.format;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.patronvault.patron.record.PatronDraft;

/**
 * One row of a CSV file by column name: the kept values, trimmed, and the names of the dropped ones. A blank cell
 * equals an absent column. The apostrophe that an export puts before a formula is removed.
 */
final class CsvRow {
    private static final Pattern LINE_BREAK = Pattern.compile("[\\s,]*\\R\\s*");
    private static final Set<String> YES = Set.of("1", "t", "true", "y", "yes");
    private static final Set<String> NO = Set.of("", "0", "f", "false", "n", "no");

    private final long line;
    private final Map<String, List<String>> kept = new HashMap<>();
    private final SortedSet<String> dropped = new TreeSet<>();

    private CsvRow(long line) {
        this.line = line;
    }

    /** The row under those columns; {@code names} are from {@link CsvColumns#named}. */
    static CsvRow of(CsvRows.Row row, List<String> names, CsvColumns columns) {
        CsvRow named = new CsvRow(row.line());
        for (int i = 0; i < Math.min(names.size(), row.cells().size()); i++) {
            String text = text(row.cells().get(i));
            if (text.isEmpty()) {
                continue;
            }
            if (columns.keeps(names.get(i))) {
                named.kept.computeIfAbsent(names.get(i), n -> new ArrayList<>()).add(text);
            } else {
                named.dropped.add(names.get(i));
            }
        }
        return named;
    }

    /** The trimmed text of a cell. */
    static String text(String cell) {
        return PatronDraft.Members.trim(CsvCell.text(cell));
    }

    long line() {
        return line;
    }

    /** Names of values that the row has and the vault does not keep. */
    SortedSet<String> dropped() {
        return dropped;
    }

    /** The value of the column; empty if there is none. */
    String get(String column) {
        return kept.getOrDefault(column, List.of("")).get(0);
    }

    /** Notes that the column's value is dropped, if there is any. */
    void drop(String column) {
        if (kept.containsKey(column)) {
            dropped.add(column);
        }
    }

    /** Whether the column says yes ({@code 1}, {@code t}, {@code true} …) or no; {@code blank} if it is empty. */
    Optional<Boolean> flag(String column, boolean blank) {
        String word = get(column).toLowerCase(Locale.ROOT);
        if (word.isEmpty()) {
            return Optional.of(blank);
        }
        return YES.contains(word) ? Optional.of(true) : NO.contains(word) ? Optional.of(false) : Optional.empty();
    }

    /** Copies the column's value, if any, to {@code member}. */
    void move(String column, ObjectNode to, String member) {
        if (kept.containsKey(column)) {
            to.put(member, get(column));
        }
    }

    /** The texts of the columns, joined by {@code by} in that order; a line break in one becomes a comma. */
    String joined(List<String> columns, String by) {
        return columns.stream()
                .map(column -> LINE_BREAK.matcher(get(column)).replaceAll(", "))
                .filter(text -> !text.isEmpty())
                .reduce((before, after) -> before + by + after)
                .orElse("");
    }

    /**
     * Adds the values of the columns to {@code list}, in that order and each once, at most
     * {@value PatronDraft#MAX_LISTED}. The columns of the rest are noted as dropped.
     *
     * @param between separates several values in one cell
     * @param key values with an equal key are duplicates
     */
    void list(List<String> columns, Pattern between, UnaryOperator<String> key, ArrayNode list) {
        Set<String> keys = new HashSet<>();
        for (String column : columns) {
            for (String cell : kept.getOrDefault(column, List.of())) {
                for (String one : between.split(cell, -1)) {
                    String text = PatronDraft.Members.trim(one);
                    if (text.isEmpty() || keys.contains(key.apply(text))) {
                        continue;
                    }
                    if (keys.size() == PatronDraft.MAX_LISTED) {
                        dropped.add(column);
                    } else {
                        keys.add(key.apply(text));
                        list.add(text);
                    }
                }
            }
        }
    }
}
