package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.app.Service;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/** Tests of the desk for a role with masked values, and fields by purpose. */
final class MaskedDeskTest {
    private static final String PASSWORD = "a quiet reading room";
    private static final String SHIPPED = """
                may: [search, reveal, verify, register, change, replace-card, consent]
                purposes: [checkout, account-service, registration, hold-notice, overdue-notice, patron-request]
                opens:
                  account-service: [card, name, phone, email, address]
                  registration: [card, name, phone, email, address]
                  patron-request: [card, name, phone, email, address]
                  checkout: [card, name]
                  hold-notice: [name, phone, email]
                  overdue-notice: [name, phone, email, address]
                results: [name, card: last-four]
              supervisor:
            """;
    private static final String MASKED = """
                may: [search, reveal, verify, register, change, replace-card, consent]
                purposes: [account-service, hold-notice]
                opens: {account-service: [card, name, phone, email, address], hold-notice: [phone]}
                results: [name]
                searches: [card]
                masks: {phone: last-four, email: domain, address: locality, name: initials}
              supervisor:
            """;

    private static OpenVault vault;
    private static WebServer server;

    @BeforeAll
    static void start() {
        String shipped = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);
        assertThat(shipped).contains(SHIPPED);
        vault = OpenVault.under(shipped.replace(SHIPPED, MASKED));
        vault.employ("clerk", PASSWORD, "circulation");
        vault.register("'card':'MASK001234','name':{'family':'Sullivan','given':'Katherine'},'address':{'line1':"
                + "'1437 South Elm St','city':'New Canaan','region':'CT','postalCode':'06840'},"
                + "'phone':['203-555-0143'],'email':['kat@example.org']");
        server = WebServer.start(
                Service.partsOf(vault.vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.empty(), Proxies.NONE));
    }

    @AfterAll
    static void stop() {
        server.close();
        vault.close();
    }

    private static Browser atTheCard() {
        Browser browser = new Browser(server.port());
        browser.signIn("clerk", PASSWORD);
        String found = browser.post("/find", Map.of("q", "MASK001234", "purpose", "account-service"))
                .body();
        assertThat(found).contains("S.").doesNotContain("Sullivan", "Katherine");
        return browser;
    }

    private static HttpResponse<String> reveal(Browser browser, String field, String purpose) {
        String patron = browser.hidden("patron").orElseThrow();
        return browser.post("/reveal", Map.of("purpose", purpose, "patron", patron, "field", field));
    }

    @Test
    void revealedValuesAreShownMasked() {
        Browser browser = atTheCard();
        assertThat(reveal(browser, "phone", "account-service").body())
                .contains("…0143", "K. S.")
                .doesNotContain("5550143", "555-0143", "Sullivan");
        assertThat(reveal(browser, "email", "account-service").body())
                .contains("…@example.org")
                .doesNotContain("kat@");
        assertThat(reveal(browser, "address", "account-service").body())
                .contains("New Canaan, CT 06840")
                .doesNotContain("Elm");
        assertThat(reveal(browser, "card", "account-service").body()).contains("MASK001234");
    }

    @Test
    void fieldIsRevealedForAPurposeForWhichTheNameIsNot() {
        Browser browser = atTheCard();
        HttpResponse<String> page = reveal(browser, "phone", "hold-notice");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).contains("…0143").doesNotContain("K. S.");
        assertThat(reveal(browser, "email", "hold-notice").statusCode()).isEqualTo(403);
    }
}
