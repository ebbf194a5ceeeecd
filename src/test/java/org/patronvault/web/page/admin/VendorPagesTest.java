package org.patronvault.web.page.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.access.client.ClientGrant;
import org.patronvault.app.Service;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.PatronId;
import org.patronvault.privacy.entitlement.Entitlements;
import org.patronvault.privacy.entitlement.GatewayAccount;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.Browser;
import org.patronvault.web.ServedVault;
import org.patronvault.web.WebServer;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;

/** Tests of the vendor pages and their JSON (P8). */
class VendorPagesTest {
    private static final String CARD = "21234000007704";
    private static final String WHOM = "The vault does not know whom a vendor asked about";

    private static ServedVault served;
    private static WebServer server;
    private static PatronId patron;

    @BeforeAll
    static void ask() {
        served = new ServedVault();
        served.staff("dora", "director");
        served.staff("olga", "privacy-officer");
        served.staff("adam", "admin");
        served.staff("kim", "circulation");
        client("hoopla", "<b>Contract</b> 7");
        client("idle", "");
        client("gone", "");
        served.access().clients().revoke(Approvals.Requester.alone(ServedVault.ADMIN), "gone");
        patron = served.vault().register("'card':'" + CARD + "','name':{'family':'Quimperle'}");
        Entitlements entitlements = served.vault().vault().privacy().entitlements();
        for (String card : List.of(CARD, CARD, CARD, "21234000007712")) {
            entitlements.check(
                    OpenVault.client("hoopla", "entitlement"),
                    new Entitlements.Check(card, Optional.empty(), "films"),
                    Optional.empty());
        }
        entitlements.logCounts();
        server = WebServer.start(
                withGateway(
                        Service.partsOf(served.vault().vault()),
                        new GatewayAccount(
                                "kiosk<1>",
                                "hoopla",
                                "ebooks",
                                2,
                                Optional.of(served.vault().clock().instant()),
                                3,
                                41),
                        new GatewayAccount("other", "idle", "ebooks", 0, Optional.empty(), 0, 0)),
                new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.empty(), Proxies.NONE));
    }

    @AfterAll
    static void close() {
        server.close();
        served.close();
    }

    private static void client(String name, String reference) {
        served.access()
                .clients()
                .add(
                        Approvals.Requester.alone(ServedVault.ADMIN),
                        name,
                        ClientGrant.parse(
                                List.of("entitlement"), List.of(), List.of(), "10000", reference, "2027-06-30"));
    }

    private static WebUseCases withGateway(WebUseCases parts, GatewayAccount... accounts) {
        return new WebUseCases(
                parts.access(),
                parts.log(),
                parts.patrons(),
                parts.privacy(),
                parts.keys(),
                parts.rotations(),
                parts.seal(),
                parts.slots(),
                parts.destruction(),
                parts.alerts(),
                parts.witnesses(),
                parts.doctor(),
                parts.verification(),
                () -> List.of(accounts),
                parts.storeGauges(),
                parts.weakness(),
                parts.gatewayTls());
    }

    private static Browser signedIn(String name) {
        Browser browser = new Browser(server.port());
        assertThat(browser.signIn(name, ServedVault.PASSWORD).statusCode()).isEqualTo(303);
        return browser;
    }

    private static JsonNode json(String name, String path) throws Exception {
        String token = served.post("/v1/sessions", ServedVault.credentials(name, ServedVault.PASSWORD))
                .json()
                .path("token")
                .asText();
        Browser plain = new Browser(server.port());
        HttpResponse<String> answer = plain.send(
                plain.request(path).header("Authorization", "Bearer " + token).GET());
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        assertNobody(answer.body());
        return new ObjectMapper().readTree(answer.body());
    }

    private static void assertNobody(String body) {
        assertThat(body).doesNotContain(CARD, "21234000007712", patron.toString(), "Quimperle");
    }

    @Test
    void listSaysOfEachVendorHowOftenItAskedAndWhatItGot() {
        for (String name : List.of("dora", "olga", "adam")) {
            HttpResponse<String> page = signedIn(name).get("/vendors");
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.headers().firstValue("Cache-Control")).contains("no-store");
            assertThat(page.body())
                    .contains("acting as", WHOM, "href=\"/vendors\" aria-current=\"page\"")
                    .containsPattern("(?s)<a href=\"/vendors/gone\">gone</a> <strong class=\"mark\">Revoked</strong>"
                            + ".*<a href=\"/vendors/hoopla\">hoopla</a></th>\\s*<td><span class=\"chip\">ebooks</span>"
                            + " <span class=\"chip\">films</span> </td>\\s*<td class=\"number\">4</td>"
                            + "<td class=\"number\">4</td><td class=\"number\">75%</td><td>Nov 24, 2026"
                            + ".*<a href=\"/vendors/idle\">idle</a>.*None answered.*Not in these days")
                    .doesNotContain(" style=");
            assertNobody(page.body());
        }
    }

    @Test
    void pageOfAVendorSaysWhatItMayAskWhatItGotAndHowItsAccountsAre() {
        HttpResponse<String> page = signedIn("dora").get("/vendors/hoopla");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body())
                .contains("<h1>hoopla</h1>", "Clause P8: ", WHOM, "href=\"/policy\"")
                .contains(
                        "<code>films</code></dt><dd>is open to libraries of every code, categories of every kind.</dd>")
                .contains("&lt;b&gt;Contract&lt;/b&gt; 7", "June 30, 2027")
                .contains(
                        "aria-label=\"Checks a day, by answer: 4 in all; the most on a day were 4, on November 24, 2026.\"")
                .contains(
                        "height=\"75\" class=\"series-0\"",
                        "height=\"25\" class=\"series-1\"",
                        "</svg> Not entitled</li>")
                .containsPattern(
                        "<th scope=\"row\">films</th>\\s*<td>3</td>\\s*<td>1</td>\\s*<td>0</td>\\s*<td>0</td>\\s*"
                                + "<td>0</td>\\s*<td>4</td>")
                .containsPattern("<th scope=\"row\">November 24, 2026</th>\\s*<td>3</td>\\s*<td>1</td>")
                .containsPattern("<th scope=\"row\">kiosk&lt;1&gt;</th><td><span class=\"chip\">ebooks</span></td>"
                        + "<td>2 connections</td><td>Nov 24, 2026[^<]*</td><td class=\"number\">3</td>"
                        + "<td class=\"number\">41</td>")
                .doesNotContain(">other<", " style=");
        assertNobody(page.body());
    }

    @Test
    void vendorThatDidNotAskHasNoTables() {
        String page = signedIn("adam").get("/vendors/idle").body();
        assertThat(page)
                .contains("None in these days.", "None answered", "not connected", "Not yet", "None is named")
                .doesNotContain("<svg viewBox", "By service and answer");
        assertThat(signedIn("adam").get("/vendors/gone").body())
                .contains(
                        "<h1>gone <strong class=\"mark\">Revoked</strong></h1>",
                        "Its keys open nothing any more",
                        "It has none.");
    }

    @Test
    void whoMayNotSeeItIsToldInASentenceAndLogged() {
        Browser kim = signedIn("kim");
        for (String path : List.of("/vendors", "/vendors/hoopla", "/vendors/nobody")) {
            long before = served.vault().logSize();
            HttpResponse<String> page = kim.get(path);
            assertThat(page.statusCode()).isEqualTo(403);
            assertThat(Browser.status(page)).isEqualTo("The policy does not let this role see what vendors asked.");
            assertThat(page.body()).doesNotContain("hoopla", "<table", "aria-current");
            assertThat(served.vault().logSince(before)).singleElement().satisfies(event -> {
                assertThat(event.act()).isEqualTo(ActKind.READ_LOG);
                assertThat(event.outcome()).isEqualTo(Outcome.REFUSED);
            });
        }
        HttpResponse<String> nobody = new Browser(server.port()).get("/vendors/hoopla");
        assertThat(nobody.statusCode()).isEqualTo(303);
        assertThat(nobody.headers().firstValue("Location")).contains("/");
    }

    @Test
    void vendorThatIsNotThereIsSaidToBeNone() {
        HttpResponse<String> page = signedIn("dora").get("/vendors/nobody");
        assertThat(page.statusCode()).isEqualTo(404);
        assertThat(Browser.status(page)).isEqualTo("There is no such vendor.");
        assertThat(page.body()).contains("href=\"/vendors\"").doesNotContain("hoopla");
    }

    @Test
    void wayThereIsInTheLogRoomAndTheAdministration() {
        for (Map.Entry<String, String> room :
                Map.of("olga", "/log", "adam", "/admin/clients").entrySet()) {
            assertThat(signedIn(room.getKey()).get(room.getValue()).body())
                    .contains("<a href=\"/vendors\">Vendors</a>");
        }
        Browser adam = signedIn("adam");
        adam.get("/admin/clients");
        assertThat(adam.post("/admin/clients/open", Map.of("name", "hoopla")).body())
                .contains("<a href=\"/vendors/hoopla\">");
        assertThat(signedIn("kim").get("/").body()).doesNotContain("/vendors");
    }

    @Test
    void jsonHasTheSameNumbers() throws Exception {
        JsonNode list = json("adam", "/v1/vendors");
        assertThat(list.path("behind").asLong()).isZero();
        assertThat(list.path("vendors").findValuesAsText("name")).contains("gone", "hoopla", "idle");
        assertThat(list.at("/vendors/0/state").asText()).isEqualTo("revoked");
        JsonNode one = json("olga", "/v1/vendors/hoopla");
        String counts =
                "{\"asked\":4,\"entitled\":3,\"notEntitled\":1,\"heldBack\":0,\"verifierUnavailable\":0,\"failed\":0}";
        assertThat(one.path("today")).hasToString(counts);
        assertThat(one.path("thirtyDays")).hasToString(counts);
        assertThat(one.path("byService")).hasToString("[{\"service\":\"films\",\"counts\":" + counts + "}]");
        assertThat(one.path("days")).hasSize(30);
        assertThat(one.at("/days/29/counts")).hasToString(counts);
        assertThat(one.path("accounts")).singleElement().satisfies(account -> {
            assertThat(account.path("login").asText()).isEqualTo("kiosk<1>");
            assertThat(account.path("connections").asInt()).isEqualTo(2);
            assertThat(account.path("refusedLogins").asInt()).isEqualTo(3);
            assertThat(account.path("brokenMessages").asInt()).isEqualTo(41);
        });
        assertThat(json("kim", "/v1/vendors").path("status").asInt()).isEqualTo(403);
        assertThat(json("dora", "/v1/vendors/nobody").path("status").asInt()).isEqualTo(404);
    }
}
