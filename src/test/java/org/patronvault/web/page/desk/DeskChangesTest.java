package org.patronvault.web.page.desk;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.patronvault.access.client.ClientGrant;
import org.patronvault.app.DemoHome;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.privacy.entitlement.Entitlements;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.Browser;
import org.patronvault.web.ServedDemo;
import org.patronvault.web.ServedVault;

/** Tests of registration and changes at the desk, over real HTTP, as a browser with and without scripts. */
final class DeskChangesTest {
    @RegisterExtension
    static final ServedDemo DEMO = new ServedDemo();

    private static int cards = 1000;

    private Browser browser;

    @BeforeEach
    void signIn() {
        browser = DEMO.browser();
        browser.signIn("clerk", DemoHome.passwordOf("clerk"));
    }

    private static String newCard() {
        return "DESK" + cards++;
    }

    private Map<String, String> typed(String card) {
        Map<String, String> form = new HashMap<>();
        browser.get("/register");
        form.put("policy", browser.hidden("policy").orElseThrow());
        form.put("card", card);
        form.put("name.family", "Quill");
        form.put("name.given", "Ada");
        form.put("phone", "203-555-0143");
        form.put("email", "ada@example.org");
        form.put("library", "NC");
        form.put("category", "adult");
        form.put("status", "active");
        form.put("agrees", "yes");
        return form;
    }

    private String registered() {
        String card = newCard();
        HttpResponse<String> page = browser.post("/register", typed(card));
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(Browser.status(page)).matches("Registered; logged as entry \\d+\\..*");
        return card;
    }

    private HttpResponse<String> find(String typed) {
        return browser.post("/find", Map.of("q", typed, "purpose", "account-service"));
    }

    /** Finds the card and opens the form to change it; the fields that every form of it carries. */
    private Map<String, String> changing(String card) {
        find(card);
        String patron = browser.hidden("patron").orElseThrow();
        HttpResponse<String> page =
                browser.post("/change", Map.of("patron", patron, "purpose", "account-service", "inactive", ""));
        assertThat(page.body()).contains("Save the change", "Replace the card", "Record the answer");
        Map<String, String> form = new HashMap<>();
        form.put("patron", patron);
        form.put("purpose", "account-service");
        form.put("inactive", "");
        form.put("version", browser.hidden("version").orElseThrow());
        return form;
    }

    private static Map<String, String> with(Map<String, String> form, String... pairs) {
        Map<String, String> all = new HashMap<>(form);
        for (int i = 0; i < pairs.length; i += 2) {
            all.put(pairs[i], pairs[i + 1]);
        }
        return all;
    }

    private String revealed(String card, String field) {
        find(card);
        return browser.post(
                        "/reveal",
                        Map.of(
                                "patron",
                                browser.hidden("patron").orElseThrow(),
                                "purpose",
                                "account-service",
                                "field",
                                field))
                .body();
    }

    private static List<AccessEvent> since(long from) {
        return DEMO.vault().log().reader().entries(from, Long.MAX_VALUE).entries().stream()
                .map(LogReader.Entry::event)
                .toList();
    }

    @Test
    void whoIsRegisteredIsFoundAndTheFormIsEmptyForTheNext() {
        String card = registered();
        assertThat(find(card).body()).contains("Ada Quill");
        assertThat(revealed(card, "phone")).contains("+1 203-555-0143");
        assertThat(browser.get("/register").body()).doesNotContain("Quill").contains("value=\"NC\"");
    }

    @Test
    void nobodyIsRegisteredWithoutConsentAndWhatWasTypedStaysInTheForm() {
        String card = newCard();
        Map<String, String> form = typed(card);
        form.remove("agrees");
        HttpResponse<String> page = browser.post("/register", form);
        assertThat(page.statusCode()).isEqualTo(422);
        assertThat(Browser.status(page)).isEqualTo("A patron is registered only with consent.");
        assertThat(page.body()).contains("value=\"Quill\"", "value=\"" + card + "\"");
        assertThat(Browser.status(find(card))).isEqualTo("Nobody found.");
    }

    @Test
    void cardOfAnotherIsRefusedInASentence() {
        HttpResponse<String> page = browser.post("/register", typed(DemoHome.someCard()));
        assertThat(page.statusCode()).isEqualTo(409);
    }

    @Test
    void eachValueIsShownAsItWouldBeStored() {
        browser.get("/register");
        String token = browser.hidden("csrf").orElseThrow();
        assertThat(stored(token, "phone", "(203) 555 0143")).contains("Will be stored as +12035550143");
        assertThat(stored(token, "phone2", "none")).contains("1 to 30 digits");
        assertThat(stored(token, "email", "ada@")).contains("E-mail is not an e-mail address.");
        assertThat(stored(token, "card", "new 0001")).contains("Will be stored as NEW0001");
        assertThat(stored(token, "name.family", "Quill")).isBlank();
    }

    private String stored(String token, String field, String written) {
        return browser.send(browser.form("/stored", Map.of("csrf", token, field, written))
                        .header("Sec-Fetch-Site", "same-origin")
                        .header("HX-Request", "true")
                        .header("HX-Trigger-Name", field))
                .body();
    }

