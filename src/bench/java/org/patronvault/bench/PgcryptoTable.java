package org.patronvault.bench;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.patronvault.app.madeup.MadeUpPatron;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.testing.Postgres;

/**
 * Patrons in a table whose values pgcrypto encrypts, as one would who has PostgreSQL and nothing else: a card is found by
 * an index on its keyed hash, a name by decrypting everybody's. The key comes with each statement.
 */
final class PgcryptoTable {
    /** The key is random, so that the slow way from a password to a key, which is the default, would gain nothing. */
    static final String PGP_OPTIONS = "cipher-algo=aes256, s2k-mode=1";

    private static final int KEY_BYTES = 32;
    private static final int BATCH = 1_000;
    private static final int PAGE = 20;

    private static final String SEALED = ", ?, '" + PGP_OPTIONS + "')";

    private static final String INSERT = "INSERT INTO patron SELECT one.id, hmac(one.card, ?, 'sha256')"
            + ", pgp_sym_encrypt(one.name" + SEALED
            + ", pgp_sym_encrypt(one.address" + SEALED
            + ", pgp_sym_encrypt(one.phone" + SEALED
            + ", pgp_sym_encrypt(one.email" + SEALED
            + " FROM unnest(?, ?, ?, ?, ?, ?) AS one(id, card, name, address, phone, email)";

    private static final String BY_CARD = "SELECT pgp_sym_decrypt(name, ?), pgp_sym_decrypt(address, ?), "
            + "pgp_sym_decrypt(phone, ?), pgp_sym_decrypt(email, ?) FROM patron WHERE card = hmac(?, ?, 'sha256')";

    private static final String BY_NAME = "SELECT pgp_sym_decrypt(name, ?) FROM patron "
            + "WHERE starts_with(lower(pgp_sym_decrypt(name, ?)), lower(?)) ORDER BY 1 LIMIT " + PAGE;

    private final String url;
    private final String key = HexFormat.of().formatHex(SecureBytes.random(KEY_BYTES));

    private PgcryptoTable(String url) {
        this.url = url;
    }

    /** Fills a table in that empty database. */
    static PgcryptoTable load(String url, MadeUpPatrons patrons) {
        Postgres.execute(url, "CREATE EXTENSION pgcrypto");
        Postgres.execute(
                url,
                "CREATE TABLE patron (id bigint PRIMARY KEY, card bytea NOT NULL UNIQUE, name bytea NOT NULL,"
                        + " address bytea NOT NULL, phone bytea NOT NULL, email bytea NOT NULL)");
        PgcryptoTable table = new PgcryptoTable(url);
        try (Connection connection = DriverManager.getConnection(url);
                PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (int first = 1; first <= patrons.size(); first += BATCH) {
                table.insert(connection, insert, patrons, first, Math.min(first + BATCH - 1, patrons.size()));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return table;
    }

    private void insert(Connection connection, PreparedStatement insert, MadeUpPatrons patrons, int first, int last)
            throws SQLException {
        List<Long> ids = new ArrayList<>();
        List<List<String>> columns = Stream.generate(() -> (List<String>) new ArrayList<String>())
                .limit(5)
                .toList();
        for (int number = first; number <= last; number++) {
            MadeUpPatron patron = patrons.patron(number);
            ids.add((long) number);
            columns.get(0).add(patron.card());
            List<String> values = values(patron);
            for (int i = 0; i < values.size(); i++) {
                columns.get(i + 1).add(values.get(i));
            }
        }
        int at = 1;
        while (at <= columns.size()) {
            insert.setString(at++, key);
        }
        insert.setArray(at++, connection.createArrayOf("bigint", ids.toArray()));
        for (List<String> column : columns) {
            insert.setArray(at++, connection.createArrayOf("text", column.toArray()));
        }
        insert.executeUpdate();
    }

    /** Name, address, telephone and e-mail as the table has them. */
    private static List<String> values(MadeUpPatron patron) {
        return List.of(
                patron.name().family() + ", " + patron.name().given(),
                String.join("\n", patron.address().lines()),
                String.join("\n", patron.canonicalPhones()),
                String.join("\n", patron.email()));
    }

    /** Asks by card for four fields, each patron as likely as the other, those of {@link CardSearches} with that seed. */
    Load byCard(MadeUpPatrons patrons, long seed) {
        return new Load(() -> new Asking(BY_CARD) {
            private MadeUpPatron patron;

            @Override
            public void prepare(long stream, long n) {
                patron = patrons.patron(1 + Load.drawn(seed, stream, n, patrons.size()));
                set(key, key, key, key, patron.card(), key);
            }

            @Override
            boolean isRight(List<List<String>> rows) {
                return rows.equals(List.of(values(patron)));
            }
        });
    }

    /** Asks by name for a page of whoever is called so, as that desk types names. */
    Load byName(BenchDesk desk) {
        return new Load(() -> new Asking(BY_NAME) {
            private String typed = "";

            @Override
            public void prepare(long stream, long n) {
                typed = desk.typed(stream, n);
                set(key, key, typed);
            }

            @Override
            boolean isRight(List<List<String>> rows) {
                return !rows.isEmpty()
                        && rows.stream()
                                .allMatch(row ->
                                        row.get(0).toLowerCase(Locale.ROOT).startsWith(typed.toLowerCase(Locale.ROOT)));
            }
        });
    }

    /** A connection with one statement, which is kept prepared. */
    private abstract class Asking implements Load.Client {
        private final Connection connection;
        private final PreparedStatement statement;
        private List<List<String>> rows = List.of();

        Asking(String sql) throws IOException {
            try {
                connection = DriverManager.getConnection(url);
                statement = connection.prepareStatement(sql);
            } catch (SQLException e) {
                throw new IOException(e);
            }
        }

        void set(String... parameters) {
            try {
                for (int i = 0; i < parameters.length; i++) {
                    statement.setString(i + 1, parameters[i]);
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Whether that is what is to be found. */
        abstract boolean isRight(List<List<String>> found);

        @Override
        public void exchange() throws IOException {
            List<List<String>> found = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                int columns = result.getMetaData().getColumnCount();
                while (result.next()) {
                    List<String> row = new ArrayList<>();
                    for (int column = 1; column <= columns; column++) {
                        row.add(result.getString(column));
                    }
                    found.add(row);
                }
            } catch (SQLException e) {
                throw new IOException(e);
            }
            rows = found;
        }

        @Override
        public void check() throws IOException {
            if (!isRight(rows)) {
                throw new IOException("pgcrypto found something else");
            }
        }

        @Override
        public void close() throws IOException {
            try {
                connection.close();
            } catch (SQLException e) {
                throw new IOException(e);
            }
        }
    }
}
