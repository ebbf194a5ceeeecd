package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.app.Service;
import org.patronvault.app.VaultInstance;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.Postgres;
import org.patronvault.upkeep.doctor.Doctor;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/** Tests of a database server whose settings are weakened while the vault uses it. */
final class WeakDatabaseTest {
    private static Postgres.Apart database;
    private static OpenVault vault;
    private static WebServer server;

    @BeforeAll
    static void serve() {
        database = Postgres.apart(Map.of());
        vault = OpenVault.onPostgres(database.freshDatabase("vault"));
        server = WebServer.start(
                Service.partsOf(vault.vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.empty(), Proxies.NONE));
    }

    @AfterAll
    static void close() {
        if (server != null) {
            server.close();
        }
        if (vault != null) {
            vault.close();
        }
        if (database != null) {
            database.close();
        }
    }

    private static JsonNode answer(int status, HttpRequest.Builder request) throws Exception {
        HttpResponse<String> answer =
                HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return new ObjectMapper().readTree(answer.body());
    }

    private static HttpRequest.Builder at(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    }

    private static HttpRequest.Builder signIn() {
        return at("/v1/sessions")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"username\":\"nobody\",\"password\":\"nothing at all\"}"));
    }

    @Test
    void nothingIsWrittenOrOpenedAndEverybodyIsToldUntilItIsMendedAndThenItGoesOnUnsealed() throws Exception {
        VaultInstance instance = vault.vault();
        PatronId id = vault.register("'card':'WD1','name':{'family':'Bittern'}");
        answer(200, at("/health/ready"));
        answer(401, signIn());
        long entries = vault.logSize();

        database.set("full_page_writes", "off");
        Awaitility.await().until(() -> {
            instance.store().look();
            return instance.store().weakness().isPresent();
        });
        JsonNode unready = answer(503, at("/health/ready"));
        assertThat(unready.path("type").asText()).endsWith("/database-weak");
        assertThat(unready.path("detail").asText()).contains("full_page_writes = on");
        assertThat(unready.path("ready").asBoolean(true)).isFalse();
        assertThat(unready.path("sealed").asBoolean(true)).isFalse();
        assertThat(answer(503, signIn()).path("type").asText()).endsWith("/database-weak");
        assertThatThrownBy(() -> vault.reveal(id))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.DATABASE_WEAK));
        assertThat(instance.doctor().doctor().look()).anySatisfy(line -> {
            assertThat(line.check()).isEqualTo("database");
            assertThat(line.verdict()).isEqualTo(Doctor.Verdict.WRONG);
            assertThat(line.says()).contains("full_page_writes = on");
        });
        assertThat(vault.logSize()).isEqualTo(entries);

        database.set("full_page_writes", "");
        Awaitility.await().until(() -> {
            instance.store().look();
            return instance.store().weakness().isEmpty();
        });
        answer(200, at("/health/ready"));
        answer(401, signIn());
        assertThat(vault.reveal(id).name()).isPresent();
    }
}
