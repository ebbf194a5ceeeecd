package org.patronvault.store;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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
        return isSqlite() ? Optional.of(files().get(0)) : Optional.empty();
    }

    /** The files a SQLite database consists of, so that their modes can be set. */
    List<Path> files() {
        int options = jdbcUrl.indexOf('?');
        Path file = Path.of(jdbcUrl.substring("jdbc:sqlite:".length(), options < 0 ? jdbcUrl.length() : options));
        return Stream.of("", "-wal", "-shm")
                .map(ending -> Path.of(file + ending))
                .toList();
    }
}
