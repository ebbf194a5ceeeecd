package org.patronvault.web.page.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.app.Service;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.web.Browser;
import org.patronvault.web.ServedVault;
import org.patronvault.web.WebServer;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.page.Texts;

/** Tests of the log page, in a browser with and without scripts. */
class LogPageFlowTest {
    private static final Actor KIM = new Actor(Actor.Kind.STAFF, "kim", "circulation", "NC");
    private static final Pattern WAITING = Pattern.compile("<a href=\"#alerts\">([^<]*)</a>");

    private ServedVault served;
    private WebServer server;

    @BeforeEach
    void open() {
        served = new ServedVault();
        served.staff("kim", "circulation");
        served.staff("olga", "privacy-officer");
        served.staff("otto", "privacy-officer");
        served.staff("dora", "director");
        served.staff("cus", "custodian");
        server = WebServer.start(
                Service.partsOf(served.vault().vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.empty(), Proxies.NONE));
    }

    @AfterEach
    void close() {
        server.close();
        served.close();
    }

    private Browser signedIn(String name) {
        Browser browser = new Browser(server.port());
        assertThat(browser.signIn(name, ServedVault.PASSWORD).statusCode()).isEqualTo(303);
        return browser;
    }

    private AuditLog log() {
        return served.vault().vault().log();
    }

    private long append(Actor by, Outcome outcome, Set<Alert> alerts) {
        AccessEvent event = log().event(by, ActKind.REVEAL, outcome, AuditLog.newRequest())
                .forPurpose(Purpose.ACCOUNT_SERVICE)
                .on(List.of(Subject.opened(new PatronId(0x1234abcdL), Set.of(PatronField.PHONE))));
        AccessEvent said = outcome == Outcome.REFUSED ? event.refusedFor(Problem.REVEAL_LIMIT) : event;
        return log().record(said, alerts.toArray(Alert[]::new)).index();
    }

    private static String waiting(HttpResponse<String> page) {
        Matcher found = WAITING.matcher(page.body());
        assertThat(found.find()).isTrue();
        return found.group(1);
    }

    /** A part of the page, as htmx asks for it. */
    private static HttpResponse<String> part(Browser browser, String path) {
        return browser.send(browser.request(path).header("HX-Request", "true").GET());
    }

    @Test
    void stateOfTheLogStandsOnTop() {
        log().checkpoint();
        HttpResponse<String> page = signedIn("olga").get("/log");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(page.body())
                .containsSubsequence(
                        "<h1>Who looked</h1>",
                        ">State of the log</h2>",
                        "Newest signed checkpoint",
                        "of Nov 24, 2026",
                        "None is named in vault.yaml",
                        ">Verify the log</button>",
                        "role=\"search\"",
                        ">Alerts</h2>",
                        ">The last thirty days</h2>")
                .doesNotContain(" style=");
    }

    @Test
    void whoMayNotReadTheLogGetsNeitherTheRoomNorItsPartsAndIsLogged() {
        append(KIM, Outcome.DISCLOSED, Set.of(Alert.LIMIT_HALF));
        for (String name : new String[] {"kim", "cus"}) {
            Browser browser = signedIn(name);
            long before = served.vault().logSize();
            HttpResponse<String> page = browser.get("/log");
            assertThat(page.statusCode()).isEqualTo(403);
            assertThat(page.body()).doesNotContain("State of the log", "Limit half", "<svg viewBox");
            assertThat(served.vault().logSince(before)).singleElement().satisfies(entry -> {
                assertThat(entry.act()).isEqualTo(ActKind.READ_LOG);
                assertThat(entry.outcome()).isEqualTo(Outcome.REFUSED);
            });
            assertThat(browser.post("/log/verify", Map.of()).statusCode()).isEqualTo(403);
            HttpResponse<String> marked = browser.post("/log/reviewed", Map.of("alert.1", "1"));
            assertThat(marked.statusCode()).isEqualTo(403);
            assertThat(Browser.status(marked)).isEqualTo("The policy does not let this role read the log.");
            for (String path : new String[] {"/log/verification", "/log/days"}) {
                HttpResponse<String> part = part(browser, path);
                assertThat(part.statusCode()).isEqualTo(204);
                assertThat(part.headers().firstValue("HX-Redirect")).contains("/log");
            }
        }
        HttpResponse<String> nobody = part(new Browser(server.port()), "/log/days");
        assertThat(nobody.statusCode()).isEqualTo(204);
        assertThat(nobody.headers().firstValue("HX-Redirect")).contains("/");
    }

