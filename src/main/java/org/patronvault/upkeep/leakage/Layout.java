package org.patronvault.upkeep.leakage;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.patronvault.store.CatalogRows.Table;

/** A table, and what is known of its columns. Immutable. */
final class Layout {
    private static final String UNKNOWN = "?";

    private final Table table;
    private final List<KnownColumns.Known> known;
    private final List<String> names;
    private final int kindAt;

    Layout(Table table) {
        this.table = table;
        this.names = table.columns().stream()
                .map(column -> table.name() + "." + column.name())
                .toList();
        this.known = names.stream().map(KnownColumns::of).toList();
        this.kindAt = names.indexOf(KnownColumns.kindOf(table.name()));
    }

    Table table() {
        return table;
    }

    /** The table's name. */
    String name() {
        return table.name();
    }

    int columns() {
        return names.size();
    }

    /** A column's name, behind its table's. */
    String column(int i) {
        return names.get(i);
    }

    KnownColumns.Known known(int i) {
        return known.get(i);
    }

    /** The column's place; -1 if there is none. */
    int at(String column) {
        return names.indexOf(name() + "." + column);
    }

    /** A column's name with the kind of row, where there are several in the table, if that is one there may be. */
    String cell(int i, byte[][] values) {
        if (kindAt < 0) {
            return names.get(i);
        }
        return names.get(i) + "[" + (isOfUnknownKind(values) ? UNKNOWN : kind(values)) + "]";
    }

    /** Whether a row is of a kind that there should not be in its table; its name may be anything. */
    boolean isOfUnknownKind(byte[][] values) {
        return kindAt >= 0 && !KnownCells.isKind(name(), kind(values));
    }

    private String kind(byte[][] values) {
        return values[kindAt] == null ? "" : new String(values[kindAt], StandardCharsets.UTF_8);
    }
}
