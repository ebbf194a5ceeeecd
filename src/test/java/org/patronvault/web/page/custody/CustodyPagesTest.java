package org.patronvault.web.page.custody;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.app.Service;
import org.patronvault.core.crypto.CmsRecipient;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.ShareCards;
import org.patronvault.upkeep.backup.Progress;
import org.patronvault.web.Browser;
import org.patronvault.web.ServedVault;
import org.patronvault.web.WebServer;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/** Tests of the key page, in browsers without scripts. */
class CustodyPagesTest {
    private static final List<String> POSTS =
            List.of("/rotate", "/destroy", "/call-off", "/agree", "/refuse", "/slot", "/seal");

    private static final Pattern RUNNING = Pattern.compile("hx-get=\"(/custody/progress[?]of=[0-9a-f][^\"]*)\"");

    @TempDir
    Path directory;

    private ServedVault served;
    private WebServer server;

    @BeforeEach
    void openARoomForTwoCustodians() {
        served = new ServedVault();
        served.staff("cora", "custodian");
        served.staff("carl", "custodian");
        served.staff("dora", "director");
        served.staff("kim", "circulation");
        vault().register("'card':'C1','name':{'family':'Ames'},'phone':['203-555-0101']");
        vault().register("'card':'C2','name':{'family':'Bell'},'phone':['203-555-0102']");
        server = WebServer.start(
                Service.partsOf(vault().vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.empty(), Proxies.NONE));
    }

    @AfterEach
    void close() {
        server.close();
        served.close();
    }

    private OpenVault vault() {
        return served.vault();
    }

    private Browser signedIn(String name) {
        Browser browser = new Browser(server.port());
        assertThat(browser.signIn(name, ServedVault.PASSWORD).statusCode()).isEqualTo(303);
        browser.get("/custody");
        return browser;
    }

    private static String found(String pattern, HttpResponse<String> page) {
        Matcher matcher = Pattern.compile(pattern).matcher(page.body());
        assertThat(matcher.find()).as(pattern + " in " + page.body()).isTrue();
        return matcher.group(1);
    }

    private AccessEvent last() {
        return vault().logSince(vault().logSize() - 1).get(0);
    }

    private void rotatePhoneAndBackUp() {
        assertThat(vault().rotate("phone").state()).isEqualTo(Operation.DONE);
        vault().backup().make(OpenVault.person("custodian"), directory.resolve("backup"), Progress.UNSEEN);
    }

    @Test
    void pictureAndTableSayWhatHangsOnEachVersionItsAgeAndWhatComesNext() {
        vault().rotate("phone");
        vault().clock().advance(java.time.Duration.ofDays(3));
        HttpResponse<String> page = signedIn("cora").get("/custody");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(page.body())
                .contains("href=\"/custody\" aria-current=\"page\">Custody</a>")
                .contains("aria-label=\"Phone: version 1 (retired) holds 0, made 3 days ago;"
                        + " version 2 (primary) holds 2, made 3 days ago\"")
                .contains(
                        "<rect class=\"hollow\" x=\"0%\"",
                        ">v2 · 2</text>", "Version 2 is 3 days old. Rotates by itself on ")
                .containsPattern("<th scope=\"rowgroup\" rowspan=\"2\">Phone</th>\\s*<td>1</td><td>retired</td>"
                        + "<td>[^<]+</td><td>3 days</td><td class=\"number\">0</td>"
                        + "<td><strong class=\"mark\">To be destroyed since ")
                .contains("<option value=\"phone 1\">Phone, version 1</option>")
                .contains(">Signature of the log</th>", "No copy was handed out.", "a passphrase")
                .doesNotContain("style=");
    }

