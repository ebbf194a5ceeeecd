package org.patronvault.web.page.custody;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.zxing.ReaderException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.app.Service;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.ShareCards;
import org.patronvault.web.Browser;
import org.patronvault.web.ServedVault;
import org.patronvault.web.WebServer;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.page.QrCodeTest;

/** Tests of the page that reprints a worn key card. */
class CardPageTest {
    private static final String PATH = "/custody/card";

    private ServedVault served;
    private WebServer server;
    private List<String> cards;

    @BeforeEach
    void openARoomForACustodian() {
        served = new ServedVault();
        served.staff("cora", "custodian");
        served.staff("dora", "director");
        cards = ShareCards.addTo(served.vault().vault(), 5, 3);
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
        browser.get("/custody");
        return browser;
    }

    private HttpResponse<String> typed(Browser browser, String words) {
        browser.get(PATH);
        return browser.post(PATH, Map.of("share", words));
    }

    private AccessEvent last() {
        return served.vault().logSince(served.vault().logSize() - 1).get(0);
    }

    @Test
    void cardOfTheTypedWordsIsTheAnswerAndThatItWasPrintedIsInTheLog() throws ReaderException {
        Browser cora = signedIn("cora");
        assertThat(cora.get("/custody").body()).contains("href=\"/custody/card\"");
        HttpResponse<String> page = typed(cora, "1. " + cards.get(3).toUpperCase(java.util.Locale.ROOT));
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(page.body())
                .contains("<h1>Share 4 of 5</h1>", "Any 3 of the 5 open the vault.")
                .contains("href=\"/static/share-card.css\"")
                .doesNotContain("<style", "<script", "style=");
        String code =
                page.body().substring(page.body().indexOf("<svg"), page.body().indexOf("</svg>"));
        assertThat(QrCodeTest.read(code)).isEqualTo(cards.get(3));
        assertThat(last().act()).isEqualTo(ActKind.SLOT);
        assertThat(last().outcome()).isEqualTo(Outcome.KEY);
        assertThat(last().about()).contains("slot-2-card-4");
        assertThat(last().actor().name()).isEqualTo("cora");
    }

    @Test
    void nothingOfTheCardIsShownAgain() {
        Browser cora = signedIn("cora");
        typed(cora, cards.get(0));
        String words = cards.get(0).substring(0, 20);
        assertThat(cora.get(PATH).body()).doesNotContain(words, "<svg");
        assertThat(cora.get(PATH + "?share=" + cards.get(0).replace(' ', '+')).body())
                .doesNotContain(words, "<svg");
        assertThat(served.vault().logSince(0).toString()).doesNotContain(words);
    }

    @Test
    void mistypedWordIsNamedByItsPlaceAndNothingTypedIsShown() {
        Browser cora = signedIn("cora");
        String[] words = cards.get(0).split(" ");
        words[6] = words[6].equals("abacus") ? "accent" : "abacus";
        HttpResponse<String> page = typed(cora, String.join(" ", words));
        assertThat(page.statusCode()).isEqualTo(422);
        assertThat(Browser.status(page)).isEqualTo("Word 7 is not the one on the card; look at it again.");
        assertThat(page.body()).doesNotContain(words[0] + " " + words[1], "<svg");
        assertThat(last().outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(Browser.status(typed(cora, "<b>nonsense"))).startsWith("Word 1 is not in the list");
        assertThat(Browser.status(typed(cora, " "))).isEqualTo("Type the words of a card.");
    }

    @Test
    void shareOfAnotherVaultIsRefusedInASentence() {
        try (OpenVault other = OpenVault.onSqlite()) {
            HttpResponse<String> page = typed(
                    signedIn("cora"), ShareCards.addTo(other.vault(), 3, 2).get(0));
            assertThat(page.statusCode()).isEqualTo(422);
            assertThat(Browser.status(page)).startsWith("That share is of another set");
            assertThat(page.body()).doesNotContain("<svg");
        }
        assertThat(last().act()).isEqualTo(ActKind.SLOT);
        assertThat(last().outcome()).isEqualTo(Outcome.REFUSED);
    }

    @Test
    void whoMayNotLookAfterKeysAndWhatCameFromElsewhereGetNoCard() {
        Browser dora = signedIn("dora");
        assertThat(dora.get(PATH).statusCode()).isEqualTo(403);
        assertThat(last().act()).isEqualTo(ActKind.SLOT);
        HttpResponse<String> page = dora.post(PATH, Map.of("share", cards.get(0)));
        assertThat(page.statusCode()).isEqualTo(403);
        assertThat(page.body()).doesNotContain("<textarea", "<svg width");
        Browser cora = signedIn("cora");
        long from = served.vault().logSize();
        assertThat(cora.post(PATH, Map.of("csrf", "x", "share", cards.get(0))).statusCode())
                .isEqualTo(403);
        HttpResponse<String> foreign = cora.send(cora.form(PATH, Map.of("share", cards.get(0)))
                .header("Sec-Fetch-Site", "cross-site")
                .header("Origin", "https://example.org"));
        assertThat(foreign.statusCode()).isEqualTo(403);
        assertThat(served.vault().logSince(from)).noneMatch(event -> event.outcome() == Outcome.KEY);
        assertThat(new Browser(server.port()).get(PATH).statusCode()).isEqualTo(303);
    }

    @Test
    void withoutASlotOfSharesThereIsNothingToType() {
        try (ServedVault without = new ServedVault()) {
            without.staff("cora", "custodian");
            try (WebServer plain = WebServer.start(
                    Service.partsOf(without.vault().vault()),
                    new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.empty(), Proxies.NONE))) {
                Browser cora = new Browser(plain.port());
                cora.signIn("cora", ServedVault.PASSWORD);
                assertThat(cora.get("/custody").body()).doesNotContain(PATH);
                assertThat(cora.get(PATH).body())
                        .contains("No slot of this vault opens by cards.")
                        .doesNotContain("<textarea");
            }
        }
    }
}
