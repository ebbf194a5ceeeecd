package org.patronvault.bench;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * The twin's one table in clear, by JDBC and a connection pool, on SQLite with the vault's pragmas or on PostgreSQL.
 * Thread safe.
 */
final class TwinStore implements AutoCloseable {
    private static final int CONNECTIONS = 4;
    private static final int CACHE_KIB = 65_536;
    /** Members of a patron as it is in the file; the last name of each is the column. */
    private static final List<String> MEMBERS = List.of(
            "/card",
            "/name/family",
            "/name/given",
            "/name/middle",
            "/name/suffix",
            "/name/preferred",
            "/address/line1",
            "/address/line2",
            "/address/city",
            "/address/region",
            "/address/postalCode",
            "/address/country",
            "/phone",
            "/email",
            "/library",
            "/category",
            "/status",
            "/expires",
            "/registered");

    private static final Set<String> LISTS = Set.of("/phone", "/email");

    private static final List<String> COLUMNS = MEMBERS.stream()
            .map(member -> member.substring(member.lastIndexOf('/') + 1))
            .toList();
    private static final String FIND = "SELECT id, library, category, status, expires, family, given, middle, suffix,"
            + " preferred, line1, line2, city, region, postalCode, country, phone, email FROM patron WHERE card = ?";
    private static final String FIND_STANDING = "SELECT id, status, expires FROM patron WHERE card = ?";
    private static final String INSERT = "INSERT INTO patron (" + String.join(", ", COLUMNS) + ") VALUES (?"
            + ", ?".repeat(COLUMNS.size() - 1) + ")";

    /** A patron as the vault's search answers, with the four fields revealed. Phones and e-mails are stored as JSON. */
    record Patron(
            String id,
            String match,
            String library,
            String category,
            String status,
            String expires,
            Name name,
            Address address,
            @JsonRawValue String phone,
            @JsonRawValue String email) {}

    record Name(String family, String given, String middle, String suffix, String preferred) {}

    record Address(String line1, String line2, String city, String region, String postalCode, String country) {}

    /** The columns that decide an entitlement. */
    record Standing(String id, String status, String expires) {}

    private final HikariDataSource pool;

    TwinStore(String url) throws SQLException {
        boolean sqlite = url.startsWith("jdbc:sqlite:");
        HikariConfig config = new HikariConfig();
        config.setDataSource(sqlite ? sqlite(url) : postgres(url));
        config.setMaximumPoolSize(CONNECTIONS);
        this.pool = new HikariDataSource(config);
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS patron ("
                    + (sqlite ? "id INTEGER" : "id BIGINT GENERATED ALWAYS AS IDENTITY") + " PRIMARY KEY, "
                    + String.join(" TEXT NOT NULL, ", COLUMNS) + " TEXT NOT NULL)" + (sqlite ? " STRICT" : ""));
            statement.execute("CREATE UNIQUE INDEX IF NOT EXISTS patron_card ON patron (card)");
        }
    }

    private static DataSource sqlite(String url) {
        SQLiteConfig sqlite = new SQLiteConfig();
        // As the vault.
        sqlite.setGetGeneratedKeys(false);
        sqlite.setJournalMode(SQLiteConfig.JournalMode.WAL);
        sqlite.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        sqlite.setPragma(SQLiteConfig.Pragma.SECURE_DELETE, "true");
        sqlite.setTempStore(SQLiteConfig.TempStore.MEMORY);
        sqlite.setCacheSize(-CACHE_KIB / CONNECTIONS);
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

    /** Writes the patrons, as they are in the file, in one durable transaction. Returns how many. */
    int insert(List<JsonNode> patrons) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
                for (JsonNode patron : patrons) {
                    for (int column = 0; column < MEMBERS.size(); column++) {
                        insert.setString(column + 1, value(patron, MEMBERS.get(column)));
                    }
                    insert.addBatch();
                }
                int[] written = insert.executeBatch();
                connection.commit();
                return written.length;
            }
        }
    }

    private static String value(JsonNode patron, String member) {
        JsonNode value = patron.at(member);
        return value.isArray() ? value.toString() : value.asText(LISTS.contains(member) ? "[]" : "");
    }

    /** Returns the patron of a card. */
    Optional<Patron> find(String card) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement find = connection.prepareStatement(FIND)) {
            find.setString(1, card);
            try (ResultSet row = find.executeQuery()) {
                return row.next() ? Optional.of(patron(row)) : Optional.empty();
            }
        }
    }

    private static Patron patron(ResultSet row) throws SQLException {
        int column = 1;
        return new Patron(
                id(row.getLong(column++)),
                "exact",
                row.getString(column++),
                row.getString(column++),
                row.getString(column++),
                row.getString(column++),
                new Name(
                        row.getString(column++),
                        row.getString(column++),
                        row.getString(column++),
                        row.getString(column++),
                        row.getString(column++)),
                new Address(
                        row.getString(column++),
                        row.getString(column++),
                        row.getString(column++),
                        row.getString(column++),
                        row.getString(column++),
                        row.getString(column++)),
                row.getString(column++),
                row.getString(column));
    }

    /** Returns what a card entitles by. */
    Optional<Standing> findStanding(String card) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement find = connection.prepareStatement(FIND_STANDING)) {
            find.setString(1, card);
            try (ResultSet row = find.executeQuery()) {
                return row.next()
                        ? Optional.of(new Standing(id(row.getLong(1)), row.getString(2), row.getString(3)))
                        : Optional.empty();
            }
        }
    }

    private static String id(long number) {
        return HexFormat.of().toHexDigits(number);
    }

    @Override
    public void close() {
        pool.close();
    }
}