    @Test
    void whoMayNotLookAfterKeysIsToldSoAndLoggedAndWhoIsNotSignedInSignsIn() {
        for (String name : new String[] {"kim", "dora"}) {
            Browser browser = signedIn(name);
            long from = vault().logSize();
            HttpResponse<String> page = browser.get("/custody");
            assertThat(page.statusCode()).isEqualTo(403);
            assertThat(Browser.status(page)).isEqualTo("The policy does not let this role look after the keys.");
            assertThat(page.body()).doesNotContain("href=\"/custody\"", "action=\"/custody", "<svg width=\"100%\"");
            assertThat(vault().logSince(from)).singleElement().satisfies(event -> {
                assertThat(event.act()).isEqualTo(ActKind.READ_KEYS);
                assertThat(event.outcome()).isEqualTo(Outcome.REFUSED);
                assertThat(event.actor().name()).isEqualTo(name);
            });
            assertThat(browser.get("/custody/drill").statusCode()).isEqualTo(403);
            assertThat(last().act()).isEqualTo(ActKind.DRILL);
        }
        Browser clerk = signedIn("kim");
        for (String post : POSTS) {
            long from = vault().logSize();
            HttpResponse<String> page =
                    clerk.post("/custody" + post, Map.of("key", "phone", "version", "phone 1", "id", "1"));
            assertThat(page.statusCode()).as(post).isEqualTo(403);
            assertThat(vault().logSince(from))
                    .as(post)
                    .anySatisfy(event -> assertThat(event.outcome()).isEqualTo(Outcome.REFUSED));
        }
        assertThat(vault().vault().operations().all()).isEmpty();
        Browser nobody = new Browser(server.port());
        assertThat(nobody.get("/custody").statusCode()).isEqualTo(303);
        assertThat(nobody.get("/custody/progress").headers().firstValue("HX-Redirect"))
                .contains("/custody");
        for (String post : POSTS) {
            assertThat(nobody.get("/custody" + post).headers().firstValue("Location"))
                    .contains("/custody");
        }
    }

    @Test
    void postOfAnotherSiteOrSessionChangesNothing() {
        Browser cora = signedIn("cora");
        for (String post : POSTS) {
            Map<String, String> fields = Map.of("key", "phone", "version", "phone 1", "id", "1");
            HttpResponse<String> foreign = cora.send(cora.form("/custody" + post, fields)
                    .header("Sec-Fetch-Site", "cross-site")
                    .header("Origin", "https://example.org"));
            assertThat(foreign.statusCode()).as(post).isEqualTo(403);
            assertThat(cora.post("/custody" + post, Map.of("key", "phone", "csrf", "x"))
                            .statusCode())
                    .as(post)
                    .isEqualTo(403);
        }
        assertThat(vault().vault().operations().all()).isEmpty();
        assertThat(vault().vault().seal().isSealed()).isFalse();
    }

    @Test
    void rotationBegunHereShowsHowFarItIsUntilItHasEndedAndThenTheKeysAnew() {
        Browser cora = signedIn("cora");
        HttpResponse<String> page = cora.post("/custody/rotate", Map.of("key", "phone", "rate", "1"));
        assertThat(Browser.status(page)).isEqualTo("The new version is in use. 2 values are moved to it.");
        assertThat(page.body()).contains("role=\"progressbar\"", "aria-valuemax=\"2\"", "Rotation: Phone");
        String poll = found("hx-get=\"([^\"]+)\" hx-trigger=\"every 2s\"", page).replace("&amp;", "&");
        HttpResponse<String> again = cora.post("/custody/rotate", Map.of("key", "all"));
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(Browser.status(again)).contains("cora began it at ");

        Operation ended = vault().vault()
                .operations()
                .await(vault().vault().operations().all().get(0).id());
        assertThat(ended.by()).isEqualTo("cora");
        HttpResponse<String> part = cora.get(poll);
        assertThat(part.statusCode()).isEqualTo(200);
        assertThat(part.body())
                .contains("<div id=\"status\" hx-swap-oob=\"innerHTML\">Rotation: Phone: done, 2 of 2.</div>")
                .contains("<div id=\"keys-now\" hx-swap-oob=\"true\">", "holds 2, made")
                .contains("hx-trigger=\"every 10s\"")
                .doesNotContain("id=\"requests\"", "<html");
        assertThat(cora.get("/custody").body()).doesNotContain("progressbar");
    }

    /** Its looks take no time, so they do not count toward the quarter of an hour for which a page asks. */
    @Timeout(120)
    @Test
    void endOfWorkIsToldOnceToAPageThatAsksAllTheTimeEvenIfItComesBetweenTwoLooks() {
        Browser cora = signedIn("cora");
        for (int n = 0; n < 40; n++) {
            String body = cora.post("/custody/rotate", Map.of("key", "phone")).body();
            int told = 0;
            Matcher running = RUNNING.matcher(body);
            while (running.find()) {
                body = cora.get(running.group(1).replace("&amp;", "&").replaceFirst("&n=[0-9]+", "&n=1"))
                        .body();
                told += body.contains("Rotation: Phone: done, 2 of 2.") ? 1 : 0;
                running = RUNNING.matcher(body);
            }
            assertThat(told).as("rotation " + n).isEqualTo(1);
        }
    }

