package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.patronvault.app.Service;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/** Tests of remote monitoring while no key can be verified: it learns that the vault is sealed, and not down. */
final class SealedMetricsTest {
    private final OpenVault vault = OpenVault.onSqlite();

    /** Behind a proxy no client counts as local. */
    private final WebServer server = WebServer.start(
            Service.partsOf(vault.vault()),
            new WebSettings(
                    "127.0.0.1", 0, Optional.empty(), false, OptionalInt.empty(), new Proxies(List.of("10.0.0.0/8"))));

    private final Browser browser = new Browser(server.port());

    @AfterEach
    void close() {
        server.close();
        vault.close();
    }

    private HttpResponse<String> scrape(String... headers) {
        HttpRequest.Builder scrape = browser.request("/metrics").header("Accept", "application/openmetrics-text");
        if (headers.length > 0) {
            scrape.headers(headers);
        }
        return browser.send(scrape.GET());
    }

    @Test
    void whoBringsAKeyWhileItIsSealedIsToldThatAndNothingElse() {
        vault.vault().custody().seal();
        HttpResponse<String> told = scrape("Authorization", "Bearer pvk_any");
        assertThat(told.statusCode()).isEqualTo(200);
        OpenMetrics metrics = OpenMetrics.parse(told.body(), true);
        assertThat(metrics.names()).containsExactly("vault_sealed");
        assertThat(metrics.value("vault_sealed", Map.of())).isEqualTo(1);
    }

    @Test
    void whoBringsNoneIsToldNothingAndNorIsAWrongOneOnceItIsOpen() {
        assertThat(scrape("Authorization", "Bearer pvk_any").statusCode()).isEqualTo(401);
        vault.vault().custody().seal();
        assertThat(scrape().statusCode()).isEqualTo(401);
    }
}
