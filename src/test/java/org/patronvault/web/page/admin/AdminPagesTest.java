package org.patronvault.web.page.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.access.Access;
import org.patronvault.access.QuickAccess;
import org.patronvault.access.account.Accounts;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.access.account.StaffFacts;
import org.patronvault.access.client.Clients;
import org.patronvault.app.Service;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Role;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.Browser;
import org.patronvault.web.ServedVault;
import org.patronvault.web.WebServer;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/** Tests of the administration pages of a commissioned vault, in browsers without scripts. */
final class AdminPagesTest {
    private static final Pattern SECRET = Pattern.compile("(?s)<section class=\"panel secret\".*?<code>([^<]+)</code>");
    private static final AtomicInteger NEXT = new AtomicInteger();

    private static OpenVault vault;
    private static WebServer server;
    private static Accounts quick;

    @BeforeAll
    static void start() {
        vault = OpenVault.onSqlite();
        server = WebServer.start(
                Service.partsOf(vault.vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.empty(), Proxies.NONE));
        quick = QuickAccess.accounts(vault);
        for (String[] person : new String[][] {
            {"adam", "admin"},
            {"eve", "admin"},
            {"dora", "director"},
            {"cus", "custodian"},
            {"officer", "privacy-officer"},
            {"kim", "circulation"}
        }) {
            staff(person[0], person[1]);
        }
        // That ends commissioning.
        vault.register("'card':'ANN1','name':{'family':'Ames','given':'Ann'}");
    }

    @AfterAll
    static void stop() {
        server.close();
        vault.close();
    }

    private static void staff(String name, String role) {
        quick.add(
                Approvals.Requester.alone(ServedVault.ADMIN),
                name,
                List.of(new Role(role)),
                "NC",
                ServedVault.PASSWORD);
    }

    private static Access access() {
        return vault.vault().access();
    }

    private static Browser at(String name, String path) {
        Browser browser = new Browser(server.port());
        assertThat(browser.signIn(name, ServedVault.PASSWORD).statusCode()).isEqualTo(303);
        browser.get(path);
        return browser;
    }

    private static String newName() {
        return "person" + NEXT.incrementAndGet();
    }

    private static StaffFacts account(String name) {
        return access().accounts().find(name);
    }

    private static String secret(HttpResponse<String> page) {
        Matcher secret = SECRET.matcher(page.body());
        assertThat(secret.find()).as(page.body()).isTrue();
        return secret.group(1);
    }

    private static long refusals(String actor, ActKind act) {
        return vault.logSince(0).stream()
                .filter(event ->
                        event.actor().name().equals(actor) && event.act() == act && event.outcome() == Outcome.REFUSED)
                .count();
    }

    /** An account without a powerful role, made by adam at the page; with its activation code. */
    private static String added(Browser adam, String name) {
        HttpResponse<String> page =
                adam.post("/admin/staff/add", Map.of("name", name, "library", "NC", "role.circulation", "on"));
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(Browser.status(page)).isEqualTo(name + " is added.");
        return secret(page);
    }

    @Test
    void accountIsAddedWithACodeThatIsShownOnceAndSetsAPassword() {
        Browser adam = at("adam", "/admin");
        String name = newName();
        String code = added(adam, name);
        assertThat(account(name).activated()).isFalse();
        assertThat(adam.get("/admin").body()).contains(">" + name + "<").doesNotContain(code);
        Browser own = new Browser(server.port());
        own.get("/password");
        HttpResponse<String> set = own.post(
                "/password",
                Map.of(
                        "username",
                        name,
                        "current",
                        code,
                        "password",
                        ServedVault.PASSWORD,
                        "again",
                        ServedVault.PASSWORD));
        assertThat(Browser.status(set)).isEqualTo("The password is set; sign in with it.");
        assertThat(account(name).activated()).isTrue();
    }

    @Test
    void formThatIsSentTwiceHasOneEffectAndTheSameCode() {
        Browser adam = at("adam", "/admin");
        String once = adam.hidden("once").orElseThrow();
        Map<String, String> typed = new HashMap<>(Map.of("name", newName(), "role.page", "on", "once", once));
        String code = secret(adam.post("/admin/staff/add", typed));
        assertThat(secret(adam.post("/admin/staff/add", typed))).isEqualTo(code);
        typed.put("name", newName());
        assertThat(secret(adam.post("/admin/staff/add", typed))).isNotEqualTo(code);
    }

