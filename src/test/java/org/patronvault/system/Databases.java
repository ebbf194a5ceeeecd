package org.patronvault.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import org.patronvault.app.Home;
import org.patronvault.app.Settings;
import org.patronvault.testing.CellView;
import org.patronvault.testing.Postgres;
import org.patronvault.testing.Skips;

/**
 * The databases of the tests' vaults: SQLite in each home, or with {@code -Dvault.db=postgres} one for each home on the
 * PostgreSQL of this JVM, which the home's settings name.
 */
final class Databases {
    /** Whether they are on PostgreSQL. */
    static final boolean ON_POSTGRES = onPostgres(System.getProperty("vault.db", "sqlite"));

    private Databases() {}

    private static boolean onPostgres(String named) {
        return switch (named) {
            case "postgres" -> true;
            case "sqlite" -> false;
            default -> throw new IllegalArgumentException("vault.db is sqlite or postgres");
        };
    }

    /** Skips the test on PostgreSQL, where it has no meaning. */
    static void requireSqlite(String reason) {
        Skips.pointless(ON_POSTGRES, reason);
    }

    /** A new database for {@code init}; empty where it needs none. */
    static Optional<String> fresh() {
        return ON_POSTGRES ? Optional.of(Postgres.freshDatabase()) : Optional.empty();
    }

    /** Gives the copy of a home a copy of the database too, if it is not in the home; nobody may use it meanwhile. */
    static Optional<String> copy(Path from, Path to) {
        if (!ON_POSTGRES) {
            return Optional.empty();
        }
        String copy = Postgres.copyOf(url(from));
        name(to, url(from), copy);
        return Optional.of(copy);
    }

    /** Puts the database of another copy of the home back into this one; the other has none of its own then. */
    static void putBack(Path other, Path home) {
        if (ON_POSTGRES) {
            name(home, url(home), url(other));
        } else {
            RunningVault.remove(home.resolve("data"));
            RunningVault.copy(other.resolve("data"), home.resolve("data"));
        }
    }

    private static void name(Path home, String old, String url) {
        Path settings = home.resolve("vault.yaml");
        try {
            String text = Files.readString(settings);
            String named = text.replace("\"" + old + "\"", "\"" + url + "\"");
            if (named.equals(text)) {
                throw new AssertionError("the settings do not name the database");
            }
            Files.writeString(settings, named);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Has the settings of a home no longer name its database, which no server uses; gives the URL that does. */
    static String unname(Path home) {
        String url = ON_POSTGRES ? url(home) : "jdbc:sqlite:data/elsewhere.db";
        try {
            if (ON_POSTGRES) {
                Path settings = home.resolve("vault.yaml");
                Files.writeString(settings, Files.readString(settings).replace("database: \"" + url + "\"", ""));
            } else {
                Files.move(home.resolve("data/vault.db"), home.resolve("data/elsewhere.db"));
            }
            return url;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the database of a home is. */
    static String url(Path home) {
        Home at = new Home(home);
        return Settings.read(at).store(at).jdbcUrl();
    }

    /** A connection to the database of a home beside the vault's own. */
    static Connection connect(Path home) throws SQLException {
        Connection connection = DriverManager.getConnection(url(home));
        if (!ON_POSTGRES) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA busy_timeout = 5000");
            }
        }
        CellView.add(connection);
        return connection;
    }

    /** Where the server has the database of a home, all others, and its write-ahead log. */
    static Optional<Path> serverDirectory(Path home) {
        if (!ON_POSTGRES) {
            return Optional.empty();
        }
        try (Connection connection = connect(home);
                Statement statement = connection.createStatement();
                ResultSet directory = statement.executeQuery("SHOW data_directory")) {
            directory.next();
            return Optional.of(Path.of(directory.getString(1)));
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** The variable that names a database. */
    static Map<String, String> variable(String url) {
        return Map.of("PATRON_VAULT_DB", url);
    }
}
