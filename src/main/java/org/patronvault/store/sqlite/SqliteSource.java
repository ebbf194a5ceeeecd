package org.patronvault.store.sqlite;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.Dialect;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteOpenMode;

/** A source of connections to a SQLite file, with settings as durable as the vault promises. */
public final class SqliteSource {
    private static final String LIBRARY = "org.sqlite.tmpdir";

    private SqliteSource() {}

    private static synchronized void hideLibrary() {
        if (System.getProperty(LIBRARY) != null) {
            return;
        }
        try {
            Path directory = UnpackedLibrary.make(Path.of(System.getProperty("java.io.tmpdir")));
            System.setProperty(LIBRARY, directory.toString());
        } catch (IOException e) {
            throw new Refused(
                    Problem.INVALID,
                    "No temporary directory can be made, into which SQLite is unpacked: name one that can be written, "
                            + "java -Djava.io.tmpdir=DIR.");
        }
    }

    /** Returns the settings that every connection is made with. */
    public static SQLiteConfig config() {
        hideLibrary();
        SQLiteConfig config = new SQLiteConfig();
        // Nobody asks for them, and after each statement the driver would search its text, and query after an insert.
        config.setGetGeneratedKeys(false);
        return config;
    }

    static DataSource of(String jdbcUrl, boolean writer) {
        SQLiteConfig config = config();
        // The opening of the database has created its file. A missing file must not be re-created by some connection.
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setPragma(SQLiteConfig.Pragma.SECURE_DELETE, "true");
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        config.setBusyTimeout(5_000);
        // In KiB. A writer without room for all its changed pages writes some of them more than once. A reader drops
        // its cache with the next commit of anybody.
        config.setCacheSize(writer ? -65_536 : -4_096);
        config.setTransactionMode(
                writer ? SQLiteConfig.TransactionMode.IMMEDIATE : SQLiteConfig.TransactionMode.DEFERRED);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl(jdbcUrl);
        return source;
    }

    /** Returns the settings of a connection that are weaker than promised, each with its required value. */
    static List<String> weak(Connection connection) throws SQLException {
        List<String> weak = new ArrayList<>();
        for (String wanted : List.of("journal_mode = wal", "synchronous = 2", "secure_delete = 1", "temp_store = 2")) {
            String pragma = wanted.substring(0, wanted.indexOf(' '));
            String seen = Dialect.one(connection, "PRAGMA " + pragma);
            if (!wanted.equals(pragma + " = " + seen.toLowerCase(Locale.ROOT))) {
                weak.add(wanted);
            }
        }
        return weak;
    }
}
