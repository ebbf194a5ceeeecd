package org.patronvault.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.postgresql.ds.PGSimpleDataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** The twin's one table, on SQLite with the vault's pragmas or on PostgreSQL, with the vault's pools. */
final class TwinStore implements AutoCloseable {
    private static final int READERS = 4;
    private static final List<String> NAME = List.of("family", "given", "middle", "suffix", "preferred");
    private static final List<String> ADDRESS = List.of("line1", "line2", "city", "region", "postalCode", "country");
    private static final List<String> PLAIN = List.of("library", "category", "status", "expires", "registered");

    private final HikariDataSource readers;
    private final HikariDataSource writer;
    private final Jdbi reading;
    private final Jdbi writing;

    TwinStore(String url) {
        boolean sqlite = url.startsWith("jdbc:sqlite:");
        writer = pool(sqlite ? sqlite(url, SQLiteConfig.TransactionMode.IMMEDIATE) : postgres(url), 1);
        writing = Jdbi.create(writer);
        writing.useHandle(handle -> {
            String id = sqlite ? "id INTEGER" : "id BIGINT GENERATED ALWAYS AS IDENTITY";
            handle.execute("CREATE TABLE IF NOT EXISTS patron (" + id + " PRIMARY KEY, card TEXT NOT NULL, "
                    + String.join(" TEXT, ", NAME) + " TEXT, " + String.join(" TEXT, ", ADDRESS)
                    + " TEXT, phone TEXT, email TEXT, " + String.join(" TEXT, ", PLAIN) + " TEXT)"
                    + (sqlite ? " STRICT" : ""));
            handle.execute("CREATE UNIQUE INDEX IF NOT EXISTS patron_card ON patron (card)");
        });
        readers = pool(sqlite ? sqlite(url, SQLiteConfig.TransactionMode.DEFERRED) : postgres(url), READERS);
        reading = Jdbi.create(readers);
    }

    private static DataSource sqlite(String url, SQLiteConfig.TransactionMode mode) {
        SQLiteConfig sqlite = new SQLiteConfig();
        // As the vault.
        sqlite.setGetGeneratedKeys(false);
        sqlite.setJournalMode(SQLiteConfig.JournalMode.WAL);
        sqlite.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        sqlite.setPragma(SQLiteConfig.Pragma.SECURE_DELETE, "true");
        sqlite.setTempStore(SQLiteConfig.TempStore.MEMORY);
        sqlite.setBusyTimeout(5_000);
        boolean writes = mode == SQLiteConfig.TransactionMode.IMMEDIATE;
        sqlite.setCacheSize(writes ? -65_536 : -4_096);
        sqlite.setTransactionMode(mode);
        SQLiteDataSource source = new SQLiteDataSource(sqlite);
        source.setUrl(url);
        return source;
    }

    private static DataSource postgres(String url) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url);
        // As the vault.
        source.setReWriteBatchedInserts(true);
        return source;
    }

    private static HikariDataSource pool(DataSource source, int size) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(source);
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(size);
        config.setMaxLifetime(0);
        config.setIdleTimeout(0);
        return new HikariDataSource(config);
    }

    /** Writes the patrons, as they stand in the file, as one durable transaction. */
    int insert(List<JsonNode> patrons) {
        if (patrons.isEmpty()) {
            return 0;
        }
        writing.useTransaction(handle -> {
            PreparedBatch batch = handle.prepareBatch("INSERT INTO patron (card, " + String.join(", ", NAME) + ", "
                    + String.join(", ", ADDRESS) + ", phone, email, " + String.join(", ", PLAIN)
                    + ") VALUES (:card, :" + String.join(", :", NAME) + ", :" + String.join(", :", ADDRESS)
                    + ", :phone, :email, :" + String.join(", :", PLAIN) + ")");
            for (JsonNode patron : patrons) {
                batch.bind("card", patron.path("card").asText());
                NAME.forEach(
                        part -> batch.bind(part, patron.path("name").path(part).asText("")));
                ADDRESS.forEach(part ->
                        batch.bind(part, patron.path("address").path(part).asText("")));
                batch.bind("phone", list(patron.path("phone")));
                batch.bind("email", list(patron.path("email")));
                PLAIN.forEach(member -> batch.bind(member, patron.path(member).asText("")));
                batch.add();
            }
            batch.execute();
        });
        return patrons.size();
    }

    private static String list(JsonNode values) {
        return values.isMissingNode() ? "[]" : values.toString();
    }

    /** The row of that card, by column. */
    Optional<Map<String, Object>> find(String card) {
        return reading.withHandle(handle -> handle.createQuery("SELECT * FROM patron WHERE card = :card")
                .bind("card", card)
                .mapToMap()
                .findFirst());
    }

    /** Of the row of that card what entitles. */
    Optional<Map<String, Object>> findStanding(String card) {
        return reading.withHandle(
                handle -> handle.createQuery("SELECT id, status, expires FROM patron WHERE card = :card")
                        .bind("card", card)
                        .mapToMap()
                        .findFirst());
    }

    static List<String> nameParts() {
        return NAME;
    }

    static List<String> addressParts() {
        return ADDRESS;
    }

    @Override
    public void close() {
        readers.close();
        writer.close();
    }
}
