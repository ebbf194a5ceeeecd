package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.app.Service;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.PatronId;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/** Tests of mailings over HTTP, and of the page behind the link in a mail (P9). */
final class MailingHttpTest {
    private static final String PASSWORD = "a quiet reading room";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private static Path directory;

    private static OpenVault vault;
    private static WebServer server;
    private static String certificate;
    private static String outreach;
    private static String director;
    private static int patrons;

    @BeforeAll
    static void open() throws IOException {
        certificate = Files.readString(
                OpenSsl.certificate(directory, "post", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"));
        vault = OpenVault.onSqlite();
        vault.whileStopped(() -> settings("http: {publicUrl: 'https://vault.example.org/'}\n"));
        vault.clock()
                .advance(Duration.between(vault.clock().instant(), Instant.now().plusSeconds(1)));

        for (String role : List.of("outreach", "director", "circulation")) {
            vault.employ("only-" + role, PASSWORD, role);
        }
        server = WebServer.start(
                Service.partsOf(vault.vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), true, OptionalInt.of(0), Proxies.NONE));
        outreach = token("outreach");
        director = token("director");
    }

    private static void settings(String text) {
        try {
            Files.writeString(vault.home().settings(), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterAll
    static void close() {
        server.close();
        vault.close();
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static HttpResponse<byte[]> send(HttpRequest.Builder request) {
        try {
            return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    }

    private static HttpResponse<byte[]> get(String path, String token) {
        return send(request(path).header("Authorization", "Bearer " + token));
    }

    private static HttpResponse<byte[]> post(String path, String token, ObjectNode body, String... headers) {
        HttpRequest.Builder request = request(path)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request);
    }

    private static JsonNode json(HttpResponse<byte[]> answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8);
    }

    private static String token(String role) {
        ObjectNode credentials = object().put("username", "only-" + role).put("password", PASSWORD);
        return json(post("/v1/sessions", "none", credentials)).path("token").asText();
    }

    private static PatronId reader() {
        String card = "R" + ++patrons;
        PatronId id =
                vault.register("'card':'" + card + "','name':{'family':'Ng'},'email':['" + card + "@example.org']");
        says(id, true);
        return id;
    }

    private static void says(PatronId id, boolean given) {
        vault.say(id, "newsletter", given);
    }

    private static boolean isGiven(PatronId id) {
        return vault.patrons()
                .consenting()
                .read(OpenVault.person("circulation"), Optional.of(id), AuditLog.newRequest())
                .consents()
                .isGiven("newsletter");
    }

    private static ObjectNode mailing(int limit) {
        return object().put("purpose", "newsletter").put("limit", limit).put("recipient", certificate);
    }

    private static List<String> lines(String id) throws IOException {
        HttpResponse<byte[]> file = get("/v1/mailings/" + id + "/file", outreach);
        assertThat(file.statusCode()).isEqualTo(200);
        assertThat(file.headers().firstValue("Content-Type")).contains("application/cms");
        assertThat(file.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(new String(file.body(), java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain("example.org");
        Path sealed = Files.write(directory.resolve("sealed"), file.body());
        assertThat(OpenSsl.decrypt(directory, "post", sealed, directory.resolve("content")))
                .isZero();
        return Files.readString(directory.resolve("content")).lines().toList();
    }

    /** Returns the path of the link for the owner of that address. */
    private static String link(PatronId reader, int number) throws IOException {
        assertThat(isGiven(reader)).isTrue();
        String id = json(post("/v1/mailings", outreach, mailing(20))).path("id").asText();
        String line = lines(id).stream()
                .filter(one -> one.startsWith("R" + number + "@"))
                .findFirst()
                .orElseThrow();
        assertThat(line).contains(",https://vault.example.org/unsubscribe/");
        return line.substring(line.indexOf("/unsubscribe/"));
    }

    @Test
    void mailingIsMadeFetchedAndToldOf() throws IOException {
        PatronId reader = reader();
        HttpResponse<byte[]> made = post("/v1/mailings", outreach, mailing(20), "Idempotency-Key", "once");
        assertThat(made.statusCode()).isEqualTo(201);
        String id = json(made).path("id").asText();
        assertThat(made.headers().firstValue("Location")).contains("/v1/mailings/" + id);
        assertThat(text(post("/v1/mailings", outreach, mailing(20), "Idempotency-Key", "once")))
                .isEqualTo(text(made));
        assertThat(lines(id)).hasSizeGreaterThan(1).first().isEqualTo("email,unsubscribe");
        assertThat(json(get("/v1/mailings/" + id, outreach)).path("files").asInt())
                .isEqualTo(1);
        says(reader, false);
    }

    @Test
    void aboveASizeTheRequestWaitsAndTheSameAgainMakesItOnceAgreedTo() {
        HttpResponse<byte[]> filed = post("/v1/mailings", outreach, mailing(501));
        assertThat(filed.statusCode()).isEqualTo(202);
        String request = json(filed).path("id").asText();
        assertThat(filed.headers().firstValue("Location")).contains("/v1/approvals/" + request);
        assertThat(get("/v1/approvals/" + request, outreach).statusCode()).isEqualTo(200);
        assertThat(post("/v1/approvals/" + request, director, object()).statusCode())
                .isEqualTo(200);
        HttpResponse<byte[]> made = post("/v1/mailings", outreach, mailing(501));
        assertThat(made.statusCode()).isEqualTo(201);
        assertThat(json(made).path("second").asText()).isEqualTo("only-director");
    }

    @Test
    void whatIsSentIsReadOnlyOnceThePolicyWasAsked() {
        ObjectNode wrong = object().put("purpose", "zyzzyva").put("more", 1);
        assertThat(post("/v1/mailings", token("circulation"), wrong).statusCode())
                .isEqualTo(403);
        for (ObjectNode body : List.of(
                wrong,
                mailing(0),
                mailing(20).put("purpose", "service"),
                mailing(20).put("libraries", "zyzzyva"),
                mailing(20).put("recipient", "zyzzyva"))) {
            HttpResponse<byte[]> answer = post("/v1/mailings", outreach, body);
            assertThat(answer.statusCode()).as(text(answer)).isEqualTo(422);
            assertThat(text(answer)).doesNotContain("zyzzyva");
        }
        assertThat(get("/v1/mailings/zyzzyva/file", outreach).statusCode()).isEqualTo(404);
    }

    @Test
    void toLookAtTheLinkChangesNothingAndItsButtonUnsubscribes() throws IOException {
        PatronId reader = reader();
        String link = link(reader, patrons);
        HttpResponse<byte[]> page = send(request(link));
        HttpResponse<byte[]> head = send(request(link).method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(text(page))
                .contains("<form method=\"post\"", ">Unsubscribe</button>")
                .doesNotContain(link);
        assertThat(page.headers().firstValue("Referrer-Policy")).contains("no-referrer");
        assertThat(page.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(page.headers().firstValue("Set-Cookie")).isEmpty();
        assertThat(isGiven(reader)).isTrue();

        HttpResponse<byte[]> done = unsubscribe(link);
        assertThat(done.statusCode()).isEqualTo(200);
        assertThat(text(done)).contains("Done. New mailings of this kind leave you out.");
        assertThat(done.headers().firstValue("Set-Cookie")).isEmpty();
        assertThat(isGiven(reader)).isFalse();
    }

    /** As a mail provider does it: another origin, no cookie, no session. */
    private static HttpResponse<byte[]> unsubscribe(String link) {
        return send(request(link)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Origin", "https://mail.example.com")
                .POST(HttpRequest.BodyPublishers.ofString("List-Unsubscribe=One-Click")));
    }

    @Test
    void answerIsTheSameWhateverTheLinkIsGoodFor() throws IOException {
        PatronId reader = reader();
        String link = link(reader, patrons);
        String good = text(unsubscribe(link));
        assertThat(isGiven(reader)).isFalse();
        says(reader, true);
        for (String other : List.of(
                link,
                link.substring(0, link.length() - 1),
                link + "A",
                "/unsubscribe/x",
                "/unsubscribe/" + "A".repeat(4_000))) {
            HttpResponse<byte[]> answer = unsubscribe(other);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(text(answer)).isEqualTo(good);
        }
        assertThat(isGiven(reader)).isTrue();
        says(reader, false);
    }

    @Test
    void answerIsTheSameWhereThePatronsRecordWasTamperedWithAndAnAlertTellsOfIt() throws Exception {
        PatronId reader = reader();
        String link = link(reader, patrons);
        String good = text(unsubscribe("/unsubscribe/x"));
        change(reader, "library = library || 'X'");
        long before = vault.logSize();
        HttpResponse<byte[]> answer = unsubscribe(link);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(text(answer)).isEqualTo(good);
        assertThat(vault.logSince(before))
                .filteredOn(entry -> entry.act() == ActKind.UNSUBSCRIBE)
                .extracting(AccessEvent::outcome)
                .containsExactly(Outcome.FAILED, Outcome.ALERT);
        change(reader, "library = substr(library, 1, length(library) - 1)");
        assertThat(isGiven(reader)).isTrue();
        says(reader, false);
    }

    private static void change(PatronId id, String how) throws SQLException {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate("UPDATE patron SET " + how + " WHERE id = " + id.number()))
                    .isEqualTo(1);
        }
    }

    @Test
    void pageIsAmongThosePublicOnes() {
        String there = "http://127.0.0.1:" + server.publicPort().orElseThrow();
        assertThat(send(HttpRequest.newBuilder(URI.create(there + "/unsubscribe/x")))
                        .statusCode())
                .isEqualTo(200);
        assertThat(send(HttpRequest.newBuilder(URI.create(there + "/v1/mailings/x")))
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void sealedVaultAsksToComeAgain() throws IOException {
        PatronId reader = reader();
        String link = link(reader, patrons);
        vault.vault().custody().seal();
        HttpResponse<byte[]> answer = unsubscribe(link);
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        assertThat(send(request(link)).statusCode()).isEqualTo(200);
        vault.unseal();
        assertThat(isGiven(reader)).isTrue();
        says(reader, false);
    }
}
