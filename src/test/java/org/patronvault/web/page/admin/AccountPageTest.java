package org.patronvault.web.page.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.access.Access;
import org.patronvault.access.QuickAccess;
import org.patronvault.access.session.Sessions;
import org.patronvault.app.Service;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.model.Role;
import org.patronvault.testing.Authenticator;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.Browser;
import org.patronvault.web.ServedVault;
import org.patronvault.web.WebServer;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/** Tests of the page for one's account: role, second factor and sessions. */
final class AccountPageTest {
    private static final Pattern CODE = Pattern.compile("<li><code>([^<]+)</code></li>");
    private static final Pattern SECRET = Pattern.compile("<p><code>([A-Z2-7]{16,})</code></p>");

    private static OpenVault vault;
    private static WebServer server;

    @BeforeAll
    static void start() {
        vault = OpenVault.onSqlite();
        server = WebServer.start(
                Service.partsOf(vault.vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.empty(), Proxies.NONE));
        staff("kim", "circulation");
        staff("sam", "circulation");
        staff("ulla", "circulation");
        staff("tess", "circulation");
        staff("berta", "supervisor", "director");
        staff("adam", "admin");
    }

    @AfterAll
    static void stop() {
        server.close();
        vault.close();
    }

    private static Access access() {
        return vault.vault().access();
    }

    private static void staff(String name, String... roles) {
        QuickAccess.accounts(vault)
                .add(
                        Approvals.Requester.alone(ServedVault.ADMIN),
                        name,
                        List.of(roles).stream().map(Role::new).toList(),
                        "NC",
                        ServedVault.PASSWORD);
    }

    private static Browser at(String name) {
        Browser browser = new Browser(server.port());
        assertThat(browser.signIn(name, ServedVault.PASSWORD).statusCode()).isEqualTo(303);
        browser.get("/account");
        return browser;
    }

    private static HttpResponse<String> signIn(Map<String, String> typed) {
        Browser browser = new Browser(server.port());
        browser.get("/");
        Map<String, String> all = new HashMap<>(typed);
        all.put("password", ServedVault.PASSWORD);
        HttpResponse<String> answer = browser.post("/sign-in", all);
        return answer.statusCode() == 303 ? browser.get("/account") : answer;
    }

    @Test
    void sessionsAreListedAndEndedOneByOneOrAllButThis() {
        Browser here = at("ulla");
        Browser there = at("ulla");
        List<Sessions.OpenSession> open = access().sessions().open(Optional.of("ulla"));
        assertThat(open).hasSize(2);
        String current = access().sessions().idOf(here.cookie().split("=", 2)[1]);
        String other = open.stream()
                .map(Sessions.OpenSession::id)
                .filter(id -> !id.equals(current))
                .findFirst()
                .orElseThrow();
        assertThat(here.get("/account").body())
                .contains("This one", "value=\"" + other + "\"")
                .doesNotContain(current);
        HttpResponse<String> own = here.post("/account/end", Map.of("session", current));
        assertThat(own.statusCode()).isEqualTo(422);
        HttpResponse<String> ended = here.post("/account/end", Map.of("session", other));
        assertThat(Browser.status(ended)).isEqualTo("That session has ended.");
        assertThat(ended.body()).doesNotContain("End all others");
        assertThat(there.get("/account").statusCode()).isEqualTo(303);

        Browser third = at("ulla");
        here.get("/account");
        HttpResponse<String> all = here.post("/account/end-others", Map.of());
        assertThat(Browser.status(all)).isEqualTo("One other session has ended.");
        assertThat(third.get("/account").statusCode()).isEqualTo(303);
        assertThat(here.get("/account").statusCode()).isEqualTo(200);
    }

    @Test
    void sessionOfAnotherIsNotOnesOwnToEnd() {
        Browser sam = at("sam");
        Browser kim = at("kim");
        String sams = access().sessions().open(Optional.of("sam")).get(0).id();
        assertThat(kim.post("/account/end", Map.of("session", sams)).statusCode())
                .isEqualTo(404);
        assertThat(sam.get("/account").statusCode()).isEqualTo(200);
    }