    @Test
    void verificationRunsBehindAndSaysInWordsThatAllIsWell() {
        Browser olga = signedIn("olga");
        olga.get("/log");
        HttpResponse<String> begun = olga.post("/log/verify", Map.of());
        assertThat(begun.statusCode()).isEqualTo(303);
        assertThat(begun.headers().firstValue("Location")).contains("/log");
        HttpResponse<String> ended = ended(olga);
        assertThat(ended.body())
                .containsPattern("<p class=\"verified\">The log is whole: [0-9,]+ entries are as written, and all that"
                        + " was signed fits. Verified for olga, Nov 24, 2026, ")
                .contains("id=\"status\" role=\"status\"", "hx-swap-oob=\"true\"")
                .doesNotContain("<html", "hx-trigger");
        assertThat(signedIn("otto").get("/log").body())
                .as("another officer, without a script")
                .contains("Verified for olga")
                .doesNotContain("hx-swap-oob");
    }

    private static HttpResponse<String> ended(Browser browser) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> part(browser, "/log/verification"),
                        part -> !part.body().contains("hx-trigger=\"every 1s\""));
    }

    @Test
    void verificationByScriptAnswersWithThePartAlone() {
        Browser olga = signedIn("olga");
        olga.get("/log");
        HttpResponse<String> begun = olga.send(
                olga.form("/log/verify", Map.of("csrf", olga.hidden("csrf").orElseThrow()))
                        .header("HX-Request", "true")
                        .header("Sec-Fetch-Site", "same-origin"));
        assertThat(begun.statusCode()).isEqualTo(200);
        assertThat(begun.body()).contains("id=\"verification\"").doesNotContain("<html");
        ended(olga);
    }

    @Test
    void whatIsWrongWithTheLogIsSaidInWords() throws SQLException {
        long entry = append(KIM, Outcome.DISCLOSED, Set.of());
        log().checkpoint();
        try (Connection connection = served.vault().connect();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE access_log SET leaf = (SELECT leaf FROM access_log WHERE idx = "
                    + (entry - 1) + ") WHERE idx = " + entry);
        }
        Browser olga = signedIn("olga");
        olga.get("/log");
        olga.post("/log/verify", Map.of());
        assertThat(ended(olga).body())
                .contains("<p class=\"verified wrong\">The log is not whole: ")
                .containsPattern("<li>Entry [0-9]+ is not what was written.</li>");
    }

    @Test
    void alertIsToldWithItsMeaningAndEntriesAndMarkedForEverybody() {
        long act = append(KIM, Outcome.DISCLOSED, Set.of(Alert.LIMIT_HALF));
        Browser olga = signedIn("olga");
        HttpResponse<String> page = olga.get("/log");
        assertThat(waiting(page)).isEqualTo("One alert waits to be looked into.");
        assertThat(page.body())
                .contains("Limit half", "Half of what this person or system may open was used.")
                .contains("kim (circulation) · Reveal · Account service")
                .contains("Entries " + act + " and " + (act + 1))
                .doesNotContain("1234abcd");
        HttpResponse<String> entries = olga.post("/log", Map.of("before", Long.toString(act + 2)));
        assertThat(entries.body()).contains("<td>" + act + "</td>");
        long before = served.vault().logSize();
        olga.get("/log");
        HttpResponse<String> marked = olga.post("/log/reviewed", Map.of("alert." + (act + 1), "1"));
        assertThat(Browser.status(marked)).isEqualTo("One alert is marked as looked at.");
        assertThat(waiting(marked)).isEqualTo("Nothing waits to be looked into.");
        assertThat(served.vault().logSince(before)).anySatisfy(entry -> {
            assertThat(entry.act()).isEqualTo(ActKind.REVIEW);
            assertThat(entry.about()).contains(Long.toString(act + 1));
        });
        HttpResponse<String> other = signedIn("otto").get("/log");
        assertThat(waiting(other)).isEqualTo("Nothing waits to be looked into.");
        assertThat(other.body()).contains("looked at by olga (privacy-officer), Nov 24, 2026");
    }

    @Test
    void allThatAreShownAreMarkedAtOnce() {
        append(KIM, Outcome.DISCLOSED, Set.of(Alert.LIMIT_HALF));
        append(KIM, Outcome.DISCLOSED, Set.of(Alert.LIMIT_REACHED));
        Browser dora = signedIn("dora");
        String all = value(dora.get("/log").body(), "name=\"all\" value=\"([0-9 ]+)\"");
        HttpResponse<String> marked = dora.post("/log/reviewed", Map.of("all", all));
        assertThat(Browser.status(marked)).isEqualTo("2 alerts are marked as looked at.");
        assertThat(marked.body()).doesNotContain("name=\"all\"");
        HttpResponse<String> again = dora.post("/log/reviewed", Map.of("all", all));
        assertThat(Browser.status(again)).isEqualTo("All of these had been looked into already.");
    }

    private static String value(String body, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(body);
        assertThat(found.find()).isTrue();
        return found.group(1);
    }

    @Test
    void ownAlertHasNoBoxAndMarkingItIsRefusedInASentence() {
        Actor self = new Actor(Actor.Kind.STAFF, "olga", "privacy-officer", "NC");
        long alert = append(self, Outcome.DISCLOSED, Set.of(Alert.LIMIT_HALF)) + 1;
        Browser olga = signedIn("olga");
        assertThat(olga.get("/log").body())
                .contains("You set this off: another person looks into it.")
                .doesNotContain("name=\"alert." + alert, "name=\"all\"");
        HttpResponse<String> refused = olga.post("/log/reviewed", Map.of("alert." + alert, "1"));
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(Browser.status(refused)).startsWith("Who set off an alert does not mark it");
        assertThat(waiting(refused)).isEqualTo("One alert waits to be looked into.");
        HttpResponse<String> none = olga.post("/log/reviewed", Map.of());
        assertThat(none.statusCode()).isEqualTo(422);
        assertThat(Browser.status(none)).isEqualTo("Tick the alerts that you have looked into.");
        assertThat(olga.post("/log/reviewed", Map.of("alert.x", "1")).statusCode())
                .isEqualTo(422);
    }

    @Test
    void lastDaysArePicturesAndTheSameAsATable() {
        append(KIM, Outcome.DISCLOSED, Set.of());
        append(KIM, Outcome.DISCLOSED, Set.of());
        append(new Actor(Actor.Kind.STAFF, "dora", "director", "NC"), Outcome.DISCLOSED, Set.of());
        append(KIM, Outcome.REFUSED, Set.of());
        HttpResponse<String> page = signedIn("olga").get("/log");
        assertThat(page.body())
                .contains("role=\"img\" aria-label=\"Reveals a day, by role: 3 in all; the most on a day were 3, on"
                        + " November 24, 2026.\"")
                .contains("<rect x=\"291\" y=\"34\" width=\"8\" height=\"66\" class=\"series-0\"")
                .contains("<rect x=\"291\" y=\"0\" width=\"8\" height=\"34\" class=\"series-1\"")
                .containsPattern("<th scope=\"row\">November 24, 2026</th>\\s*<td>2</td>\\s*<td>1</td>\\s*<td>3</td>")
                .contains("<th scope=\"row\">Account service</th><td class=\"number\">3</td>")
                .doesNotContain("still to be counted", "/log/days");
        HttpResponse<String> part = part(signedIn("olga"), "/log/days");
        assertThat(part.body()).contains("id=\"days\"").doesNotContain("<html");
        assertThat(signedIn("olga").get("/log/days").headers().firstValue("Location"))
                .contains("/log");
    }

    @Test
    void namesWithMarkupDoNothing() {
        Actor hostile = new Actor(Actor.Kind.STAFF, "<script>alert(1)</script>", "\"><img src=x onerror=y>", "NC");
        append(hostile, Outcome.DISCLOSED, Set.of(Alert.LIMIT_HALF));
        assertThat(signedIn("olga").get("/log").body())
                .contains("&lt;script&gt;alert(1)")
                .doesNotContain("<script>alert", "<img src=x");
    }

    @Test
    void postOfAnotherSiteOrSessionIsRefused() {
        long alert = append(KIM, Outcome.DISCLOSED, Set.of(Alert.LIMIT_HALF)) + 1;
        Browser olga = signedIn("olga");
        olga.get("/log");
        for (String path : new String[] {"/log/reviewed", "/log/verify"}) {
            HttpResponse<String> foreign = olga.send(olga.form(path, Map.of("alert." + alert, "1"))
                    .header("Sec-Fetch-Site", "cross-site")
                    .header("Origin", "https://example.org"));
            assertThat(foreign.statusCode()).isEqualTo(403);
            assertThat(olga.post(path, Map.of("alert." + alert, "1", "csrf", "x"))
                            .statusCode())
                    .isEqualTo(403);
        }
        HttpResponse<String> page = olga.get("/log");
        assertThat(waiting(page)).isEqualTo("One alert waits to be looked into.");
        assertThat(page.body()).doesNotContain("Verified for");
    }

    @Test
    void everyAlertHasItsMeaning() {
        for (Alert alert : Alert.values()) {
            assertThat(Texts.ENGLISH.say("log.alert." + alert.slug())).isNotBlank();
        }
    }
}