    @Test
    void eachActOnAnAccountHasItsEffect() {
        Browser adam = at("adam", "/admin");
        String name = newName();
        added(adam, name);
        assertThat(Browser.status(adam.post("/admin/staff/open", Map.of("name", name))))
                .isEqualTo(name + " is open.");
        adam.post("/admin/staff/grant", Map.of("name", name, "role", "supervisor"));
        assertThat(account(name).roles()).containsExactly("circulation", "supervisor");
        adam.post("/admin/staff/revoke", Map.of("name", name, "role", "circulation"));
        assertThat(account(name).roles()).containsExactly("supervisor");
        adam.post("/admin/staff/disable", Map.of("name", name));
        assertThat(account(name).disabled()).isTrue();
        HttpResponse<String> enabled = adam.post("/admin/staff/enable", Map.of("name", name));
        assertThat(Browser.status(enabled)).isEqualTo(name + " is enabled.");
        assertThat(account(name).disabled()).isFalse();
        assertThat(secret(adam.post("/admin/staff/reset-password", Map.of("name", name))))
                .matches("[0-9a-z]{5}(-[0-9a-z]{5}){3}");
        for (String act : List.of("unlock", "reset-second-factor", "end-sessions")) {
            HttpResponse<String> page = adam.post("/admin/staff/" + act, Map.of("name", name));
            assertThat(page.statusCode()).as(act).isEqualTo(200);
            assertThat(Browser.status(page)).as(act).contains(name);
            assertThat(page.body()).contains("<h2 id=\"opened-title\">" + name);
        }
    }

    @Test
    void listIsNarrowedByNameRoleOrLibrary() {
        Browser adam = at("adam", "/admin");
        HttpResponse<String> page = adam.post("/admin/staff/find", Map.of("q", "Custod"));
        assertThat(page.body())
                .contains(">cus</button>")
                .doesNotContain(">officer</button>")
                .contains("value=\"Custod\"");
        assertThat(adam.post("/admin/staff/find", Map.of("q", "zzz")).body()).contains("No account fits.");
    }

    @Test
    void powerfulRoleWaitsForAnotherWhoAgreesToExactlyThat() {
        Browser adam = at("adam", "/admin");
        String name = newName();
        added(adam, name);
        new PasswordOf(name).set();
        HttpResponse<String> asked = adam.post("/admin/staff/grant", Map.of("name", name, "role", "custodian"));
        assertThat(Browser.status(asked)).startsWith("Nothing is done yet: a second person must agree.");
        assertThat(account(name).roles()).doesNotContain("custodian");
        String own = adam.get("/admin/approvals").body();
        assertThat(own).contains("Take it back").doesNotContain(">Agree</button>");

        Browser dora = at("dora", "/admin/approvals");
        Request request = Request.about(dora.get("/admin/approvals").body(), name);
        assertThat(request.html()).contains(">Agree</button>", "custodian", ">adam<");
        HttpResponse<String> other = dora.post(
                "/admin/approvals/agree",
                Map.of("id", request.id(), "digest", request.digest().replace('a', 'b')));
        assertThat(other.statusCode()).isEqualTo(409);
        assertThat(account(name).roles()).doesNotContain("custodian");
        HttpResponse<String> agreed =
                dora.post("/admin/approvals/agree", Map.of("id", request.id(), "digest", request.digest()));
        assertThat(Browser.status(agreed)).isEqualTo("You agreed, and it is carried out.");
        assertThat(account(name).roles()).contains("custodian");
    }

    @Test
    void whoAsksCannotAgreeAndCanTakeItBack() {
        Browser adam = at("adam", "/admin");
        String name = newName();
        adam.post("/admin/staff/add", Map.of("name", name, "role.admin", "on"));
        Request request = Request.about(adam.get("/admin/approvals").body(), name);
        assertThat(adam.post("/admin/approvals/agree", Map.of("id", request.id(), "digest", request.digest()))
                        .statusCode())
                .isEqualTo(403);
        HttpResponse<String> back = adam.post("/admin/approvals/refuse", Map.of("id", request.id()));
        assertThat(Browser.status(back)).isEqualTo("You took it back; nothing is done.");
        assertThat(Request.about(back.body(), name).html()).contains("Refused").doesNotContain("<button");
    }