    @Test
    void whoHoldsSeveralRolesChoosesWhenSigningInOrAfterwards() {
        assertThat(signIn(Map.of("username", "berta")).body()).contains("acting as <strong>supervisor</strong>");
        assertThat(signIn(Map.of("username", "berta", "role", "director")).body())
                .contains("acting as <strong>director</strong>");
        assertThat(signIn(Map.of("username", "berta", "role", "admin")).statusCode())
                .isEqualTo(403);
        Browser berta = at("berta");
        String before = berta.cookie();
        HttpResponse<String> changed = berta.post("/account/role", Map.of("role", "director"));
        assertThat(changed.statusCode()).isEqualTo(303);
        assertThat(berta.cookie()).isNotEqualTo(before);
        assertThat(berta.get("/account").body()).contains("acting as <strong>director</strong>");
        HttpResponse<String> refused = berta.post("/account/role", Map.of("role", "custodian"));
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(Browser.status(refused)).isEqualTo("This account does not hold that role.");
        assertThat(at("kim").get("/account").body()).doesNotContain("action=\"/account/role\"");
    }

    @Test
    void secondFactorIsEnrolledByItsQrCodeAndRecoveryCodesSignIn() {
        Browser tess = at("tess");
        HttpResponse<String> wrong = tess.post("/account/second-factor", Map.of("password", "not that one at all"));
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(wrong.body()).doesNotContain("<svg");
        HttpResponse<String> begun = tess.post("/account/second-factor", Map.of("password", ServedVault.PASSWORD));
        assertThat(begun.body()).contains("role=\"img\" aria-label=\"QR code of the secret below\"", "<svg xmlns=");
        assertThat(begun.headers().firstValue("Cache-Control")).contains("no-store");
        Matcher secret = SECRET.matcher(begun.body());
        assertThat(secret.find()).isTrue();
        assertThat(begun.body()).doesNotContain("otpauth://");
        HttpResponse<String> mistyped =
                tess.post("/account/second-factor/confirm", Map.of("password", ServedVault.PASSWORD, "otp", "000000"));
        assertThat(mistyped.statusCode()).isEqualTo(401);
        assertThat(mistyped.body())
                .contains("action=\"/account/second-factor/confirm\"")
                .doesNotContain("<svg");
        String code = Authenticator.code(secret.group(1), vault.clock().instant());
        HttpResponse<String> confirmed =
                tess.post("/account/second-factor/confirm", Map.of("password", ServedVault.PASSWORD, "otp", code));
        List<String> codes = CODE.matcher(confirmed.body())
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(codes).hasSize(10);
        assertThat(tess.get("/account").statusCode()).isEqualTo(303);

        assertThat(signIn(Map.of("username", "tess")).statusCode()).isEqualTo(401);
        assertThat(signIn(Map.of("username", "tess", "otp", codes.get(0))).body())
                .contains("When you sign in you are asked for a code")
                .contains("A code of the app you have now");
        assertThat(signIn(Map.of("username", "tess", "otp", codes.get(0))).statusCode())
                .isEqualTo(401);
        assertThat(at("adam").get("/admin").body())
                .containsPattern("(?s)>tess</button>((?!</tr>).)*<td>Enrolled</td>")
                .containsPattern("(?s)>sam</button>((?!</tr>).)*<td>None</td>");
    }

    @Test
    void postOfAnotherSiteOrSessionIsRefused() {
        Browser kim = at("kim");
        Browser other = at("kim");
        HttpResponse<String> foreign = kim.send(kim.form("/account/end-others", Map.of())
                .header("Sec-Fetch-Site", "cross-site")
                .header("Origin", "https://example.org"));
        assertThat(foreign.statusCode()).isEqualTo(403);
        assertThat(kim.post("/account/end-others", Map.of("csrf", "x")).statusCode())
                .isEqualTo(403);
        assertThat(other.get("/account").statusCode()).isEqualTo(200);
    }
}
