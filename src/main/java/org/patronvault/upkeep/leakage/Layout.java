package org.patronvault.upkeep.leakage;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.patronvault.core.store.sql.CatalogRows.Table;

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

    String name() {
        return table.name();
    }

    int columns() {
        return names.size();
    }

    /** The column's name after its table's. */
    String column(int i) {
        return names.get(i);
    }

    KnownColumns.Known known(int i) {
        return known.get(i);
    }

    /** The column's index, or -1 if there is none. */
    int at(String column) {
        return names.indexOf(name() + "." + column);
    }

    /** The column's name with the kind of row, if the table has several kinds and this is one of them. */
    String cell(int i, byte[][] values) {
        if (kindAt < 0) {
            return names.get(i);
        }
        return names.get(i) + "[" + (isOfUnknownKind(values) ? UNKNOWN : kind(values)) + "]";
    }

    /** Whether a row's kind does not belong in its table. Its name may be anything. */
    boolean isOfUnknownKind(byte[][] values) {
        return kindAt >= 0 && !KnownColumns.isKind(name(), kind(values));
    }

    private String kind(byte[][] values) {
        return values[kindAt] == null ? "" : new String(values[kindAt], StandardCharsets.UTF_8);
    }
}
