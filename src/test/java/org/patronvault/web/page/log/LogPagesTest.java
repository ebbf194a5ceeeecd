package org.patronvault.web.page.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.app.Service;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.Browser;
import org.patronvault.web.ServedVault;
import org.patronvault.web.WebServer;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/** Tests of the access log's search page, in a browser without scripts. */
class LogPagesTest {
    private static final Pattern ID = Pattern.compile("name=\"patron\" value=\"([0-9a-f]{16})\"");

    private static OpenVault vault;
    private static WebServer server;
    private static String ann;

    @BeforeAll
    static void lookAtAnn() {
        vault = OpenVault.onSqlite();
        server = WebServer.start(
                Service.partsOf(vault.vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.empty(), Proxies.NONE));
        for (String[] person : new String[][] {
            {"kim", "circulation"}, {"officer", "privacy-officer"}, {"dora", "director"}, {"cus", "custodian"}
        }) {
            vault.employ(person[0], ServedVault.PASSWORD, person[1]);
        }
        ann = vault.register("'card':'ANN1','name':{'family':'Ames','given':'Ann'},'phone':['203-555-0101']")
                .toString();
        Browser desk = signedIn("kim");
        desk.post("/find", Map.of("q", "ANN1", "purpose", "account-service"));
        desk.post("/reveal", Map.of("patron", ann, "purpose", "account-service", "field", "phone"));
    }

    @AfterAll
    static void stop() {
        server.close();
        vault.close();
    }

    private static Browser signedIn(String name) {
        Browser browser = new Browser(server.port());
        assertThat(browser.signIn(name, ServedVault.PASSWORD).statusCode()).isEqualTo(303);
        return browser;
    }

    @Test
    void visitIsOneLineThatUnfoldsToItsEntries() {
        Browser officer = signedIn("officer");
        officer.get("/log");
        HttpResponse<String> page =
                officer.post("/log", Map.of("patron", ann, "actor", "kim", "act", "", "purpose", "account-service"));
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(Browser.status(page)).matches("1 visit\\. This look is entry [0-9]+\\.");
        assertThat(page.body())
                .containsOnlyOnce("<details>")
                .contains("<strong>kim</strong> (circulation)", "Account service", "card, name, phone", "<code>" + ann)
                .contains("<td>Search</td><td>Disclosed</td><td>card, name</td>")
                .contains("<td>Reveal</td><td>Disclosed</td><td>name, phone</td>")
                .contains("value=\"" + ann + "\"");
    }

    @Test
    void fromTheCardOneClickShowsWhoLooked() {
        Browser director = signedIn("dora");
        HttpResponse<String> card = director.post("/find", Map.of("q", "ANN1", "purpose", "account-service"));
        assertThat(card.body()).contains(">Who looked</button>", "action=\"/log\"");
        Matcher id = ID.matcher(card.body());
        assertThat(id.find()).isTrue();
        assertThat(director.post("/log", Map.of("patron", id.group(1))).body()).contains("<strong>kim</strong>");
        assertThat(signedIn("kim")
                        .post("/find", Map.of("q", "ANN1", "purpose", "account-service"))
                        .body())
                .doesNotContain("Who looked")
                .doesNotContain("href=\"/log\"");
    }

    @Test
    void reportAndFileComeFromTheSameForm() {
        Browser officer = signedIn("officer");
        officer.get("/log");
        HttpResponse<String> report = officer.post("/log/report", Map.of("patron", ann));
        assertThat(report.body()).contains("Who looked at your library record", "Saw your name and telephone number.");
        officer.get("/log");
        HttpResponse<String> file = officer.post("/log/file", Map.of("patron", ann, "format", "csv"));
        assertThat(file.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/csv");
        assertThat(file.headers().firstValue("Content-Disposition").orElseThrow())
                .isEqualTo("attachment; filename=\"access-log.csv\"");
        assertThat(file.body().lines().filter(line -> line.contains(",kim,"))).hasSizeGreaterThanOrEqualTo(2);
        assertThat(officer.get("/log").body()).contains("formaction=\"/log/package\"");
        HttpResponse<String> all = officer.post("/log/package", Map.of("patron", ann));
        assertThat(all.body()).contains("Everything the library holds of you", "<dd>Ames</dd>", "+1 203-555-0101");
        officer.get("/log");
        HttpResponse<String> whose = officer.post("/log/report", Map.of("patron", ""));
        assertThat(whose.statusCode()).isEqualTo(422);
        assertThat(Browser.status(whose)).contains("type the patron’s id");
    }

    @Test
    void wrongFilterIsOneSentenceAndKeepsWhatWasTyped() {
        Browser officer = signedIn("officer");
        officer.get("/log");
        HttpResponse<String> page = officer.post("/log", Map.of("patron", "12 <b>", "actor", "kim"));
        assertThat(page.statusCode()).isEqualTo(422);
        assertThat(Browser.status(page)).isEqualTo("There is no such patron.");
        assertThat(page.body()).contains("value=\"12 &lt;b>\"", "value=\"kim\"").doesNotContain("12 <b>");
    }

    @Test
    void whoMayNotReadTheLogIsToldSoAndWhoIsNotSignedInSignsIn() {
        for (String name : new String[] {"kim", "cus"}) {
            Browser browser = signedIn(name);
            HttpResponse<String> page = browser.get("/log");
            assertThat(page.statusCode()).isEqualTo(403);
            assertThat(Browser.status(page)).isEqualTo("The policy does not let this role read the log.");
            assertThat(page.body()).doesNotContain("name=\"patron\"");
            assertThat(browser.post("/log", Map.of("patron", ann)).statusCode()).isEqualTo(403);
            assertThat(browser.post("/log/file", Map.of("patron", ann, "format", "doc"))
                            .statusCode())
                    .isEqualTo(403);
        }
        Browser nobody = new Browser(server.port());
        assertThat(nobody.get("/log").statusCode()).isEqualTo(303);
        assertThat(nobody.get("/log/report").headers().firstValue("Location")).contains("/log");
    }

    @Test
    void postOfAnotherSiteOrSessionIsRefused() {
        Browser officer = signedIn("officer");
        officer.get("/log");
        HttpResponse<String> foreign = officer.send(officer.form("/log", Map.of("patron", ann))
                .header("Sec-Fetch-Site", "cross-site")
                .header("Origin", "https://example.org"));
        assertThat(foreign.statusCode()).isEqualTo(403);
        assertThat(foreign.body()).doesNotContain("<details>");
        assertThat(officer.post("/log", Map.of("patron", ann, "csrf", "x")).statusCode())
                .isEqualTo(403);
    }
}
