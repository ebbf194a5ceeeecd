package org.patronvault.web.page.cases;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.app.Service;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Alert;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.Browser;
import org.patronvault.web.ServedCases;
import org.patronvault.web.ServedVault;
import org.patronvault.web.WebServer;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.page.Texts;

/** Tests of the pages about cases, in browsers without scripts. */
class CasePagesTest {
    private static final String CLOSED = "Requests for records are the director's to handle";
    private static final String PHONE = "203-555-0143";
    private static final Map<String, String> ADVISED = Map.of("counsel", "L. Exner", "advice", "It is valid.");

    private static final Map<String, Browser> BROWSERS = new HashMap<>();
    private static ServedCases served;
    private static WebServer server;

    @TempDir
    private Path directory;

    @BeforeAll
    static void open() {
        served = new ServedCases();
        server = WebServer.start(
                Service.partsOf(served.vault.vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.of(0), Proxies.NONE));
    }

    @AfterAll
    static void stop() {
        server.close();
        served.close();
    }

    private static Browser at(String name, String path) {
        Browser browser = BROWSERS.computeIfAbsent(name, any -> {
            Browser one = new Browser(server.port());
            assertThat(one.signIn(name, ServedVault.PASSWORD).statusCode()).isEqualTo(303);
            return one;
        });
        browser.get(path);
        return browser;
    }

    private static String opened() {
        return page(served.opened());
    }

    /** The page of a case whose path in the interface that is. */
    private static String page(String api) {
        return api.replace(ServedCases.DISCLOSURES, "/cases");
    }

    private static HttpResponse<String> step(String name, String at, String step, Map<String, String> typed) {
        Browser browser = at(name, at);
        Map<String, String> all = new HashMap<>(typed);
        browser.hidden("once").ifPresent(once -> all.putIfAbsent("once", once));
        browser.hidden("decided").ifPresent(decided -> all.putIfAbsent("decided", decided));
        return browser.post(at + "/" + step, all);
    }

    private static Map<String, String> decision() {
        return Map.of(
                "decision",
                "comply",
                "instrument",
                "court-order",
                "issuedBy",
                "court",
                "reason",
                "valid on its face",
                "patrons",
                served.kat + "\r\n",
                "field.name",
                "yes",
                "field.address",
                "yes");
    }

    private static String decided() {
        String at = opened();
        assertThat(Browser.status(step(ServedCases.DIRECTOR, at, "counsel", ADVISED)))
                .isEqualTo("Counsel is taken down.");
        assertThat(Browser.status(step(ServedCases.DIRECTOR, at, "decision", decision())))
                .isEqualTo("The decision is taken down.");
        return at;
    }

    private static String approved() {
        String at = decided();
        assertThat(step(ServedCases.OFFICER, at, "approval", Map.of()).statusCode())
                .isEqualTo(200);
        return at;
    }

    @Test
    void requestTakenDownByAPageShowsScriptAndNumberAndNothingElse() {
        Browser page = at(ServedCases.PAGE, "/cases/new");
        HttpResponse<String> taken = page.post(
                "/cases/new",
                Map.of(
                        "once",
                        page.hidden("once").orElseThrow(),
                        "agency",
                        "Norwalk Police",
                        "instrument",
                        "warrant",
                        "arrived",
                        "2026-11-27T10:12",
                        "about",
                        "Katherine, if she reads here"));
        assertThat(taken.statusCode()).isEqualTo(200);
        assertThat(taken.body())
                .contains("Library records are confidential by law", "<h1>The request is taken down</h1>")
                .containsPattern("Case <code>[0-9a-f]{16}</code>")
                .doesNotContain("href=\"/cases", "Norwalk", "Katherine", served.kat.toString());
        assertThat(at(ServedCases.PAGE, "/").get("/").body()).doesNotContain("href=\"/cases\"");
        assertThat(at(ServedCases.DIRECTOR, "/cases").get("/cases").body())
                .contains("Norwalk Police", "Search warrant", "Waits for counsel", "href=\"/cases\"");
    }

    @Test
    void formSentTwiceOpensOneCase() {
        Browser page = at(ServedCases.CLERK, "/cases/new");
        Map<String, String> typed = Map.of(
                "once",
                page.hidden("once").orElseThrow(),
                "agency",
                "Sent twice",
                "instrument",
                "letter",
                "csrf",
                page.hidden("csrf").orElseThrow());
        String first = number(page.post("/cases/new", typed));
        assertThat(number(page.post("/cases/new", typed))).isEqualTo(first);
    }

