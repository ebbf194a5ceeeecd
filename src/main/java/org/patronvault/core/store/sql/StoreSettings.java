package org.patronvault.core.store.sql;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.store.copy.PreUpgradeCopy;
import org.patronvault.store.postgres.PostgresUrl;

/**
 * The settings to open a database with: its URL, size of the pool, and password file.
 *
 * @param jdbcUrl {@code jdbc:sqlite:FILE} or {@code jdbc:postgresql://…}
 * @param readers how many connections may read at once, 1 to 64
 * @param passwordFile holds the password of the role that the URL names, if it has one
 */
public record StoreSettings(String jdbcUrl, int readers, Optional<Path> passwordFile) {

    /** Creates the settings of a database without a password. */
    public StoreSettings(String jdbcUrl, int readers) {
        this(jdbcUrl, readers, Optional.empty());
    }

    /** Returns the settings of the SQLite file at {@code file}. */
    public static StoreSettings sqlite(Path file) {
        return new StoreSettings("jdbc:sqlite:" + file, 4);
    }

    public boolean isSqlite() {
        return jdbcUrl.startsWith("jdbc:sqlite:");
    }

    /** Returns the database's file, if it is one. */
    public Optional<Path> file() {
        return isSqlite() ? Optional.of(files().get(0)) : Optional.empty();
    }

    /** Removes the copy that an upgrade of a file made first, since an unsealed vault does not go back. */
    public void endUpgrade() {
        file().ifPresent(PreUpgradeCopy::remove);
    }

    /** Returns the files of a SQLite database, so that their modes can be set. */
    public List<Path> files() {
        int options = jdbcUrl.indexOf('?');
        Path file = Path.of(jdbcUrl.substring("jdbc:sqlite:".length(), options < 0 ? jdbcUrl.length() : options));
        return Stream.of("", "-wal", "-shm")
                .map(ending -> Path.of(file + ending))
                .toList();
    }

    /**
     * Refuses settings that are wrong independent of the database: a URL with a forbidden setting, or an unreadable
     * password file.
     */
    public void require() {
        if (!isSqlite()) {
            PostgresUrl unused = PostgresUrl.of(jdbcUrl);
            String unusedToo = password();
        }
    }

    /**
     * Returns the current content of the password file, without a line break at its end; null if there is to be no such
     * file.
     */
    public String password() {
        if (passwordFile.isEmpty()) {
            return null;
        }
        try {
            String password =
                    Files.readString(passwordFile.get(), StandardCharsets.UTF_8).stripTrailing();
            if (!password.isEmpty()) {
                return password;
            }
        } catch (IOException e) {
            // Refused below.
        }
        throw new Refused(
                Problem.INVALID,
                "The file with the database's password (databasePasswordFile) cannot be read, or is empty.");
    }
}
