package org.patronvault.web.page.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.app.Service;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.ShareCards;
import org.patronvault.web.Browser;
import org.patronvault.web.WebServer;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/** Tests of the page for shares, in the browsers of several people. */
class UnsealPageTest {
    private OpenVault vault;
    private WebServer server;
    private List<String> cards;

    @BeforeEach
    void sealAVaultThatTwoOfThreeSharesOpen() {
        vault = OpenVault.onSqlite();
        cards = ShareCards.addTo(vault.vault(), 3, 2);
        vault.vault().seal().seal(OpenVault.person("custodian"), new byte[16]);
        server = WebServer.start(
                Service.partsOf(vault.vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.empty(), Proxies.NONE));
    }

    @AfterEach
    void stop() {
        server.close();
        vault.close();
    }

    private Browser browser() {
        return new Browser(server.port());
    }

    @Test
    void anothersShareShowsWithoutReloadAndTheLastOneEndsThePage() {
        Browser first = browser();
        Browser second = browser();
        assertThat(first.get("/").body()).contains("href=\"/unseal\"");
        assertThat(first.get("/unseal").body()).contains("hx-get=\"/unseal/progress?have=0\"", "0 of 2");
        assertThat(first.get("/unseal/progress?have=0").statusCode()).isEqualTo(204);

        assertThat(Browser.status(second.post("/unseal", Map.of("share", cards.get(0)))))
                .isEqualTo("That share is right.");
        HttpResponse<String> part = first.get("/unseal/progress?have=0");
        assertThat(part.statusCode()).isEqualTo(200);
        assertThat(part.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(part.body())
                .contains("hx-get=\"/unseal/progress?have=1\"", "value=\"1\"")
                .contains("<div id=\"status\" hx-swap-oob=\"innerHTML\">1 of 2 shares are here.</div>")
                .doesNotContain("<html", cards.get(0).substring(0, 12));

        assertThat(Browser.status(second.post("/unseal", Map.of("share", cards.get(2)))))
                .isEqualTo("The vault is open.");
        assertThat(first.get("/unseal/progress?have=1").headers().firstValue("HX-Redirect"))
                .contains("/unseal");
        assertThat(first.get("/unseal").body()).contains("The vault is open").doesNotContain("htmx");
    }

    @Test
    void wrongShareIsOneSentenceAndNothingTypedIsShownAgain() {
        Browser browser = browser();
        HttpResponse<String> page = browser.post("/unseal", Map.of("share", "<script>alert(1)</script>"));
        assertThat(page.statusCode()).isEqualTo(422);
        assertThat(page.body()).doesNotContain("alert(1)").contains("0 of 2");
        assertThat(Browser.status(browser.post("/unseal", Map.of("share", " "))))
                .isEqualTo("Type the words of a share, or the passphrase.");
        for (String odd : new String[] {"", "?have=", "?have=-1", "?have=%3Cb%3E"}) {
            assertThat(browser.get("/unseal/progress" + odd).body())
                    .contains("0 of 2")
                    .doesNotContain("<b>");
        }
        HttpResponse<String> foreign = browser.send(browser.form("/unseal", Map.of("share", cards.get(0)))
                .header("Sec-Fetch-Site", "cross-site")
                .header("Origin", "https://example.org"));
        assertThat(foreign.statusCode()).isEqualTo(403);
        assertThat(foreign.body()).contains("0 of 2");
    }

    @Test
    void afterSeveralWrongPassphrasesANetworkWaitsAndWhoIsAtTheMachineDoesNot() {
        Browser browser = browser();
        Map<String, String> wrong = Map.of("passphrase", "none of the vault's");
        for (int n = 0; n < 3; n++) {
            assertThat(browser.post("/unseal", wrong).statusCode()).isEqualTo(422);
        }
        HttpResponse<String> page = browser.post("/unseal", wrong);
        assertThat(page.statusCode()).isEqualTo(429);
        assertThat(page.headers().firstValueAsLong("Retry-After").orElse(0)).isBetween(1L, 61L);
        assertThat(Browser.status(page)).contains("wait");
        // Checking a share is cheap, so it waits for no turn.
        assertThat(Browser.status(browser.post("/unseal", Map.of("share", cards.get(0)))))
                .isEqualTo("That share is right.");
        assertThatThrownBy(() -> vault.vault().seal().offer(new byte[20]))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.SHARE_REFUSED));
    }
}