    private static String number(HttpResponse<String> answer) {
        return Pattern.compile("Case <code>([0-9a-f]{16})</code>")
                .matcher(answer.body())
                .results()
                .map(found -> found.group(1))
                .findFirst()
                .orElseThrow(() -> new AssertionError(answer.body()));
    }

    @Test
    void courtOrderGoesTheWholePathAndOnlyTheRecipientOpensWhatIsReleased() throws IOException {
        String at = decided();
        assertThat(at(ServedCases.DIRECTOR, at).get(at).body())
                .contains("You decided it, so it is somebody else who agrees.")
                .doesNotContain(">Agree</button>");
        assertThat(at(ServedCases.OFFICER, at).get(at).body())
                .contains(">Agree</button>", "valid on its face", served.kat.toString())
                .doesNotContain("/release\"", "/gag\"");
        assertThat(Browser.status(step(ServedCases.OFFICER, at, "approval", Map.of())))
                .isEqualTo("Taken down.");

        Browser director = at(ServedCases.DIRECTOR, at);
        Map<String, String> typed = Map.of(
                "once",
                director.hidden("once").orElseThrow(),
                "recipient",
                Files.readString(OpenSsl.certificate(directory, "police")).replace("\n", "\r\n"));
        HttpResponse<byte[]> sealed = director.download(at + "/release", typed);
        assertThat(sealed.statusCode()).isEqualTo(200);
        assertThat(sealed.headers().firstValue("Content-Disposition").orElseThrow())
                .startsWith("attachment; filename=\"disclosure-");
        Path file = Files.write(directory.resolve("sealed"), sealed.body());
        assertThat(OpenSsl.decrypt(directory, "police", file, directory.resolve("out")))
                .isZero();
        assertThat(director.download(at + "/release", typed).body())
                .as("the same form, sent again")
                .isEqualTo(sealed.body());

        assertThat(Browser.status(step(
                        ServedCases.DIRECTOR, at, "notice", Map.of("told", "given", "words", "By letter, today."))))
                .isEqualTo("The notice is taken down.");
        HttpResponse<String> closed = step(ServedCases.DIRECTOR, at, "closing", Map.of());
        assertThat(Browser.status(closed)).isEqualTo("The case is closed.");
        assertThat(closed.body())
                .contains("Nothing is left to do.", "By letter, today.", "SHA-256 of the sealed package")
                .doesNotContain(PHONE, "1437 South Elm");
    }

    @Test
    void noPatronIsInAnyAddressOfThePages() {
        String at = approved();
        List<String> pages = List.of(
                at(ServedCases.DIRECTOR, at).get(at).body(),
                at(ServedCases.DIRECTOR, "/cases").get("/cases").body(),
                permissions(ServedCases.CLERK).body());
        assertThat(pages)
                .allSatisfy(body -> assertThat(Pattern.compile("(?:href|action|formaction)=\"([^\"]*)\"")
                                .matcher(body)
                                .results()
                                .map(MatchResult::group))
                        .isNotEmpty()
                        .noneMatch(address -> address.contains(served.kat.toString())));
        assertThat(pages.get(0)).contains(served.kat.toString());
        assertThat(pages.get(1)).as("the list says nothing of patrons").doesNotContain(served.kat.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"page", "circulation", "supervisor", "custodian", "admin", "outreach"})
    void casesAreClosedToRolesWithoutAPart(String role) {
        String at = opened();
        String name = ServedCases.PEOPLE.entrySet().stream()
                .filter(person -> person.getValue().equals(role))
                .map(Map.Entry::getKey)
                .filter(one -> !one.equals(ServedCases.DESIGNEE))
                .findFirst()
                .orElseThrow();
        Browser browser = at(name, "/");
        for (String path : List.of("/cases", at)) {
            HttpResponse<String> answer = browser.get(path);
            assertThat(answer.statusCode()).as(path).isEqualTo(403);
            assertThat(answer.body()).contains(CLOSED).doesNotContain("Norwalk");
        }
        assertThat(browser.get("/cases/designations").statusCode()).isEqualTo(403);
        browser.get("/cases/new");
        assertThat(browser.post(at + "/counsel", ADVISED).statusCode()).isEqualTo(403);
        assertThat(served.get(ServedCases.DIRECTOR, ServedCases.DISCLOSURES + at.substring("/cases".length()))
                        .json()
                        .path("state")
                        .asText())
                .isEqualTo("referred");
    }