    @Test
    void secretOfWhatWasAgreedToIsShownOnceToWhoAsked() {
        Browser adam = at("adam", "/admin/clients");
        String name = newName();
        HttpResponse<String> asked =
                adam.post("/admin/clients/add", Map.of("name", name, "scope.ils", "on", "daily", "500"));
        assertThat(Browser.status(asked)).startsWith("Nothing is done yet");
        Browser eve = at("eve", "/admin/approvals");
        Request request = Request.about(eve.get("/admin/approvals").body(), name);
        assertThat(request.html()).contains("scopes ils; patrons a day 500");
        HttpResponse<String> agreed =
                eve.post("/admin/approvals/agree", Map.of("id", request.id(), "digest", request.digest()));
        assertThat(agreed.body()).doesNotContain("pvk_");
        assertThat(Request.about(agreed.body(), name).html()).doesNotContain("once</button>");
        assertThat(eve.post("/admin/approvals/collect", Map.of("id", request.id()))
                        .statusCode())
                .isEqualTo(403);

        assertThat(Request.about(adam.get("/admin/approvals").body(), name).html())
                .contains(">Show what it resulted in, once</button>");
        String once = adam.hidden("once").orElseThrow();
        Map<String, String> posted = Map.of("id", request.id(), "once", once);
        String key = secret(adam.post("/admin/approvals/collect", posted));
        assertThat(access().resolve(key).actor().name()).isEqualTo(name);
        assertThat(secret(adam.post("/admin/approvals/collect", posted))).isEqualTo(key);
        HttpResponse<String> again = adam.post("/admin/approvals/collect", Map.of("id", request.id()));
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(again.body()).doesNotContain(key);
    }

    @Test
    void clientIsAddedChangedRotatedAndRevoked() {
        Browser adam = at("adam", "/admin/clients");
        String name = newName();
        HttpResponse<String> added = adam.post(
                "/admin/clients/add",
                Map.of("name", name, "scope.entitlement", "on", "reference", "Contract 7", "expires", "2030-06-30"));
        String first = secret(added);
        assertThat(access().resolve(first).actor().name()).isEqualTo(name);
        assertThat(added.body()).contains("June 30, 2030", "Contract 7", "10,000", "As in policy.yaml");
        HttpResponse<String> changed = adam.post(
                "/admin/clients/change",
                Map.of("name", name, "scope.entitlement", "on", "daily", "50", "checks", "1200"));
        assertThat(Browser.status(changed)).isEqualTo(name + " is changed.");
        assertThat(changed.body()).contains("1,200", "value=\"1200\"");
        Clients.Facts facts = access().clients().find(name);
        assertThat(facts.grant().checksText()).isEqualTo("1200");
        assertThat(facts.grant().dailyText()).isEqualTo("50");
        assertThat(facts.grant().reference()).isEmpty();
        String second = secret(adam.post("/admin/clients/rotate", Map.of("name", name)));
        assertThat(second).isNotEqualTo(first).startsWith("pvk_");
        HttpResponse<String> revoked = adam.post("/admin/clients/revoke", Map.of("name", name));
        assertThat(Browser.status(revoked)).isEqualTo(name + " is revoked.");
        assertThat(access().clients().find(name).revoked()).isTrue();
    }

    @Test
    void whatWasRefusedKeepsWhatWasTyped() {
        Browser adam = at("adam", "/admin/clients");
        HttpResponse<String> page = adam.post(
                "/admin/clients/add",
                Map.of("name", "vendor <i>", "scope.witness", "on", "daily", "lots", "reference", "\"><script>x"));
        assertThat(page.statusCode()).isEqualTo(422);
        assertThat(page.body())
                .contains("value=\"vendor &lt;i>\"", "value=\"lots\"", "value=\"&#34;>&lt;script>x\"")
                .containsPattern("name=\"scope.witness\" checked")
                .doesNotContain("<script>x");
        adam.get("/admin");
        HttpResponse<String> staff =
                adam.post("/admin/staff/add", Map.of("name", "kim", "library", "<b>", "role.page", "on"));
        assertThat(staff.statusCode()).isEqualTo(422);
        assertThat(staff.body())
                .contains("value=\"&lt;b>\"")
                .containsPattern("name=\"role.page\" checked")
                .doesNotContain("<b>");
    }

