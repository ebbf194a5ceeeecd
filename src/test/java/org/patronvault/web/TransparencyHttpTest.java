package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.app.Service;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.PatronId;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/** Tests of the public page of a year. */
class TransparencyHttpTest {
    private OpenVault vault;
    private WebServer server;
    private Browser anybody;

    @BeforeEach
    void openTwelveTimes() {
        vault = OpenVault.onSqlite();
        PatronId patron = vault.register("'card':'T1','name':{'family':'Glass'}");
        for (int i = 0; i < 12; i++) {
            vault.reveal(patron);
        }
        for (int i = 0; i < 12; i++) {
            vault.vault()
                    .privacy()
                    .disclosures()
                    .cases()
                    .open(OpenVault.person("page"), true, Map::of, Optional::empty, AuditLog.newRequest());
        }
        vault.clock().advance(Duration.ofDays(10));
        vault.vault().privacy().transparency().settle();
        server = WebServer.start(
                Service.partsOf(vault.vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.of(0), Proxies.NONE));
        anybody = new Browser(server.publicPort().orElseThrow());
    }

    @AfterEach
    void close() {
        server.close();
        vault.close();
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return new ServedVault.Answer(answer).json();
    }

    private HttpResponse<String> asJson() {
        return anybody.send(anybody.request("/transparency").header("Accept", "application/json"));
    }

    @Test
    void everybodyReadsItAndNothingIsLogged() {
        long size = vault.logSize();
        HttpResponse<String> page = anybody.get("/transparency");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body())
                .contains(">12</td>", "fewer than 10", "<th scope=\"row\">November 2026</th>", "Version 2018-05")
                .contains(
                        "<dt>Received</dt><dd>12</dd>",
                        "<dt>Refused</dt><dd>fewer than 10</dd>",
                        "A request of which a court forbids to speak is not counted")
                .doesNotContain("Signed in", "account-service", "Glass");
        JsonNode answer = json(anybody.get("/v1/transparency?year=2026"));
        assertThat(answer.at("/months/0/opened/count").asInt()).isEqualTo(12);
        assertThat(page.body())
                .contains(answer.path("checkpoint").asText().lines().findFirst().orElseThrow());
        assertThat(json(asJson())).isEqualTo(answer);
        assertThat(vault.logSize()).isEqualTo(size);
    }

    @Test
    void yearThatIsNoneIsRefusedWithoutBeingRepeated() {
        assertThat(new ServedVault.Answer(anybody.get("/v1/transparency?year=zyzzyva")).refusal())
                .isEqualTo("422 invalid");
        assertThat(new ServedVault.Answer(anybody.get("/v1/transparency?year=1999")).refusal())
                .isEqualTo("404 not-found");
        HttpResponse<String> page = anybody.get("/transparency?year=zyzzyva");
        assertThat(page.statusCode()).isEqualTo(422);
        assertThat(page.body()).contains("four digits").doesNotContain("zyzzyva", "November 2026");
        assertThat(anybody.get("/transparency?year=1999").statusCode()).isEqualTo(404);
    }

    @Test
    void sealedItSaysSoAndTellsNothing() {
        vault.vault().seal().seal(OpenVault.person("custodian"), AuditLog.newRequest());
        assertThat(new ServedVault.Answer(anybody.get("/v1/transparency")).refusal())
                .isEqualTo("503 sealed");
        HttpResponse<String> page = anybody.get("/transparency");
        assertThat(page.statusCode()).isEqualTo(503);
        assertThat(page.headers().firstValue("Retry-After")).isPresent();
        assertThat(page.body()).contains("sealed").doesNotContain("November 2026", "fewer than");
        assertThat(new ServedVault.Answer(asJson()).refusal()).isEqualTo("503 sealed");
    }
}
