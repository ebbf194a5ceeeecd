package org.patronvault.patron.transfer.format;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.record.PatronDraft;

/**
 * The columns of a format by name. A header names them in any order and case, with or without blanks, hyphens and
 * underscores.
 */
final class CsvColumns {
    private final String format;
    private final Set<String> required;
    private final Set<String> once;
    private final Map<String, String> byKey = new HashMap<>();
    private final Set<String> kept;

    /**
     * The columns of {@code format}, which is a word for messages, such as Koha.
     *
     * @param required columns that every patron needs
     * @param once other columns that are kept and that a header may name once
     * @param contacts columns that are kept and may be repeated, since a patron may have several of each
     * @param dropped columns that the policy has no place for, and whose names are harmless
     */
    CsvColumns(
            String format,
            Collection<String> required,
            Collection<String> once,
            Collection<String> contacts,
            Collection<String> dropped) {
        this.format = format;
        this.required = Set.copyOf(required);
        this.once = union(required, once);
        this.kept = union(this.once, contacts);
        union(kept, dropped).forEach(name -> byKey.put(key(name), name));
    }

    private static Set<String> union(Collection<String> some, Collection<String> others) {
        Set<String> all = new HashSet<>(some);
        all.addAll(others);
        return all;
    }

    /** Each of {@code names} behind {@code prefix}. */
    static List<String> prefixed(String prefix, Collection<String> names) {
        return names.stream().map(name -> prefix + name).toList();
    }

    /** All names of the lists. */
    static List<String> all(List<? extends Collection<String>> some) {
        return some.stream().flatMap(Collection::stream).toList();
    }

    private static String key(String name) {
        StringBuilder key = new StringBuilder();
        PatronDraft.Members.trim(name)
                .toLowerCase(Locale.ROOT)
                .chars()
                .filter(c -> c != ' ' && c != '_' && c != '-' && c != 0xa0)
                .forEach(c -> key.append((char) c));
        return key.toString();
    }

    /** Whether the content of the column is kept. */
    boolean keeps(String name) {
        return kept.contains(name);
    }

    /**
     * The name of each column of a file, in its order; {@link ImportRow#OTHER} for an unknown one.
     *
     * @throws Refused {@code invalid} if a required column is missing, or a column that can have one content only is
     *     there twice
     */
    List<String> named(CsvRows.Row header) {
        if (header.count() > CsvRows.MAX_COLUMNS) {
            throw refused("The header has more than 1,000 columns", header);
        }
        List<String> names = new ArrayList<>();
        for (String cell : header.cells()) {
            String name = byKey.getOrDefault(key(cell), ImportRow.OTHER);
            if (once.contains(name) && names.contains(name)) {
                throw refused("The header has two columns named " + name, header);
            }
            names.add(name);
        }
        required.stream()
                .sorted()
                .filter(name -> !names.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw refused(
                            "The header has no column named " + name + ", which a " + format + " file must have",
                            header);
                });
        return names;
    }

    private static Refused refused(String what, CsvRows.Row header) {
        return new Refused(Problem.INVALID, what + " (line " + header.line() + ").");
    }
}
