package org.patronvault.web.page.desk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.access.account.SignIn;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.app.DemoHome;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Role;
import org.patronvault.patron.change.Protection;
import org.patronvault.testing.Authenticator;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.Browser;
import org.patronvault.web.ServedDemo;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.page.SessionCookie;

/** Tests of the desk over real HTTP, as a browser uses it. */
final class DeskPagesTest {
    private static final Map<String, String> BY_CARD = Map.of("q", DemoHome.someCard(), "purpose", "account-service");
    private static final String CARD_NUMBER = "MARKUP1";

    @RegisterExtension
    static final ServedDemo DEMO = new ServedDemo();

    private Browser browser;

    @BeforeEach
    void open() {
        browser = DEMO.browser();
    }

    private HttpResponse<String> signIn(String user) {
        return browser.signIn(user, DemoHome.passwordOf(user));
    }

    private Map<String, String> onCard(String field) {
        return Map.of(
                "purpose", "account-service", "patron", browser.hidden("patron").orElseThrow(), "field", field);
    }

    @Test
    void withoutSessionTheSignInFormIsShown() {
        HttpResponse<String> page = browser.get("/");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body())
                .contains("<label for=\"username\">User name</label>", "<label for=\"password\">Password</label>")
                .contains("<label for=\"otp\">One-time code</label>", "autocomplete=\"one-time-code\"")
                .contains(">Sign in</button>");
    }

    @Test
    void signingInSetsACookieNoScriptReadsAndLeadsToTheDesk() {
        HttpResponse<String> answer = signIn("clerk");
        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(answer.headers().firstValue("Location")).contains("/");
        assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow())
                .startsWith("vault=pvs_")
                .contains("Path=/", "HttpOnly", "SameSite=Strict");
        assertThat(browser.get("/").body())
                .contains("<strong>clerk</strong>", "<strong>circulation</strong>")
                .contains("<label for=\"q\">Find a patron</label>", "type=\"search\"")
                .contains("<option value=\"account-service\" selected>");
    }

    @Test
    void cookieBehindTlsIsBoundToTheHost() {
        SessionCookie cookie = new SessionCookie(
                new WebSettings("127.0.0.1", 0, Optional.empty(), true, OptionalInt.empty(), Proxies.NONE));
        assertThat(cookie.header("x", "")).isEqualTo("__Host-vault=x; Path=/; HttpOnly; SameSite=Strict; Secure");
    }

    @Test
    void wrongPasswordShowsTheFormWithOneSentence() {
        HttpResponse<String> page = browser.signIn("supervisor", "not the password");
        assertThat(page.statusCode()).isEqualTo(401);
        assertThat(Browser.status(page)).isEqualTo("The user name, the password or the one-time code is wrong.");
        assertThat(page.headers().firstValue("Set-Cookie")).isEmpty();
        assertThat(page.body()).doesNotContain("not the password", "supervisor");
    }

    @Test
    void methodThatSomebodyMadeUpIsNotAmongTheMetrics() {
        browser.send(browser.request("/").method("SULLIVAN", HttpRequest.BodyPublishers.noBody()));
        assertThat(browser.get("/metrics").body())
                .contains("method=\"other\"", "method=\"GET\"")
                .doesNotContain("SULLIVAN");
    }

    @Test
    void activationCodeBecomesAPasswordOnAPageOfItsOwn() {
        String activation = DEMO.vault()
                .access()
                .accounts()
                .add(
                        Approvals.Requester.alone(new Actor(Actor.Kind.STAFF, "admin", "admin", "")),
                        "newcomer",
                        List.of(new Role("page")),
                        "")
                .secret()
                .orElseThrow();
        HttpResponse<String> tooEarly = browser.signIn("newcomer", activation);
        assertThat(tooEarly.statusCode()).isEqualTo(403);
        assertThat(Browser.status(tooEarly)).contains("at /password");
        assertThat(tooEarly.body()).contains("<a href=\"/password\">");

        assertThat(browser.get("/password").body())
                .contains("for=\"current\">Activation code or present password</label>", ">New password again</label>");
        String chosen = "a quiet reading room";
        Map<String, String> typed = new java.util.HashMap<>(
                Map.of("username", "newcomer", "current", activation, "password", chosen, "again", chosen + "s"));
        HttpResponse<String> differs = browser.post("/password", typed);
        assertThat(differs.statusCode()).isEqualTo(422);
        assertThat(differs.body()).doesNotContain(activation, chosen);
        typed.putAll(Map.of("password", "PasswordPassword", "again", "PasswordPassword"));
        HttpResponse<String> common = browser.post("/password", typed);
        assertThat(common.statusCode()).isEqualTo(422);
        assertThat(Browser.status(common)).startsWith("This password is too common.");
        typed.putAll(Map.of("password", chosen, "again", chosen));
        HttpResponse<String> set = browser.post("/password", typed);
        assertThat(set.statusCode()).isEqualTo(200);
        assertThat(Browser.status(set)).isEqualTo("The password is set; sign in with it.");
        assertThat(browser.post("/password", typed).statusCode()).isEqualTo(401);
        assertThat(browser.signIn("newcomer", chosen).statusCode()).isEqualTo(303);
    }

    @Test
    void whoHasASecondFactorTypesACodeToo() {
        String password = "a quiet reading room";
        SignIn signIn = DEMO.vault().access().signIn();
        Approvals.Requester admin = Approvals.Requester.alone(new Actor(Actor.Kind.STAFF, "admin", "admin", ""));
        String activation = DEMO.vault()
                .access()
                .accounts()
                .add(admin, "with-factor", List.of(new Role("page")), "")
                .secret()
                .orElseThrow();
        DEMO.vault()
                .access()
                .accounts()
                .setOwnPassword(signIn.prove("with-factor", activation, SignInOrigin.HOST), password);
        String secret = DEMO.vault()
                .access()
                .secondFactor()
                .begin(signIn.prove("with-factor", password, SignInOrigin.HOST))
                .secret();
        String code = Authenticator.code(secret, Instant.now());
        List<String> recovery =
                signIn.confirm(new SignIn.Credentials("with-factor", password, code), SignInOrigin.HOST);

        HttpResponse<String> page = browser.signIn("with-factor", password);
        assertThat(page.statusCode()).isEqualTo(401);
        assertThat(Browser.status(page)).isEqualTo("The user name, the password or the one-time code is wrong.");
        HttpResponse<String> answer = browser.post(
                "/sign-in", Map.of("username", "with-factor", "password", password, "otp", recovery.get(0)));
        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(browser.get("/").body()).contains("<strong>with-factor</strong>");
    }

    @Test
    void oneExactHitOpensAtOnceWithEverythingButTheNameMasked() {
        signIn("clerk");
        HttpResponse<String> page = browser.post("/find", BY_CARD);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(Browser.status(page)).matches("1 match; logged as entry \\d+\\.");
        assertThat(page.body())
                .contains("Phone, hidden", "Reveal phone", "Reveal e-mail", "Reveal address")
                .contains("aria-labelledby=\"verify-title\"", "Verify without revealing")
                .contains("<dd><span>…" + DemoHome.someCard().substring(10) + "</span></dd>", "Reveal card number")
                .doesNotContain("+1 ", "@example.org", DemoHome.someCard(), "data-shown");
    }

    @Test
    void revealShowsThatFieldAndStaysOnTheCard() {
        signIn("clerk");
        String found = browser.post("/find", BY_CARD).body();
        HttpResponse<String> page = browser.post("/reveal", onCard("phone"));
        assertThat(Browser.status(page)).matches("Phone revealed; logged as entry \\d+\\.");
        assertThat(page.body())
                .containsPattern("data-shown=\"Phone\"><span>\\+1 \\d{3}-\\d{3}-\\d{4}</span>")
                .contains("E-mail, hidden", "Address, hidden")
                .contains(heading(found));
    }

    private static String heading(String page) {
        Matcher title = Pattern.compile("<h2 id=\"card-title\">[^<]+</h2>").matcher(page);
        assertThat(title.find()).isTrue();
        return title.group();
    }

    @Test
    void cardOfAProtectedPatronSaysSoAndOffersAddressAndPhoneToTheDirectorOnly() {
        signIn("clerk");
        browser.post("/find", BY_CARD);
        Map<String, String> phone = onCard("phone");
        protect(phone.get("patron"), true);
        try {
            assertThat(browser.post("/find", BY_CARD).body())
                    .contains("Protected", "Reveal e-mail")
                    .doesNotContain("Reveal phone", "Reveal address", "name=\"phone\"", "name=\"postalCode\"");
            HttpResponse<String> page = browser.post("/reveal", phone);
            assertThat(page.statusCode()).isEqualTo(403);
            assertThat(Browser.status(page)).isEqualTo("The policy does not let this role open every field asked for.");
            assertThat(page.body()).doesNotContain("+1 ");
            browser = DEMO.browser();
            signIn("director");
            assertThat(browser.post("/find", BY_CARD).body()).contains("Protected", "Reveal phone", "Reveal address");
        } finally {
            protect(phone.get("patron"), false);
        }
    }

    private static void protect(String patron, boolean isProtected) {
        DEMO.vault()
                .patrons()
                .protection()
                .put(
                        OpenVault.person("director"),
                        PatronId.parse(patron),
                        OptionalLong.empty(),
                        new Protection.Request(Optional.of(isProtected), Optional.empty(), Optional.empty()),
                        Optional.empty(),
                        AuditLog.newRequest());
    }

    @Test
    void purposeStaysAsChosen() {
        signIn("clerk");
        String page = browser.post("/find", Map.of("q", DemoHome.someCard(), "purpose", "checkout"))
                .body();
        assertThat(page).contains("<option value=\"checkout\" selected>");
    }

    @Test
    void openingACardLogsTheName() {
        signIn("clerk");
        browser.post("/find", BY_CARD);
        HttpResponse<String> page = browser.post("/open", onCard(""));
        assertThat(Browser.status(page)).matches("Name revealed; logged as entry \\d+\\.");
    }

    @Test
    void verifyAnswersRightOrWrongAndShowsNothing() {
        signIn("clerk");
        browser.post("/find", BY_CARD);
        String id = browser.hidden("patron").orElseThrow();
        String postalCode = DemoHome.somebody().address().postalCode();
        HttpResponse<String> page = browser.post(
                "/verify",
                Map.of("patron", id, "purpose", "checkout", "postalCode", postalCode, "phone", "2125550100"));
        assertThat(Browser.status(page)).matches("Verified: 1 right, 1 wrong; logged as entry \\d+\\.");
        assertThat(page.body())
                .containsPattern("id=\"answer-postalCode\"[^>]*><span aria-hidden=\"true\">✓</span> right")
                .containsPattern("id=\"answer-phone\"[^>]*><span aria-hidden=\"true\">✗</span> wrong")
                .contains("Name, hidden", "Reveal name", "<option value=\"checkout\" selected>")
                .doesNotContain(postalCode, "2125550100");
    }

    @Test
    void nothingTypedToVerifyKeepsTheCardAndSaysSo() {
        signIn("clerk");
        browser.post("/find", BY_CARD);
        HttpResponse<String> page = browser.post(
                "/verify", Map.of("patron", browser.hidden("patron").orElseThrow(), "phone", " "));
        assertThat(page.statusCode()).isEqualTo(422);
        assertThat(Browser.status(page)).isEqualTo("Type at least one thing the caller says.");
        assertThat(page.body()).contains("Verify without revealing", "Name, hidden");
    }

    @Test
    void itemBarcodeMisScanDigitsAloneAndNobodyAreToldApart() {
        signIn("clerk");
        assertThat(Browser.status(find("31234000000017"))).isEqualTo("That is an item’s barcode.");
        String card = DemoHome.someCard();
        char wrongDigit = (char) ('0' + (card.charAt(13) - '0' + 1) % 10);
        assertThat(Browser.status(find(card.substring(0, 13) + wrongDigit)))
                .isEqualTo("Mis-scan: the check digit is wrong.");
        assertThat(Browser.status(find("nobody@example.net"))).isEqualTo("Nobody found.");
        assertThat(Browser.status(find("0143"))).startsWith("Nobody found. Four digits");
        HttpResponse<String> nobody = find("Xyzzyqua, Inés");
        assertThat(Browser.status(nobody)).isEqualTo("Nobody found.");
        assertThat(nobody.body()).doesNotContain("Inés");
        HttpResponse<String> nothing = find("?!");
        assertThat(nothing.statusCode()).isEqualTo(422);
        assertThat(Browser.status(nothing)).startsWith("The box takes a name,");
    }

    private HttpResponse<String> find(String typed) {
        return browser.post("/find", Map.of("q", typed, "purpose", "account-service"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"admin", "custodian", "page", "outreach"})
    void roleWithoutSearchIsToldSo(String user) {
        signIn(user);
        String page = browser.get("/").body();
        assertThat(page)
                .contains(
                        "This role does not look up patrons",
                        "acting as <strong>" + DemoHome.users().get(user))
                .doesNotContain("type=\"search\"");
        assertThat(find(DemoHome.someCard()).statusCode()).isEqualTo(403);
    }

    @Test
    void privacyOfficerGetsTheIdAlone() {
        signIn("officer");
        String page = browser.post("/find", Map.of("q", DemoHome.someCard(), "purpose", "patron-request"))
                .body();
        assertThat(page).containsPattern("<code>[0-9a-f]{16}</code>").doesNotContain("/reveal", "Library</dt>");
    }

    @Test
    void postFromAnotherSiteIsRefused() {
        signIn("clerk");
        Map<String, String> fields = new HashMap<>(BY_CARD);
        fields.put("csrf", browser.hidden("csrf").orElseThrow());
        for (HttpRequest.Builder request : List.of(
                browser.form("/find", fields),
                browser.form("/find", fields).header("Origin", "null"),
                browser.form("/find", fields).header("Origin", "https://elsewhere.example"),
                browser.form("/find", fields)
                        .header("Origin", "https://elsewhere.example")
                        .header("Sec-Fetch-Site", "same-origin"),
                browser.form("/find", fields)
                        .header("Origin", browser.base().toString())
                        .header("Sec-Fetch-Site", "cross-site"))) {
            HttpResponse<String> answer = browser.send(request);
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.body()).doesNotContain("Reveal phone");
        }
        assertThat(browser.send(browser.form("/find", fields)
                                .header("Origin", browser.base().toString()))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void postWithoutTheSessionsTokenIsRefused() {
        signIn("clerk");
        HttpResponse<String> answer = browser.post(
                "/find", Map.of("q", DemoHome.someCard(), "purpose", "account-service", "csrf", "guessed"));
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(Browser.status(answer)).contains("earlier session");
        assertThat(browser.post("/lock", Map.of("csrf", "guessed")).statusCode())
                .isEqualTo(403);
    }

    @Test
    void lockEndsTheSession() {
        signIn("clerk");
        String cookie = browser.cookie();
        HttpResponse<String> answer = browser.post("/lock", Map.of());
        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow()).contains("Max-Age=0");
        HttpResponse<String> again =
                browser.send(HttpRequest.newBuilder(browser.base()).header("Cookie", cookie));
        assertThat(again.body()).contains(">Sign in</button>").doesNotContain("Find a patron");
    }

    @Test
    void actWithoutSessionAsksToSignIn() {
        HttpResponse<String> page = browser.post("/find", BY_CARD);
        assertThat(page.statusCode()).isEqualTo(401);
        assertThat(page.body()).contains(">Sign in</button>");
    }

    @Test
    void sealedVaultShowsANoticeAndNothingElse() throws IOException {
        signIn("clerk");
        DEMO.vault().custody().seal();
        try {
            for (HttpResponse<String> page : List.of(browser.get("/"), browser.post("/find", BY_CARD))) {
                assertThat(page.statusCode()).isEqualTo(503);
                assertThat(page.headers().firstValue("Retry-After")).contains("5");
                assertThat(page.body()).contains("The vault is sealed").doesNotContain("Find a patron", "clerk");
            }
        } finally {
            DEMO.vault()
                    .seal()
                    .offer(Files.readString(Path.of("keys-example/passphrase"))
                            .strip()
                            .getBytes(StandardCharsets.UTF_8));
        }
        assertThat(browser.get("/").body()).contains("Find a patron");
    }

    @Test
    void noPatronBehindAnIdIsTheDeskWithOneSentence() {
        signIn("clerk");
        HttpResponse<String> page = browser.post(
                "/reveal", Map.of("patron", "0000000000000000", "field", "phone", "purpose", "account-service"));
        assertThat(page.statusCode()).isEqualTo(404);
        assertThat(page.body()).contains("Find a patron").doesNotContain("Reveal phone");
    }

    @Test
    void fieldOrPurposeThatIsNoneIsRefusedOnTheCard() {
        signIn("clerk");
        browser.post("/find", BY_CARD);
        Map<String, String> fields = new HashMap<>(onCard("meta"));
        assertThat(browser.post("/reveal", fields).statusCode()).isEqualTo(422);
        fields.put("field", "phone");
        fields.put("purpose", "reindex");
        HttpResponse<String> page = browser.post("/reveal", fields);
        assertThat(page.statusCode()).isEqualTo(403);
        assertThat(page.body()).contains("Name, hidden", "Reveal phone").doesNotContain("data-shown");
    }

    @Test
    void everyPageIsKeptNowhereAndRunsNothingInline() {
        signIn("clerk");
        for (HttpResponse<String> page :
                List.of(browser.get("/"), browser.post("/find", BY_CARD), browser.get("/docs"))) {
            assertThat(page.headers().firstValue("Cache-Control")).contains("no-store");
            assertThat(page.headers().firstValue("Content-Type").orElseThrow().toLowerCase(Locale.ROOT))
                    .isEqualTo("text/html;charset=utf-8");
            assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .contains("default-src 'none'")
                    .doesNotContain("unsafe");
            assertThat(page.body())
                    .containsOnlyOnce("<main ")
                    .contains("class=\"skip\" href=\"#main\"")
                    .doesNotContain(" style=", "<style", "javascript:")
                    .doesNotContainPattern("<script>|<script [^>]*>[^<]| on[a-z]+=");
        }
    }

    private static Stream<String> filesThatPagesLoad() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("target/classes/static"))) {
            return files.map(file -> file.getFileName().toString()).toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("filesThatPagesLoad")
    void whatPagesLoadIsServedPackedToWhoeverTakesThatAndNotAgainWhileItIsTheSame(String name) throws IOException {
        byte[] file = Files.readAllBytes(Path.of("target/classes/static", name));
        for (String takes : List.of("gzip, deflate, br", "identity", "gzip;q=0, *;q=1")) {
            HttpRequest.Builder request = browser.request("/static/" + name).header("Accept-Encoding", takes);
            HttpResponse<byte[]> answer = browser.bytes(request);
            boolean packed = answer.headers().firstValue("Content-Encoding").equals(Optional.of("gzip"));
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(packed).as(takes).isEqualTo(takes.startsWith("gzip,"));
            assertThat(
                            packed
                                    ? new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes()
                                    : answer.body())
                    .isEqualTo(file);
            assertThat(answer.headers().firstValue("Vary")).contains("Accept-Encoding");
            String tag = answer.headers().firstValue("ETag").orElseThrow();
            for (String known : List.of(tag, "\"other\", W/" + tag)) {
                HttpResponse<byte[]> again = browser.bytes(request.setHeader("If-None-Match", known));
                assertThat(again.statusCode()).isEqualTo(304);
                assertThat(again.body()).isEmpty();
            }
            assertThat(browser.bytes(request.setHeader("If-None-Match", "\"other\""))
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void idsAndTypedTextAreInNoAddress() {
        signIn("clerk");
        String page = browser.post("/find", BY_CARD).body();
        String id = browser.hidden("patron").orElseThrow();
        Matcher address =
                Pattern.compile("(?:href|src|action|formaction)=\"([^\"]*)\"").matcher(page);
        while (address.find()) {
            assertThat(address.group(1)).doesNotContain(id, DemoHome.someCard(), "?");
        }
        assertThat(page).contains("method=\"post\"").doesNotContain("method=\"get\"");
        assertThat(browser.get("/find?q=x").statusCode()).isEqualTo(303);
    }

    @Test
    void storedMarkupIsEscaped() {
        signIn("clerk");
        String markup = "<script>alert(1)</script>";
        String patron = """
                {"card":"%s","name":{"family":"%s","given":"\\"><img src=x>"},"phone":["203-555-0143"],
                 "email":["kat@example.org"],"library":"NC","category":"adult",
                 "consent":{"policy":"2018-05","given":"2020-01-01","channel":"desk"}}
                """.formatted(CARD_NUMBER, markup);
        String token = browser.cookie().substring("vault=".length());
        HttpResponse<String> registered = browser.send(browser.request("/v1/patrons")
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(patron)));
        assertThat(registered.statusCode()).as(registered.body()).isEqualTo(201);
        assertThat(find(CARD_NUMBER).body())
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;")
                .doesNotContain("<script>", "<img src=x>");
    }

    @Test
    void bodyOver64KiBIsRefused() {
        signIn("clerk");
        assertThat(find("1".repeat(70_000)).statusCode()).isEqualTo(413);
    }

    @Test
    void documentationNamesEveryOperationAndProblem() {
        String page = browser.get("/docs").body();
        assertThat(page)
                .contains("<code>/v1/patrons/{id}/reveal</code>", "<code>field-not-allowed</code>")
                .contains("id=\"revealPatron\"", "<code>results[].id</code>")
                .doesNotContain("$ref", "**");
    }
}
