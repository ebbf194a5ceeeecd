package org.patronvault.core.store.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Rows;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.Postgres;

/** Tests of a remote server, with a URL that names only the certificate authority. */
final class PostgresTlsTest {
    /** Both names lead to this machine. But the vault resolves no host, and takes them for others. */
    private static final String CERTIFIED = "127.1";

    private static final String ANOTHER = "127.0.1";
    private static final String PASSWORD = "s3cret";

    @TempDir
    static Path directory;

    private static Path authority;
    private static Postgres.Apart server;

    @BeforeAll
    static void begin() throws IOException {
        authority = OpenSsl.certificate(directory, "authority");
        Path certificate = OpenSsl.certificate(
                directory,
                "server",
                "-CA",
                "authority.pem",
                "-CAkey",
                "authority.key",
                "-addext",
                "subjectAltName=DNS:" + CERTIFIED);
        // The server accepts the key, since openssl makes it readable for its owner alone.
        Path key = directory.resolve("server.key");
        server = Postgres.apart(
                Map.of("ssl", "on", "ssl_cert_file", certificate.toString(), "ssl_key_file", key.toString()));
        server.freshDatabase("vault");
    }

    @AfterAll
    static void end() {
        if (server != null) {
            server.close();
        }
    }

    /** Returns the URL with another host, which trusts {@code authority}. */
    private static StoreSettings at(String host, String url, Path authority) throws IOException {
        Path password = Files.writeString(directory.resolve("password"), PASSWORD);
        String there = url.replace("localhost", host) + "&sslrootcert=" + authority;
        assertThat(there).contains("//" + host + ":").doesNotContain("sslmode");
        return new StoreSettings(there, 1, Optional.of(password));
    }

    private static void assertRefused(StoreSettings settings) {
        assertThatThrownBy(() -> Store.open(settings).close()).satisfies(PostgresTlsTest::saysNothing);
        assertThatThrownBy(() -> Store.openToRead(settings).close()).satisfies(PostgresTlsTest::saysNothing);
    }

    private static void saysNothing(Throwable refusal) {
        assertThat(refusal)
                .isInstanceOf(StoreException.class)
                .hasNoCause()
                .hasMessageNotContainingAny(PASSWORD, CERTIFIED, ANOTHER, "localhost", "postgres", "user");
    }

    @Test
    void theServerThatIsMeantIsSpokenToByTlsAlone() throws Exception {
        StoreSettings settings = at(CERTIFIED, server.url("postgres", "vault"), authority);
        try (Store store = Store.open(settings)) {
            Rows.put(store, 1, 1);
            assertThat(store.<Long>read(tx -> tx.patrons().count())).isEqualTo(1);
            assertThat(isEachSessionEncrypted()).isTrue();
        }
    }

    private static boolean isEachSessionEncrypted() throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.url("postgres", "vault"));
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT bool_and(ssl) FROM pg_stat_ssl"
                        + " JOIN pg_stat_activity USING (pid) WHERE application_name = 'patron-vault'")) {
            return row.next() && row.getBoolean(1);
        }
    }

    @Test
    void aServerWithTheCertificateOfAnotherIsRefused() throws IOException {
        assertRefused(at(ANOTHER, server.url("postgres", "vault"), authority));
    }

    @Test
    void aServerThatAnotherAuthorityCertifiedIsRefused() throws IOException {
        Path foreign = OpenSsl.certificate(directory, "foreign");
        assertRefused(at(CERTIFIED, server.url("postgres", "vault"), foreign));
    }

    @Test
    void aServerWithoutTlsIsRefused() throws IOException {
        assertRefused(at(CERTIFIED, Postgres.freshDatabase(), authority));
    }
}
