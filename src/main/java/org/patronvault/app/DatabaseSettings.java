package org.patronvault.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreSettings;

/**
 * The settings in {@code vault.yaml} for the database. Paths are as written, relative to the home.
 *
 * @param url a JDBC URL, or empty for SQLite in {@code data/vault.db}
 * @param readers how many connections may read at once
 * @param passwordFile the file with the database's password, or empty
 */
public record DatabaseSettings(String url, int readers, Optional<String> passwordFile) {
    static final String URL = "database";
    static final String PASSWORD_FILE = "databasePasswordFile";

    private static final String SQLITE = "jdbc:sqlite:";
    private static final String POSTGRESQL = "jdbc:postgresql:";

    static DatabaseSettings read(JsonNode root) {
        return new DatabaseSettings(
                root.path(URL).asText(""),
                Settings.number(root.path("readers"), 4, 1, 64, "readers"),
                Settings.text(root, PASSWORD_FILE).filter(name -> !name.isBlank()));
    }

    /** Returns these settings with another URL. */
    DatabaseSettings at(String other) {
        return new DatabaseSettings(other, readers, passwordFile);
    }

    /** Returns the database's location, with relative paths resolved in the home. */
    StoreSettings store(Home home) {
        if (url.isEmpty()) {
            return new StoreSettings(SQLITE + home.database(), readers);
        }
        if (url.startsWith(SQLITE)) {
            return new StoreSettings(SQLITE + home.directory().resolve(url.substring(SQLITE.length())), readers);
        }
        if (!url.startsWith(POSTGRESQL)) {
            throw new Refused(
                    Problem.INVALID,
                    "The database must be named by a jdbc:sqlite: or jdbc:postgresql: URL, in vault.yaml or by --db.");
        }
        return new StoreSettings(url, readers, passwordFile.map(file -> Settings.absolute(home, Path.of(file))));
    }

    /**
     * Returns the settings of a database from a command line.
     *
     * @param passwordFile an absolute path
     */
    public static StoreSettings named(String url, Optional<Path> passwordFile) {
        if (url.contains("\"") || url.contains("\n") || url.contains("\\")) {
            throw new Refused(Problem.INVALID, "A JDBC URL holds no quotes, backslashes or line breaks.");
        }
        StoreSettings named = new StoreSettings(url, 1, passwordFile);
        named.require();
        return named;
    }

    /** Writes the database's location into the settings of a new home, after validating it. */
    static void put(Home home, StoreSettings database) {
        String lines = "\n" + URL + ": \"" + database.jdbcUrl() + "\"\n"
                + database.passwordFile()
                        .map(file -> PASSWORD_FILE + ": '" + file.toString().replace("'", "''") + "'\n")
                        .orElse("");
        try {
            String before = Files.readString(home.settings());
            DurableFile.write(home.settings(), (before + lines).getBytes(StandardCharsets.UTF_8));
        } catch (IOException | DurableFile.Unwritable e) {
            throw Settings.wrong("cannot be written");
        }
    }
}
