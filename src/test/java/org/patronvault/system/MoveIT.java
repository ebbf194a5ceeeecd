package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.Postgres;

/** A vault in SQLite goes on in PostgreSQL, although its move is killed again and again. */
@Tag(LongRun.TAG)
final class MoveIT {
    private static final int PATRONS = 1_500;

    private RunningVault vault;
    private String url;

    @BeforeEach
    void create() {
        url = Postgres.freshDatabase();
        vault = RunningVault.create();
    }

    @AfterEach
    void remove() {
        vault.close();
    }

    private Path patrons() throws IOException {
        Path file = vault.root().resolve("patrons.jsonl");
        try (BufferedWriter lines = Files.newBufferedWriter(file)) {
            for (int n = 1; n <= PATRONS; n++) {
                lines.write(String.format(
                        "{\"card\":\"2123%010d\",\"name\":{\"family\":\"Family%d\"},\"phone\":[\"203-555-%04d\"],"
                                + "\"library\":\"NC\"}%n",
                        n, n, n));
            }
        }
        return file;
    }

    private boolean isThere(String query) {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT EXISTS (" + query + ")")) {
            return row.next() && row.getBoolean(1);
        } catch (SQLException e) {
            // There is no such table yet.
            return false;
        }
    }

    private JsonNode found(String token, String typed) {
        Answer answer = vault.call(
                "POST",
                "/v1/patrons/search",
                token,
                JsonNodeFactory.instance.objectNode().put("q", typed).put("purpose", "account-service"));
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        return answer.json().path("results");
    }

    @Test
    void killedMovesLeaveTheHomeAsItWasAndTheLastOneMovesAll() throws IOException {
        Databases.requireSqlite("what is moved is in a file of the home");
        vault.start();
        String clerk = vault.signIn("clerk");
        String erased = vault.register(clerk, SamplePatron.of(1));
        vault.json(
                "boss",
                "patrons",
                "import",
                patrons().toString(),
                "--format",
                "vault-jsonl",
                "--consent-policy",
                "2018-05");
        assertThat(vault.call("DELETE", "/v1/patrons/" + erased, vault.signIn("boss"))
                        .status())
                .isEqualTo(200);
        Files.writeString(
                vault.root().resolve("kept"),
                vault.as("dir", "log", "checkpoint").out());
        Ran serving = vault.as("cust1", "move", "--to", url);
        assertThat(serving.exit()).as(serving.toString()).isEqualTo(5);
        assertThat(serving.err()).startsWith("A server runs on this home");
        vault.stop();
        String settings = Files.readString(vault.home().resolve("vault.yaml"));

        assertThat(vault.as("clerk", "move", "--to", url).exit()).isEqualTo(3);
        for (String moment : List.of(
                "SELECT 1 FROM vault_fact WHERE name = 'moving'",
                "SELECT 1 FROM patron",
                "SELECT 1 FROM vault_fact WHERE name = 'vault'")) {
            try (VaultProcess process = vault.process(vault.environment("cust1"), List.of(), "move", "--to", url)) {
                process.awaitUntil("never there: " + moment, () -> isThere(moment));
                process.kill();
            }
            assertThat(Files.readString(vault.home().resolve("vault.yaml")))
                    .as(moment)
                    .isEqualTo(settings);
        }
        // Nobody has to finish it: the home is as it was.
        vault.start();
        assertThat(found(clerk, "21230000000777")).hasSize(1);
        String later = vault.register(clerk, SamplePatron.of(2));
        vault.stop();

        JsonNode moved = vault.json("cust1", "move", "--to", url).path("moved");
        assertThat(moved.path("tables").path("patron").asInt()).isEqualTo(PATRONS + 1);
        assertThat(moved.path("tables").path("search_index").asInt()).isGreaterThan(40 * PATRONS);
        assertThat(Path.of(moved.path("old").asText())).isEqualTo(vault.home().resolve("data/vault.db"));
        Ran again = vault.as("cust1", "move", "--to", url);
        assertThat(again.exit()).as(again.toString()).isZero();
        assertThat(again.out()).contains("nothing left to do");
        JsonNode verified = RunningVault.document(vault.run("log", "verify", "--checkpoint", "../kept", "--json"));
        assertThat(verified.path("ok").asBoolean()).as(verified.toString()).isTrue();
        assertThat(verified.path("entries").asLong())
                .isGreaterThanOrEqualTo(moved.path("entries").asLong());

        for (String file : List.of("vault.db", "vault.db-wal", "vault.db-shm")) {
            Files.deleteIfExists(vault.home().resolve("data").resolve(file));
        }
        vault.start();
        // The session of before goes on.
        assertThat(found(clerk, "21230000000777")).hasSize(1);
        assertThat(found(clerk, "203-555-1234")).hasSize(1);
        assertThat(found(clerk, SamplePatron.card(1))).isEmpty();
        assertThat(vault.call("GET", "/v1/patrons/" + later, clerk).status()).isEqualTo(200);
        Ran check = vault.as("cust1", "check");
        assertThat(check.exit()).as(check.toString()).isZero();
    }
}