    @Test
    void nobodyIsOfferedWhatGrantsHimselfAnything() {
        Browser adam = at("adam", "/admin");
        HttpResponse<String> own = adam.post("/admin/staff/open", Map.of("name", "adam"));
        assertThat(own.body())
                .contains("This is your own account")
                .doesNotContain("action=\"/admin/staff/grant\"")
                .doesNotContain("reset-password");
        HttpResponse<String> tried = adam.post("/admin/staff/grant", Map.of("name", "adam", "role", "director"));
        assertThat(tried.statusCode()).isEqualTo(403);
        assertThat(Browser.status(tried)).isEqualTo("Nobody grants himself anything.");
    }

    @ParameterizedTest
    @CsvSource({
        "kim, /admin, STAFF",
        "kim, /admin/clients, CLIENT",
        "kim, /admin/approvals, APPROVAL",
        "dora, /admin, STAFF",
        "cus, /admin/sessions, STAFF",
        "officer, /admin/policy, STAFF",
        "dora, /admin/doctor, STAFF"
    })
    void whoMayNotEnterIsToldSoAndThatIsInTheLog(String name, String path, ActKind act) {
        Browser browser = at(name, "/account");
        long before = refusals(name, act);
        HttpResponse<String> page = browser.get(path);
        assertThat(page.statusCode()).isEqualTo(403);
        assertThat(Browser.status(page))
                .isEqualTo("The policy does not let this role into this part of the administration.");
        assertThat(page.body()).doesNotContain("<table").doesNotContain("action=\"/admin");
        assertThat(refusals(name, act)).isEqualTo(before + 1);
        assertThat(browser.get("/account").body()).doesNotContain("href=\"/admin\"");
    }