    @Test
    void pageStopsToAskAfterAQuarterOfAnHourSoThatItsSessionCanGrowIdle() {
        Browser cora = signedIn("cora");
        cora.post("/custody/rotate", Map.of("key", "phone", "rate", "1"));
        String id = vault().vault().operations().all().get(0).id();
        assertThat(cora.get("/custody/progress?of=" + id + "&n=31").body()).contains("every 10s");
        assertThat(cora.get("/custody/progress?of=" + id + "&n=114").body()).doesNotContain("hx-get");
        assertThat(cora.get("/custody/progress?of=%3Cb%3E&n=x").statusCode()).isEqualTo(422);
        vault().vault().operations().await(id);
    }

    @Test
    void wrongKeyOrRateIsOneSentence() {
        Browser cora = signedIn("cora");
        HttpResponse<String> page = cora.post("/custody/rotate", Map.of("key", "<b>phone", "rate", ""));
        assertThat(page.statusCode()).isEqualTo(404);
        assertThat(page.body()).doesNotContain("<b>");
        for (String rate : new String[] {"fast", "-1", "1000001", "1.5"}) {
            HttpResponse<String> wrong = cora.post("/custody/rotate", Map.of("key", "phone", "rate", rate));
            assertThat(wrong.statusCode()).as(rate).isEqualTo(422);
            assertThat(Browser.status(wrong)).startsWith("A rate is a whole number");
        }
        assertThat(cora.post("/custody/destroy", Map.of("version", "phone")).statusCode())
                .isEqualTo(422);
        assertThat(cora.post("/custody/destroy", Map.of("version", "phone 7")).statusCode())
                .isEqualTo(404);
        assertThat(cora.post("/custody/slot", Map.of("id", "9")).statusCode()).isEqualTo(404);
        assertThat(cora.post("/custody/agree", Map.of("id", "no such")).statusCode())
                .isEqualTo(404);
    }

    @Test
    void oneAsksToDestroyAVersionAndAnotherAgreesInHisOwnBrowserAndAnyCallsItOff() {
        rotatePhoneAndBackUp();
        Browser cora = signedIn("cora");
        HttpResponse<String> asked = cora.post("/custody/destroy", Map.of("version", "phone 1"));
        assertThat(Browser.status(asked)).startsWith("Asked. It waits for another custodian, until ");
        assertThat(asked.body()).contains(">Take it back</button>").doesNotContain(">Agree</button>");
        String id = found("name=\"id\" value=\"([0-9a-f]{32})\"", asked);
        assertThat(cora.post("/custody/agree", Map.of("id", id)).statusCode()).isEqualTo(403);

        Browser carl = signedIn("carl");
        HttpResponse<String> page = carl.get("/custody");
        assertThat(page.body()).contains("Destroy version 1 of phone for ever, in 7 days.", "Asked by cora, ");
        String digest = found("name=\"digest\" value=\"([0-9a-f]{64})\"", page);
        assertThat(carl.post("/custody/agree", Map.of("id", id, "digest", "0".repeat(64)))
                        .statusCode())
                .as("what he saw is not what was asked")
                .isEqualTo(409);
        HttpResponse<String> agreed = carl.post("/custody/agree", Map.of("id", id, "digest", digest));
        assertThat(Browser.status(agreed)).isEqualTo("Agreed, and carried out.");
        assertThat(agreed.body())
                .contains("Destruction: Phone, version 1", "Carried out after 7 days more of service.")
                .doesNotContain("<option value=\"phone 1\">");

        String operation = found("name=\"id\" value=\"([0-9a-f]{16})\"", agreed);
        HttpResponse<String> off = signedIn("cora").post("/custody/call-off", Map.of("id", operation));
        assertThat(off.statusCode()).as("with the token of her page").isEqualTo(200);
        assertThat(Browser.status(off)).isEqualTo("It is called off.");
        assertThat(off.body()).contains("<option value=\"phone 1\">").doesNotContain("Destruction: Phone");
        assertThat(vault().logSince(0)).anySatisfy(event -> {
            assertThat(event.act()).isEqualTo(ActKind.DESTROY);
            assertThat(event.actor().name()).isEqualTo("cora");
            assertThat(event.second().map(Approver::name)).contains("carl");
        });
    }