    @Test
    void whatIsLeftEmptyStaysAndTheWholeAddressIsAnother() {
        String card = registered();
        Map<String, String> form = changing(card);
        HttpResponse<String> page = browser.post(
                "/correct",
                with(form, "address.line1", "1 New St", "address.line2", "Apt 4", "address.city", "Stamford"));
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(Browser.status(page)).matches("Changed; logged as entry \\d+\\.");
        browser.post("/correct", with(changing(card), "address.line1", "2 New St", "name.given", "Adele"));
        assertThat(find(card).body()).contains("Adele Quill");
        assertThat(revealed(card, "address")).contains("2 New St").doesNotContain("Apt 4", "Stamford");
        assertThat(revealed(card, "email")).contains("ada@example.org");
    }

    @Test
    void whatIsTickedIsTakenAway() {
        String card = registered();
        browser.post("/correct", with(changing(card), "remove.phone", "yes"));
        assertThat(find(card).body()).contains("None on record");
        assertThat(Browser.status(find("203-555-0143"))).doesNotContain("1 match;");
    }

    @Test
    void staleFormChangesNothingAndSaysSo() {
        String card = registered();
        Map<String, String> form = changing(card);
        browser.post("/correct", with(form, "name.given", "First"));
        HttpResponse<String> page = browser.post("/correct", with(form, "name.given", "Second"));
        assertThat(page.statusCode()).isEqualTo(412);
        assertThat(page.body()).contains("Save the change").doesNotContain("Second");
        assertThat(find(card).body()).contains("First Quill");
    }

    @Test
    void whatIsWrongIsCalledWhatTheFormCallsIt() {
        HttpResponse<String> page =
                browser.post("/correct", with(changing(registered()), "phone", "2035550143", "phone2", "none"));
        assertThat(page.statusCode()).isEqualTo(422);
        assertThat(Browser.status(page)).isEqualTo("Another phone is not a telephone number.");
        Map<String, String> form = typed(newCard());
        form.remove("name.family");
        assertThat(Browser.status(browser.post("/register", form))).isEqualTo("Family name is required.");
    }

    @Test
    void newCardFindsThePatronAndTheOldOneIsMarked() {
        String card = registered();
        String next = newCard();
        HttpResponse<String> page = browser.post("/replace-card", with(changing(card), "card", next, "reason", "lost"));
        assertThat(Browser.status(page)).startsWith("The card is replaced");
        assertThat(find(next).body()).contains("Ada Quill").doesNotContain("Inactive card");
        assertThat(find(card).body()).contains("Ada Quill", "Inactive card");
    }

    @Test
    void yesOrNoIsTakenDown() {
        String card = registered();
        long from = DEMO.vault().log().reader().size();
        HttpResponse<String> page = browser.post(
                "/consent", with(changing(card), "consent", "newsletter", "given", "yes", "policy", posted()));
        assertThat(Browser.status(page)).isEqualTo("Recorded, and logged: the patron said yes.");
        assertThat(since(from)).anySatisfy(event -> {
            assertThat(event.act()).isEqualTo(ActKind.CONSENT);
            assertThat(event.outcome()).isEqualTo(Outcome.WRITTEN);
            assertThat(event.about()).contains("newsletter-given");
        });
    }

    private static void addVendor(String name) {
        DEMO.vault()
                .access()
                .clients()
                .add(
                        Approvals.Requester.alone(ServedVault.ADMIN),
                        name,
                        new ClientGrant(
                                Set.of("entitlement"), Set.of(), Set.of(), OptionalInt.of(10), "", Optional.empty()));
    }

    private static String subject(String vendor, String card) {
        return DEMO.vault()
                .privacy()
                .entitlements()
                .check(
                        OpenVault.client(vendor, "entitlement"),
                        new Entitlements.Check(card, Optional.empty(), "ebooks"),
                        Optional.empty())
                .subject()
                .orElseThrow();
    }

    @Test
    void vendorThatIsChosenForgetsThePatronAndNoOther() {
        addVendor("films-vendor");
        addVendor("books-vendor");
        String card = registered();
        List<String> before = List.of(subject("films-vendor", card), subject("books-vendor", card));
        Map<String, String> form = changing(card);
        long from = DEMO.vault().log().reader().size();
        HttpResponse<String> page = browser.post("/forget", with(form, "vendor", "films-vendor"));
        assertThat(Browser.status(page))
                .isEqualTo("Done, and logged without the vendor: the patron is somebody new there.");
        assertThat(page.body()).doesNotContain("films-vendor");
        assertThat(subject("films-vendor", card)).isNotEqualTo(before.get(0));
        assertThat(subject("books-vendor", card)).isEqualTo(before.get(1));
        assertThat(since(from)).anySatisfy(event -> {
            assertThat(event.act()).isEqualTo(ActKind.FORGET);
            assertThat(event.outcome()).isEqualTo(Outcome.WRITTEN);
            assertThat(event.about()).isEmpty();
        });
        HttpResponse<String> stale = browser.post("/forget", with(form, "vendor", "films-vendor"));
        assertThat(stale.statusCode()).isEqualTo(412);
        HttpResponse<String> none = browser.post("/forget", with(changing(card), "vendor", ""));
        assertThat(none.statusCode()).isEqualTo(422);
        assertThat(Browser.status(none)).isEqualTo("Choose the vendor first.");
        assertThat(none.body()).contains("<option value=\"films-vendor\">films-vendor</option>");
        HttpResponse<String> unknown = browser.post("/forget", with(changing(card), "vendor", "no-vendor"));
        assertThat(unknown.statusCode()).isEqualTo(404);
    }

