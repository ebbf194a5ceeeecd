package org.patronvault.store;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the database is.
 *
 * @param jdbcUrl {@code jdbc:sqlite:FILE} or {@code jdbc:postgresql://…}
 * @param readers how many connections may read at once, 1 to 64
 */
public record StoreSettings(String jdbcUrl, int readers) {

    /** The SQLite file at {@code file}. */
    public static StoreSettings sqlite(Path file) {
        return new StoreSettings("jdbc:sqlite:" + file, 4);
    }

    boolean isSqlite() {
        return jdbcUrl.startsWith("jdbc:sqlite:");
    }

    /** The database's file, where it is one. */
    public Optional<Path> file() {
        return isSqlite() ? Optional.of(Dialect.filesOf(this).get(0)) : Optional.empty();
    }
}