    @Test
    void requestOfAnotherCustodianShowsOnAPageThatIsOpenAndIsCountedOnTheWay() {
        rotatePhoneAndBackUp();
        Browser carl = signedIn("carl");
        HttpResponse<String> open = carl.get("/custody");
        assertThat(open.body()).contains(">Approvals</a>");
        String poll =
                found("hx-get=\"([^\"]+)\" hx-trigger=\"every 10s\"", open).replace("&amp;", "&");
        assertThat(carl.get(poll).body()).doesNotContain("id=\"requests\"", "id=\"status\"");
        signedIn("cora").post("/custody/destroy", Map.of("version", "phone 1"));
        HttpResponse<String> part = carl.get(poll);
        assertThat(part.body())
                .contains("<div id=\"requests\" hx-swap-oob=\"true\">", "Asked by cora, ", ">Agree</button>")
                .contains("What waits for a second custodian has changed.");
        String next =
                found("hx-get=\"([^\"]+)\" hx-trigger=\"every 10s\"", part).replace("&amp;", "&");
        assertThat(carl.get(next).body()).doesNotContain("id=\"requests\"");
        assertThat(carl.get("/custody").body()).contains(">Approvals (1)</a>");
        assertThat(signedIn("cora").get("/custody").body())
                .as("nobody agrees to her own")
                .contains(">Approvals</a>");
        assertThat(carl.get("/custody/progress?of=&n=114").body()).doesNotContain("hx-get");
    }

    @Test
    void requestIsRefusedByAnotherOrTakenBackByTheOneWhoAsked() {
        rotatePhoneAndBackUp();
        Browser cora = signedIn("cora");
        String id = found(
                "name=\"id\" value=\"([0-9a-f]{32})\"", cora.post("/custody/destroy", Map.of("version", "phone 1")));
        HttpResponse<String> refused = signedIn("carl").post("/custody/refuse", Map.of("id", id));
        assertThat(Browser.status(refused)).isEqualTo("Refused: nothing of what cora asked for happens.");
        String again = found(
                "name=\"id\" value=\"([0-9a-f]{32})\"", cora.post("/custody/destroy", Map.of("version", "phone 1")));
        HttpResponse<String> back = cora.post("/custody/refuse", Map.of("id", again));
        assertThat(Browser.status(back)).isEqualTo("Taken back: nothing of it happens.");
        assertThat(back.body()).doesNotContain("Destroy version 1");
        HttpResponse<String> late = signedIn("carl").post("/custody/agree", Map.of("id", again, "digest", "0"));
        assertThat(late.statusCode()).isEqualTo(409);
    }

    @Test
    void versionWithoutANewerBackupIsRefusedInASentence() {
        vault().rotate("phone");
        HttpResponse<String> page = signedIn("cora").post("/custody/destroy", Map.of("version", "phone 1"));
        assertThat(page.statusCode()).isEqualTo(409);
        assertThat(Browser.status(page)).startsWith("No proved backup is newer");
        assertThat(last().act()).isEqualTo(ActKind.DESTROY);
        assertThat(last().outcome()).isEqualTo(Outcome.REFUSED);
    }