    @Test
    void nothingIsTakenDownOfWhoSaidNothing() {
        Map<String, String> form =
                with(changing(registered()), "consent", "newsletter", "given", "", "policy", posted());
        long from = DEMO.vault().log().reader().size();
        HttpResponse<String> page = browser.post("/consent", form);
        assertThat(page.statusCode()).isEqualTo(422);
        assertThat(page.body()).contains("<option value=\"\">Choose yes or no</option>");
        assertThat(since(from)).noneMatch(event -> event.outcome() == Outcome.WRITTEN);
    }

    private static String posted() {
        return DEMO.vault().access().policyVersions().current().orElseThrow().version();
    }

    @Test
    void whoMayNotRegisterIsRefusedAndThatIsLogged() {
        browser.signIn("officer", DemoHome.passwordOf("officer"));
        long from = DEMO.vault().log().reader().size();
        HttpResponse<String> page = browser.get("/register");
        assertThat(page.statusCode()).isEqualTo(403);
        assertThat(page.body()).doesNotContain("name=\"agrees\"");
        assertThat(since(from)).anySatisfy(event -> {
            assertThat(event.act()).isEqualTo(ActKind.REGISTER);
            assertThat(event.outcome()).isEqualTo(Outcome.REFUSED);
        });
        assertThat(browser.get("/").body()).doesNotContain("href=\"/register\"");
    }

    @Test
    void officerIsHereShowsTheScriptAndNothingOfAnybody() {
        find(DemoHome.someCard());
        HttpResponse<String> page = browser.post("/officer", Map.of());
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body())
                .contains("Library records are confidential by law", "Clause P10", "Case <code>")
                .doesNotContain("name=\"patron\"", "Reveal");
    }

    @Test
    void onlyPartsOfThePageAreSentToABrowserThatHasIt() {
        String token = browser.hidden("csrf").orElseThrow();
        HttpResponse<String> part = browser.send(
                browser.form("/find", Map.of("csrf", token, "q", DemoHome.someCard(), "purpose", "account-service"))
                        .header("Sec-Fetch-Site", "same-origin")
                        .header("HX-Request", "true"));
        assertThat(part.body()).contains("Reveal phone", "hx-swap-oob=\"true\"").doesNotContain("<html", "id=\"q\"");
        assertThat(part.body().length()).as("bytes a lookup").isLessThan(5_000);
        for (String path : List.of("/find", "/stored")) {
            HttpResponse<String> ended = DEMO.browser()
                    .send(browser.form(path, Map.of("csrf", "x"))
                            .setHeader("Cookie", "vault=pvs_none")
                            .header("Sec-Fetch-Site", "same-origin")
                            .header("HX-Request", "true"));
            assertThat(ended.headers().firstValue("HX-Redirect")).as(path).contains("/");
            assertThat(ended.body()).as("no other page in a part of this one").isEmpty();
        }
    }

    @Test
    void pageOfAnEarlierSessionIsLoadedAnewThoughAPartOfItWasAskedFor() {
        for (String path : List.of("/find", "/stored", "/log/verify")) {
            HttpResponse<String> stale = browser.send(browser.form(path, Map.of("csrf", "of-another-session"))
                    .header("Sec-Fetch-Site", "same-origin")
                    .header("HX-Request", "true"));
            assertThat(stale.headers().firstValue("HX-Redirect")).as(path).contains("/");
            assertThat(stale.body()).as(path).isEmpty();
        }
    }

    @Test
    void pageIsSmallAndItsFilesAreSentCompressed() {
        long bytes = browser.get("/").body().length();
        for (String file : List.of("vault.css", "htmx.min.js", "idle.js", "desk.js")) {
            HttpResponse<String> answer =
                    browser.send(browser.request("/static/" + file).header("Accept-Encoding", "gzip"));
            assertThat(answer.headers().firstValue("Content-Encoding")).as(file).contains("gzip");
            bytes += answer.headers()
                    .firstValueAsLong("Content-Length")
                    .orElse(answer.body().length());
        }
        assertThat(bytes).as("bytes of a first load").isLessThan(60_000);
        HttpResponse<String> page = browser.send(browser.request("/").header("Accept-Encoding", "gzip"));
        assertThat(page.headers().firstValue("Content-Encoding"))
                .as("what differs by person")
                .isEmpty();
    }
}
