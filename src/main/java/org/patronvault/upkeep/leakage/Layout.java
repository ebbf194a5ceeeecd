package org.patronvault.upkeep.leakage;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.patronvault.store.CatalogueRows.Table;

/** A table, and what is known of its columns. Immutable. */
final class Layout {
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

    /** A column's name with the kind of row, where there are several in the table. */
    String cell(int i, byte[][] values) {
        return kindAt < 0 || values[kindAt] == null
                ? names.get(i)
                : names.get(i) + "[" + new String(values[kindAt], StandardCharsets.UTF_8) + "]";
    }
}