    @Test
    void copiesOfTheKeysAreShownAndHaveToBeSaidToBeGoneBeforeWhatTheyHoldIsDestroyed() throws IOException {
        CmsRecipient keeper = CmsRecipient.ofPem(
                Files.readAllBytes(OpenSsl.certificate(
                        directory, "keeper", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")),
                Clock.systemUTC());
        String copy = vault().vault()
                .keyCopies()
                .export(new Actor(Actor.Kind.STAFF, "<i>cora", "custodian", ""), Optional.empty(), keeper)
                .id();
        rotatePhoneAndBackUp();
        Browser cora = signedIn("cora");
        HttpResponse<String> page = cora.get("/custody");
        assertThat(page.body())
                .contains("<code>" + copy + "</code>", "<td>held</td>", keeper.fingerprint(), "&lt;i&gt;cora")
                .contains("name=\"gone-" + copy + "\"")
                .doesNotContain("<i>");
        HttpResponse<String> left = cora.post("/custody/destroy", Map.of("version", "phone 1"));
        assertThat(left.statusCode()).isEqualTo(409);
        assertThat(Browser.status(left)).startsWith("Copies of the keys hold that version: " + copy);
        HttpResponse<String> asked =
                cora.post("/custody/destroy", Map.of("version", "phone 1", "gone-" + copy, "yes", "gone-x", "yes"));
        assertThat(Browser.status(asked)).startsWith("Asked.");
        Browser carl = signedIn("carl");
        page = carl.get("/custody");
        assertThat(page.body()).contains("Both of you say that these copies of the keys are gone: " + copy);
        HttpResponse<String> agreed = carl.post(
                "/custody/agree",
                Map.of(
                        "id", found("name=\"id\" value=\"([0-9a-f]{32})\"", page),
                        "digest", found("name=\"digest\" value=\"([0-9a-f]{64})\"", page)));
        assertThat(agreed.body()).contains("<td>gone</td>");
    }

    @Test
    void slotIsRemovedByTwoAndTheLastNever() {
        assertThat(signedIn("cora").get("/custody").body()).doesNotContain("Ask to remove");
        ShareCards.addTo(vault().vault(), 3, 2);
        Browser cora = signedIn("cora");
        assertThat(cora.get("/custody").body()).contains("any 2 of 3 shares", ">Ask to remove slot 2</button>");
        HttpResponse<String> asked = cora.post("/custody/slot", Map.of("id", "2"));
        assertThat(Browser.status(asked)).startsWith("Asked. It waits for another custodian");
        Browser carl = signedIn("carl");
        HttpResponse<String> page = carl.get("/custody");
        HttpResponse<String> agreed = carl.post(
                "/custody/agree",
                Map.of(
                        "id", found("name=\"id\" value=\"([0-9a-f]{32})\"", page),
                        "digest", found("name=\"digest\" value=\"([0-9a-f]{64})\"", page)));
        assertThat(Browser.status(agreed)).isEqualTo("Agreed, and carried out.");
        assertThat(agreed.body()).doesNotContain("any 2 of 3 shares</td>", "Ask to remove");
    }

    @Test
    void sealedFromHereTheVaultServesNobodyAndLeadsToWhereItIsOpened() {
        Browser cora = signedIn("cora");
        HttpResponse<String> sealed = cora.post("/custody/seal", Map.of());
        assertThat(sealed.statusCode()).isEqualTo(303);
        assertThat(sealed.headers().firstValue("Location")).contains("/unseal");
        assertThat(cora.get("/unseal").body()).contains("The vault is sealed");
        HttpResponse<String> page = cora.get("/custody");
        assertThat(page.statusCode()).isEqualTo(503);
        assertThat(page.body()).contains("href=\"/unseal\"");
        assertThat(cora.get("/custody/progress").headers().firstValue("HX-Redirect"))
                .contains("/custody");
    }

    @Test
    void drillCountsTheCardsThatHoldersBringAndShowsNothingTypedAgain() {
        List<String> cards = ShareCards.addTo(vault().vault(), 3, 2);
        Browser cora = signedIn("cora");
        cora.get("/custody/drill");
        HttpResponse<String> first = cora.post("/custody/drill", Map.of("share", cards.get(1)));
        assertThat(Browser.status(first)).isEqualTo("Share 2 is right. 1 of the 2 it takes.");
        assertThat(first.body()).contains("any 2 of 3 shares").doesNotContain(cards.get(1), "<svg");
        HttpResponse<String> twice = cora.post("/custody/drill", Map.of("share", cards.get(1)));
        assertThat(twice.statusCode()).isEqualTo(409);
        HttpResponse<String> second = cora.post("/custody/drill", Map.of("share", cards.get(0)));
        assertThat(Browser.status(second)).isEqualTo("Share 1 is right. Slot 2 opens the keys.");
        assertThat(last().act()).isEqualTo(ActKind.DRILL);
        assertThat(last().outcome()).isEqualTo(Outcome.KEY);
        assertThat(signedIn("carl").get("/custody/drill").body()).doesNotContain("Proved so far");
        HttpResponse<String> wrong = cora.post("/custody/drill", Map.of("share", "<i>nonsense"));
        assertThat(wrong.statusCode()).isEqualTo(422);
        assertThat(wrong.body()).doesNotContain("<i>", "nonsense").contains("Proved so far");
        HttpResponse<String> end = cora.post("/custody/drill/end", Map.of());
        assertThat(end.body()).doesNotContain("Proved so far");
        assertThat(cora.post("/custody/drill", Map.of("csrf", "x", "share", cards.get(0)))
                        .statusCode())
                .isEqualTo(403);
    }
}
