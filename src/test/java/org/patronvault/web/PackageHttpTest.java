package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.app.Service;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.patron.change.Protection;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/** Tests of a patron's own data package over HTTP: whole, counted, in the log, and for no one else. */
class PackageHttpTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String NONE = "";

    private static OpenVault vault;
    private static WebServer server;
    private static String officer;
    private static String director;
    private static String clerk;
    private static PatronId kat;

    @TempDir
    private Path directory;

    @BeforeAll
    static void open() throws Exception {
        vault = OpenVault.onSqlite();
        // By which certificates made now are good.
        vault.clock()
                .advance(Duration.between(vault.clock().instant(), Instant.now().plus(Duration.ofHours(1))));
        server = WebServer.start(
                Service.partsOf(vault.vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), true, OptionalInt.empty(), Proxies.NONE));
        Map.of("kim", "circulation", "officer", "privacy-officer", "dora", "director")
                .forEach((name, role) -> vault.employ(name, ServedVault.PASSWORD, role));
        officer = signIn("officer");
        director = signIn("dora");
        clerk = signIn("kim");
        kat = vault.register("'card':'KAT1','name':{'family':'O\\u0027Sullivan <b>Ng</b>','given':'Katherine',"
                + "'suffix':'Jr'},'address':{'line1':'1437 South Elm St','city':'New Canaan','region':'CT',"
                + "'postalCode':'06840'},'phone':['203-555-0143'],'email':['kat@example.org'],'expires':'2029-01-31'");
        vault.patrons()
                .cardReplacement()
                .replace(
                        OpenVault.person("circulation"),
                        Optional.of(kat),
                        () -> "KAT2",
                        Optional.empty(),
                        AuditLog.newRequest());
        vault.say(kat, "newsletter", true);
        vault.say(kat, "newsletter", false);
        vault.addVendor("films-vendor");
        vault.forget(kat, "films-vendor");
        vault.reveal(kat);
    }

    @AfterAll
    static void stop() {
        server.close();
        vault.close();
    }

    private static String signIn(String name) throws Exception {
        String body = ServedVault.credentials(name, ServedVault.PASSWORD).toString();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/v1/sessions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return JSON.readTree(HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray())
                        .body())
                .path("token")
                .asText();
    }

    private static void mark(PatronId id, Optional<Boolean> isProtected, Optional<Boolean> isDecoy) {
        vault.patrons()
                .protection()
                .put(
                        OpenVault.person("director"),
                        Optional.of(id),
                        OptionalLong.empty(),
                        new Protection.Request(isProtected, isDecoy, Optional.empty()),
                        Optional.empty(),
                        AuditLog.newRequest());
    }

    private static HttpResponse<byte[]> ask(String token, Object id, String body, String accept) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.port() + "/v1/patrons/" + id + "/package"))
                .header("Authorization", "Bearer " + token)
                .header("Accept", accept);
        if (body.isEmpty()) {
            request.POST(HttpRequest.BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
        }
        try {
            return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode json(HttpResponse<byte[]> answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String refusal(HttpResponse<byte[]> answer) {
        String type = json(answer).path("type").asText();
        return answer.statusCode() + " " + type.substring(type.lastIndexOf('/') + 1);
    }

    private static JsonNode given(String token, PatronId id) {
        HttpResponse<byte[]> answer = ask(token, id, NONE, "application/json");
        assertThat(answer.statusCode())
                .as(new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo(200);
        return json(answer);
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void officerWhoMayRevealNothingGetsAllOfItForThePatronAndThatIsInTheLogFirst() {
        long from = vault.logSize();
        HttpResponse<byte[]> answer = ask(officer, kat, "{\"purpose\":\"patron-request\"}", "application/json");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
        JsonNode held = json(answer);
        assertThat(held.path("card").asText()).isEqualTo("KAT2");
        assertThat(held.path("formerCards").toString()).isEqualTo("[\"KAT1\"]");
        assertThat(held.at("/name/suffix").asText()).isEqualTo("Jr");
        assertThat(held.at("/address/line1").asText()).isEqualTo("1437 South Elm St");
        assertThat(held.path("phone").toString()).isEqualTo("[\"+12035550143\"]");
        assertThat(held.path("email").toString()).isEqualTo("[\"kat@example.org\"]");
        assertThat(held.path("library").asText()).isEqualTo("NC");
        assertThat(held.path("expires").asText()).isEqualTo("2029-01-31");
        assertThat(held.path("registered").asText())
                .isEqualTo(YearMonth.from(vault.clock().instant().atZone(ZoneOffset.UTC))
                        .toString());
        assertThat(held.path("consents")).hasSize(3);
        assertThat(held.at("/consents/2/given").asBoolean(true)).isFalse();
        assertThat(held.path("indexed").asBoolean()).isTrue();
        assertThat(held.toString()).doesNotContain("films-vendor");
        assertThat(held.at("/accesses/keptMonths").asInt()).isEqualTo(24);
        assertThat(held.at("/accesses/policy").asText()).isEqualTo("2018-05");
        assertThat(held.at("/accesses/visits").toString())
                .contains("Saw your name, card number")
                .contains("Had a vendor know you by another number, as you asked.")
                .contains("Took down what you said yes or no to.")
                .contains("Put together everything the library holds of you");
        assertThat(held.toString()).doesNotContain("kim", "p-circulation");

        AccessEvent look = vault.logSince(held.path("entry").asLong()).get(0);
        assertThat(held.path("entry").asLong()).isGreaterThanOrEqualTo(from);
        assertThat(look.act()).isEqualTo(ActKind.PACKAGE);
        assertThat(look.outcome()).isEqualTo(Outcome.DISCLOSED);
        assertThat(look.purpose()).contains(Purpose.PATRON_REQUEST);
        assertThat(look.fields()).isEqualTo(PatronField.personal());
    }

    @Test
    void pageIsForThePatronToReadAndEscapesWhatIsHeld() {
        HttpResponse<byte[]> answer = ask(officer, kat, NONE, "text/html");
        assertThat(answer.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(new String(answer.body(), StandardCharsets.UTF_8))
                .contains("<h1>Everything the library holds of you</h1>")
                .contains("href=\"/static/report.css\"")
                .contains(
                        "O'Sullivan &lt;b&gt;Ng&lt;/b&gt;", "KAT2", "KAT1", "1437 South Elm St", "New Canaan, CT 06840")
                .contains("+1 203-555-0143", "kat@example.org", "January 31, 2029", "Library service", "The newsletter")
                .contains("The desk corrects it", "For 24 months", "Policy 2018-05")
                .doesNotContain("<style", "<script", "kim", "<b>Ng");
    }

    @Test
    void packageIsSealedToTheCertificateThatIsSent() throws IOException {
        Path certificate = OpenSsl.certificate(directory, "kat", "-newkey", "rsa:2048");
        String body = JSON.createObjectNode()
                .put("recipient", Files.readString(certificate))
                .toString();
        for (String accept : List.of("text/html", "application/json")) {
            HttpResponse<byte[]> answer = ask(officer, kat, body, accept);
            assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/pkcs7-mime");
            assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
            assertThat(answer.headers().firstValue("Vault-Entry").orElseThrow()).matches("[0-9]+");
            assertThat(new String(answer.body(), StandardCharsets.ISO_8859_1)).doesNotContain("Sullivan");
            Path sealed = Files.write(directory.resolve("sealed"), answer.body());
            Path clear = directory.resolve("clear");
            assertThat(OpenSsl.decrypt(directory, "kat", sealed, clear)).isZero();
            assertThat(Files.readString(clear))
                    .startsWith(accept.equals("text/html") ? "<!doctype html>" : "{")
                    .contains("Sullivan", "KAT2");
        }
        assertThat(Files.readString(directory.resolve("clear"))).doesNotContain("/static/");
    }

    @Test
    void whatIsSentWrongOpensNothingAndIsRefusedAfterThePolicy() {
        long from = vault.logSize();
        ObjectNode key = JSON.createObjectNode().put("recipient", "-----BEGIN PRIVATE KEY-----");
        assertThat(refusal(ask(officer, kat, key.toString(), "application/json")))
                .isEqualTo("422 invalid");
        assertThat(refusal(ask(officer, kat, "{\"recipient\":7}", "*/*"))).isEqualTo("422 invalid");
        assertThat(refusal(ask(officer, kat, "{\"field\":\"phone\"}", "*/*"))).isEqualTo("422 invalid");
        assertThat(refusal(ask(officer, kat, "{", "*/*"))).isEqualTo("400 malformed");
        assertThat(refusal(ask(officer, kat, "{\"purpose\":\"gossip\"}", "*/*")))
                .isEqualTo("422 purpose-unknown");
        assertThat(refusal(ask(director, kat, "{\"purpose\":\"checkout\"}", "*/*")))
                .isEqualTo("403 purpose-not-allowed");
        assertThat(refusal(ask(clerk, kat, "{", "*/*"))).isEqualTo("403 not-allowed");
        assertThat(refusal(ask(officer, "0123456789abcdef", "{", "*/*"))).isEqualTo("404 not-found");
        assertThat(refusal(ask(officer, "xyz", NONE, "*/*"))).isEqualTo("404 not-found");
        assertThat(refusal(ask("pvk_unknown", kat, NONE, "*/*"))).isEqualTo("401 not-signed-in");
        List<AccessEvent> events = vault.logSince(from).stream()
                .filter(event -> event.act() == ActKind.PACKAGE)
                .toList();
        assertThat(events).hasSize(9).allMatch(event -> event.outcome() == Outcome.REFUSED);
    }

    @Test
    void whoTookTheConsentBackGetsAllOfItStill() {
        PatronId gone = vault.register("'card':'WDN1','name':{'family':'Withdrawn'}");
        vault.say(gone, "service", false);
        assertThat(given(officer, gone).at("/name/family").asText()).isEqualTo("Withdrawn");
        assertThat(given(director, gone).has("consent")).isFalse();
    }

    @Test
    void protectedPatronsPackageIsTheDirectorsAndSomebodyIsTold() {
        PatronId guarded = vault.register("'card':'GRD1','name':{'family':'Guarded'},'phone':['203-555-0177']");
        mark(guarded, Optional.of(true), Optional.empty());
        long from = vault.logSize();
        assertThat(refusal(ask(officer, guarded, NONE, "*/*"))).isEqualTo("403 field-not-allowed");
        assertThat(vault.logSince(from))
                .anySatisfy(event -> assertThat(event.about()).contains(Alert.PROTECTED_ASKED.slug()));
        JsonNode held = given(director, guarded);
        assertThat(held.path("protected").asBoolean()).isTrue();
        assertThat(held.path("phone").toString()).isEqualTo("[\"+12035550177\"]");
    }

    @Test
    void decoysPackageLooksLikeAnybodysAndSomebodyIsTold() {
        PatronId plain = vault.register("'card':'PLN1','name':{'family':'Plain'}");
        PatronId decoy = vault.register("'card':'DCY1','name':{'family':'Nobody'}");
        mark(decoy, Optional.empty(), Optional.of(true));
        long from = vault.logSize();
        JsonNode held = given(officer, decoy);
        assertThat(vault.logSince(from))
                .anySatisfy(event -> assertThat(event.about()).contains(Alert.DECOY_OPENED.slug()));
        assertThat(names(held)).isEqualTo(names(given(officer, plain)));
        assertThat(held.toString()).doesNotContain("ecoy");
    }

    @Test
    void certificateThatIsNotValidByTheVaultsClockIsRefusedAndNothingIsOpened() throws IOException {
        String pem = Files.readString(OpenSsl.certificate(directory, "early", "-newkey", "rsa:2048"));
        try (OpenVault earlier = OpenVault.onSqlite()) {
            PatronId id = earlier.register("'card':'E1','name':{'family':'Early'}");
            long from = earlier.logSize();
            assertThatThrownBy(() -> earlier.vault()
                            .privacy()
                            .packages()
                            .make(
                                    OpenVault.person("privacy-officer"),
                                    Optional.of(id),
                                    ZoneOffset.UTC,
                                    () -> Optional.of(pem),
                                    AuditLog.newRequest()))
                    .isInstanceOf(Refused.class)
                    .hasMessageContaining("not valid yet");
            assertThat(earlier.logSince(from)).noneMatch(event -> event.outcome() == Outcome.DISCLOSED);
        }
    }
}