    @Test
    void casesOfAnotherNumberAreNotThereAndNothingSentIsRepeated() {
        Browser director = at(ServedCases.DIRECTOR, "/cases");
        for (String path : List.of("/cases/0123456789abcdef", "/cases/zyzzyva")) {
            HttpResponse<String> answer = director.get(path);
            assertThat(answer.statusCode()).isEqualTo(404);
            assertThat(Browser.status(answer)).isEqualTo("There is no such case.");
            assertThat(answer.body()).doesNotContain("zyzzyva");
        }
    }

    @Test
    void gagHidesTheCaseFromListAndPageOfAllButDirectorAndCounsel() {
        String at = page(served.opened("subpoena"));
        HttpResponse<String> gagged =
                step(ServedCases.DIRECTOR, at, "gag", Map.of("ordered", "true", "reason", "Order 26-117"));
        assertThat(gagged.body()).contains("May not be spoken of", "Order 26-117");
        assertThat(at(ServedCases.OFFICER, "/cases").get("/cases").body()).doesNotContain(at);
        assertThat(at(ServedCases.OFFICER, "/cases").get(at).statusCode()).isEqualTo(404);
        for (String name : List.of(ServedCases.DIRECTOR, ServedCases.OTHER_DIRECTOR, ServedCases.COUNSEL)) {
            assertThat(at(name, "/cases").get("/cases").body()).contains(at);
            assertThat(at(name, at).get(at).statusCode()).isEqualTo(200);
        }
        HttpResponse<String> lifted =
                step(ServedCases.DIRECTOR, at, "gag", Map.of("ordered", "false", "reason", "It has ended"));
        assertThat(lifted.body()).contains("It may be spoken of again").doesNotContain("class=\"mark\"");
        assertThat(at(ServedCases.OFFICER, "/cases").get("/cases").body()).contains(at);
    }

    @Test
    void counselSeesAndAdvisesAndDoesNothingElse() {
        String at = opened();
        HttpResponse<String> after = step(ServedCases.COUNSEL, at, "counsel", ADVISED);
        assertThat(Browser.status(after)).isEqualTo("Counsel is taken down.");
        assertThat(after.body())
                .contains("It is valid.", "That is not yours to do.")
                .doesNotContain("method=\"post\" action=\"/cases");
    }

    @ParameterizedTest
    @CsvSource({
        "counsel, advice, valid, counsel is required.",
        "counsel, unreachable, on holiday, 'Only what is carried out at once, such as a warrant, goes on without counsel;"
                + " consult counsel, and say who advised what.'",
        "referral, to, nobody, There is no designation of that person in force; make one in writing first.",
        "gag, ordered, true, reason is required.",
        "decision, reason, too early, 'The case is referred; what comes next is counsel.'",
        "approval, decline, too early, 'The case is referred; what comes next is counsel.'",
        "release, recipient, too early, 'The case is referred; what comes next is counsel.'",
        "notice, words, too early, 'The case is referred; what comes next is counsel.'",
        "closing, reason, too early, 'The case is referred; what comes next is counsel.'",
    })
    void refusedStepSaysWhyInOneSentenceAndTheCaseStandsWhereItStood(
            String step, String field, String typed, String sentence) {
        HttpResponse<String> page = step(ServedCases.DIRECTOR, opened(), step, Map.of(field, typed));
        assertThat(page.statusCode()).isIn(409, 422);
        assertThat(Browser.status(page)).isEqualTo(sentence);
        assertThat(page.body()).contains("Counsel is consulted next.");
    }

    @Test
    void refusedDecisionKeepsWhatWasTyped() {
        String at = opened();
        step(ServedCases.DIRECTOR, at, "counsel", ADVISED);
        Map<String, String> typed = new HashMap<>(decision());
        typed.put("instrument", "letter");
        typed.put("reason", "\"><img src=x onerror=alert(1)>");
        HttpResponse<String> refused = step(ServedCases.DIRECTOR, at, "decision", typed);
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(Browser.status(refused)).startsWith("By the law of Connecticut that does not suffice");
        assertThat(refused.body())
                .contains(served.kat.toString(), "value=\"letter\" selected", "&lt;img src=x")
                .containsPattern("name=\"field.name\" value=\"yes\" checked")
                .containsPattern("name=\"field.phone\" value=\"yes\">")
                .doesNotContain("<img src=x");
    }