    @Test
    void postsOfWhoMayNotAreRefusedAndDoNothing() {
        Browser kim = at("kim", "/account");
        assertThat(kim.post("/admin/staff/grant", Map.of("name", "kim", "role", "supervisor"))
                        .statusCode())
                .isEqualTo(403);
        kim.get("/account");
        assertThat(kim.post("/admin/clients/add", Map.of("name", "own", "scope.ils", "on"))
                        .statusCode())
                .isEqualTo(403);
        assertThat(account("kim").roles()).containsExactly("circulation");
        assertThat(access().clients().list()).noneMatch(one -> one.name().equals("own"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dora", "cus", "officer"})
    void whoHasPartInApprovalsFindsTheWayThereAndNoFurther(String name) {
        Browser browser = at(name, "/");
        HttpResponse<String> page = browser.get("/admin/approvals");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body())
                .contains("<a href=\"/admin/approvals\" aria-current=\"page\">Approvals</a>")
                .doesNotContain("href=\"/admin\"")
                .doesNotContain("href=\"/admin/clients\"");
    }

    @Test
    void whoIsNotSignedInSignsInAndAReopenedAddressLeadsToThePage() {
        Browser nobody = new Browser(server.port());
        for (String path : List.of("/admin", "/admin/clients", "/admin/approvals", "/admin/policy", "/account")) {
            HttpResponse<String> page = nobody.get(path);
            assertThat(page.statusCode()).isEqualTo(303);
            assertThat(page.headers().firstValue("Location")).contains("/");
        }
        assertThat(nobody.get("/admin/staff/grant").headers().firstValue("Location"))
                .contains("/admin");
        assertThat(nobody.get("/account/end").headers().firstValue("Location")).contains("/account");
    }

    @Test
    void postOfAnotherSiteOrSessionIsRefused() {
        Browser adam = at("adam", "/admin");
        HttpResponse<String> foreign = adam.send(adam.form("/admin/staff/disable", Map.of("name", "kim"))
                .header("Sec-Fetch-Site", "cross-site")
                .header("Origin", "https://example.org"));
        assertThat(foreign.statusCode()).isEqualTo(403);
        assertThat(adam.post("/admin/staff/disable", Map.of("name", "kim", "csrf", "x"))
                        .statusCode())
                .isEqualTo(403);
        assertThat(account("kim").disabled()).isFalse();
    }

    @Test
    void pagesAreKeptNowhere() {
        Browser adam = at("adam", "/admin");
        for (String path : List.of(
                "/admin",
                "/admin/clients",
                "/admin/approvals",
                "/admin/sessions",
                "/admin/policy",
                "/admin/doctor",
                "/account")) {
            HttpResponse<String> page = adam.get(path);
            assertThat(page.statusCode()).as(path).isEqualTo(200);
            assertThat(page.headers().firstValue("Cache-Control")).as(path).contains("no-store");
            assertThat(page.body()).as(path).contains("acting as <strong>admin</strong>");
        }
    }

    @Test
    void sessionOfAnotherIsSeenAndEnded() {
        String name = newName();
        staffActivated(name);
        Browser other = at(name, "/account");
        Browser adam = at("adam", "/admin/sessions");
        String id = access().sessions().open(Optional.of(name)).get(0).id();
        assertThat(adam.get("/admin/sessions").body())
                .contains("aria-label=\"End the session of " + name + "\"", "value=\"" + id + "\"", "This one");
        HttpResponse<String> ended = adam.post("/admin/sessions/end", Map.of("session", id));
        assertThat(Browser.status(ended)).isEqualTo("That session has ended.");
        assertThat(other.get("/account").statusCode()).isEqualTo(303);
        assertThat(adam.post("/admin/sessions/end", Map.of("session", id)).statusCode())
                .isEqualTo(404);
    }

    private static void staffActivated(String name) {
        added(at("adam", "/admin"), name);
        new PasswordOf(name).set();
    }

    /** An account whose password an activation code sets. */
    private record PasswordOf(String name) {
        void set() {
            String code = access().accounts()
                    .resetPassword(Approvals.Requester.alone(ServedVault.ADMIN), name)
                    .secret()
                    .orElseThrow();
            quick.setOwnPassword(access().signIn().prove(name, code, SignInOrigin.HOST), ServedVault.PASSWORD);
        }
    }

    @Test
    void policyIsATableWhoseCellsSayWhichLineDecides() {
        Browser adam = at("adam", "/admin/policy");
        String page = adam.get("/admin/policy").body();
        assertThat(page)
                .contains("version 2026-12", "Role circulation", "Scope notices", "<th scope=\"row\">hold-notice</th>")
                .contains(
                        "Role circulation may open phone by search, reveal for account-service",
                        "Role circulation may not open phone for checkout")
                .contains("Role admin may not open anything")
                .containsPattern("line [0-9]+, roles\\.circulation\\.opens");
        String why = adam.get("/admin/policy?who=scope+notices&field=address&purpose=hold-notice")
                .body();
        assertThat(why).contains(">No</strong>", "Scope notices may not open address for hold-notice");
        String elsewhere = adam.get("/admin/policy?who=role+director&field=card&purpose=checkout&elsewhere=on")
                .body();
        assertThat(elsewhere).contains(">Yes</strong>", "of a patron of another library");
        String unknown = adam.get("/admin/policy?who=role+%3Cscript%3E&field=address&purpose=hold-notice")
                .body();
        assertThat(unknown).doesNotContain("class=\"because\"").doesNotContain("<script>");
    }

    @Test
    void doctorIsAsTheCommandSaysIt() {
        String page = at("adam", "/admin").get("/admin/doctor").body();
        assertThat(page)
                .contains("<th scope=\"row\">settings</th>", "<th scope=\"row\">disk</th>", "verdict fine")
                .contains("vault.yaml can be read; the database is SQLite.");
    }

    /** A request of the page. */
    private record Request(String html) {
        private static final Pattern ONE = Pattern.compile("(?s)<li class=\"request\">.*?</li>");

        static Request about(String page, String name) {
            return ONE.matcher(page)
                    .results()
                    .map(found -> new Request(found.group()))
                    .filter(one -> one.html().contains(" " + name))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("nothing about " + name));
        }

        String id() {
            return value("id");
        }

        String digest() {
            return value("digest");
        }

        private String value(String name) {
            Matcher field = Pattern.compile("name=\"" + name + "\" value=\"([0-9a-f]+)\"")
                    .matcher(html);
            assertThat(field.find()).as(name).isTrue();
            return field.group(1);
        }
    }
}