    @Test
    void refusedReleaseKeepsTheCertificateAndReleasesNothing() {
        String at = approved();
        HttpResponse<String> refused =
                step(ServedCases.DIRECTOR, at, "release", Map.of("recipient", "no certificate at all"));
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.body()).contains("no certificate at all", "May be released");
    }

    @Test
    void wholeCardAddsTheIdOfThePatronAndShowsNothingElse() {
        String at = opened();
        step(ServedCases.DIRECTOR, at, "counsel", ADVISED);
        HttpResponse<String> found = step(
                ServedCases.DIRECTOR,
                at,
                "find",
                Map.of("patrons", served.ines.toString(), "card", "KAT1", "reason", "half typed"));
        assertThat(Browser.status(found)).isEqualTo("The id is added; the look is logged.");
        assertThat(found.body())
                .contains(served.ines + "\n" + served.kat, "half typed")
                .doesNotContain("Sullivan", PHONE);
        assertThat(Browser.status(step(ServedCases.DIRECTOR, at, "find", Map.of("card", "NONE1"))))
                .isEqualTo("No patron has that card.");
        assertThat(step(ServedCases.DIRECTOR, at, "find", Map.of()).statusCode())
                .isEqualTo(422);
    }

    @Test
    void whoAgreesAgreesToTheDecisionThatWasReadAndToNoOther() {
        String at = decided();
        Browser officer = at(ServedCases.OFFICER, at);
        String read = officer.hidden("decided").orElseThrow();
        assertThat(step(ServedCases.OTHER_DIRECTOR, at, "approval", Map.of("decline", "too much"))
                        .body())
                .contains("Sent back", "too much");
        served.vault.clock().advance(java.time.Duration.ofSeconds(1));
        step(ServedCases.DIRECTOR, at, "decision", decision());
        HttpResponse<String> late = step(ServedCases.OFFICER, at, "approval", Map.of("decided", read));
        assertThat(late.statusCode()).isEqualTo(409);
        assertThat(Browser.status(late)).isEqualTo("It was decided anew meanwhile; read that first.");
        assertThat(step(ServedCases.OFFICER, at, "approval", Map.of()).body()).contains("May be released");
    }

    @Test
    void directorDesignatesAndTakesBackAndRefersMeanwhile() {
        Browser director = at(ServedCases.DIRECTOR, "/cases/designations");
        String tomorrow = LocalDate.ofInstant(served.vault.clock().instant(), ZoneOffset.UTC)
                .plusDays(1)
                .toString();
        HttpResponse<String> oneself =
                director.post("/cases/designations", Map.of("designee", ServedCases.DIRECTOR, "until", tomorrow));
        assertThat(oneself.statusCode()).isEqualTo(403);
        assertThat(Browser.status(oneself)).isEqualTo("Nobody designates himself; another director does.");
        HttpResponse<String> made = director.post(
                "/cases/designations",
                Map.of("designee", ServedCases.DESIGNEE, "until", tomorrow, "document", "ab".repeat(32)));
        assertThat(Browser.status(made)).isEqualTo("desi is designated.");
        assertThat(made.body()).contains("In force", "ab".repeat(32));

        String at = opened();
        assertThat(step(ServedCases.DIRECTOR, at, "referral", Map.of("to", ServedCases.DESIGNEE))
                        .body())
                .contains("It is referred.", "Referred to");
        assertThat(at(ServedCases.DESIGNEE, "/").get("/").body()).contains("href=\"/cases\"");
        assertThat(Browser.status(step(ServedCases.DESIGNEE, at, "counsel", ADVISED)))
                .isEqualTo("Counsel is taken down.");

        String id = Pattern.compile("name=\"id\" value=\"([0-9a-f]{16})\" aria-label=\"Take back")
                .matcher(director.get("/cases/designations").body())
                .results()
                .map(found -> found.group(1))
                .findFirst()
                .orElseThrow();
        assertThat(Browser.status(director.post("/cases/designations/revoke", Map.of("id", id))))
                .isEqualTo("The designation of desi is taken back.");
        assertThat(at(ServedCases.DESIGNEE, "/").get(at).statusCode()).isEqualTo(403);
        assertThat(BROWSERS.get(ServedCases.DESIGNEE).get("/").body()).doesNotContain("href=\"/cases\"");
    }

    private static HttpResponse<String> permissions(String name) {
        return at(name, "/").post("/permissions", Map.of("patron", served.kat.toString()));
    }

    @Test
    void permissionIsTakenDownFromThePatronsCardAndTakenBack() {
        Browser clerk = at(ServedCases.CLERK, "/");
        assertThat(clerk.post("/find", Map.of("q", "KAT1", "purpose", "account-service"))
                        .body())
                .contains("action=\"/permissions\"", ">Written permissions</button>");
        assertThat(permissions(ServedCases.CLERK).statusCode()).isEqualTo(200);
        String today = LocalDate.ofInstant(served.vault.clock().instant(), ZoneOffset.UTC)
                .minusDays(1)
                .toString();
        Map<String, String> typed = new HashMap<>(Map.of(
                "patron",
                served.kat.toString(),
                "recipient",
                "Clinic of Norwalk",
                "signed",
                today,
                "until",
                "2099-01-01",
                "field.name",
                "yes"));
        typed.put("once", clerk.hidden("once").orElseThrow());
        HttpResponse<String> made = clerk.post("/permissions/make", typed);
        assertThat(Browser.status(made)).isEqualTo("The permission is taken down.");
        assertThat(made.body()).contains("Clinic of Norwalk", "In force");
        typed.remove("field.name");
        HttpResponse<String> refused = clerk.post("/permissions/make", typed);
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.body()).contains("value=\"Clinic of Norwalk\"");
        String id = Pattern.compile("name=\"permission\" value=\"([0-9a-f]{16})\"")
                .matcher(made.body())
                .results()
                .map(found -> found.group(1))
                .findFirst()
                .orElseThrow();
        HttpResponse<String> back =
                clerk.post("/permissions/revoke", Map.of("patron", served.kat.toString(), "permission", id));
        assertThat(Browser.status(back)).isEqualTo("The permission is taken back.");
        assertThat(back.body()).contains("Taken back").doesNotContain("name=\"permission\"");
        assertThat(permissions("ada").statusCode()).isEqualTo(403);
        assertThat(clerk.get("/permissions/make").statusCode()).isEqualTo(303);
    }

    @Test
    void officerIsHereOpensOneCaseHoweverOftenItIsPressed() {
        long before = served.vault.logSize();
        Browser clerk = at("sue", "/");
        HttpResponse<String> first = clerk.post("/officer", Map.of());
        assertThat(first.body())
                .contains("I am calling the director now", "Hand over nothing, sign nothing")
                .doesNotContain("href=\"/cases/", "class=\"warning\"");
        served.vault.clock().advance(java.time.Duration.ofSeconds(50));
        clerk.get("/");
        assertThat(number(clerk.post("/officer", Map.of()))).isEqualTo(number(first));
        assertThat(served.vault.logSince(before))
                .filteredOn(event -> event.act() == ActKind.DISCLOSURE && event.outcome() == Outcome.CONFIGURATION)
                .hasSize(1);
        assertThat(served.vault.logSince(before))
                .anyMatch(event -> event.about().equals(Optional.of(Alert.OFFICER_HERE.slug())));
        served.vault.clock().advance(java.time.Duration.ofMinutes(3));
        clerk.get("/");
        assertThat(number(clerk.post("/officer", Map.of()))).isNotEqualTo(number(first));
        assertThat(at(ServedCases.DIRECTOR, "/cases").get("/cases").body())
                .contains(">Urgent</strong>", "Not known yet");
    }

    @Test
    void officerIsHereShowsTheScriptThoughNoCaseCanBeOpened() {
        Browser clerk = at(ServedCases.CLERK, "/");
        served.vault.vault().seal().seal(OpenVault.person("custodian"), AuditLog.newRequest());
        try {
            HttpResponse<String> sealed = clerk.post("/officer", Map.of());
            assertThat(sealed.statusCode()).isEqualTo(503);
            assertThat(sealed.body())
                    .contains("I am calling the director now", "No case could be opened.", "Call the director at once");
        } finally {
            served.vault.unseal();
        }
        HttpResponse<String> nobody = new Browser(server.port()).post("/officer", Map.of());
        assertThat(nobody.body()).contains("I am calling the director now", "No case could be opened.");
    }

    @Test
    void formsOfAnotherSiteOrSessionDoNothing() {
        String at = opened();
        Browser director = at(ServedCases.DIRECTOR, at);
        String token = director.hidden("csrf").orElseThrow();
        Map<String, String> own = new HashMap<>(ADVISED);
        own.put("csrf", token);
        Map<String, String> others = new HashMap<>(ADVISED);
        others.put("csrf", "x" + token);
        for (HttpRequest.Builder request : List.of(
                director.form(at + "/counsel", own),
                director.form(at + "/counsel", own).header("Origin", "https://elsewhere.example"),
                director.form(at + "/counsel", others).header("Sec-Fetch-Site", "same-origin"))) {
            assertThat(director.send(request).statusCode()).isEqualTo(403);
        }
        assertThat(director.get(at).body()).contains("Waits for counsel");
        assertThat(new Browser(server.port()).get(at).statusCode()).isEqualTo(303);
    }

    @Test
    void everyAlertHasItsWords() {
        for (Alert alert : Alert.values()) {
            assertThat(Texts.ENGLISH.say("log.alert." + alert.slug())).isNotBlank();
        }
    }
}
