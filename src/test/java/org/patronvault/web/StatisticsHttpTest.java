package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.app.Service;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/** Tests of statistics over HTTP and in a browser (P4). */
class StatisticsHttpTest {
    private static ServedVault served;
    private static WebServer server;
    private static String director;

    @BeforeAll
    static void registerThirty() {
        served = new ServedVault();
        served.staff("dora", "director");
        served.staff("kim", "circulation");
        served.vault().patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(30), false, n -> {});
        director = token("dora");
        server = WebServer.start(
                Service.partsOf(served.vault().vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.empty(), Proxies.NONE));
    }

    @AfterAll
    static void close() {
        server.close();
        served.close();
    }

    private static String token(String name) {
        return served.post("/v1/sessions", ServedVault.credentials(name, ServedVault.PASSWORD))
                .json()
                .path("token")
                .asText();
    }

    @Test
    void tableIsJsonOrASpreadsheet() {
        JsonNode table = served.call("GET", "/v1/statistics?by=library,category", director)
                .json();
        assertThat(table.path("cells")).hasSize(4);
        assertThat(table.at("/cells/0")).hasToString("{\"library\":\"NC\",\"category\":\"adult\",\"count\":30}");
        assertThat(table.at("/cells/1/suppressed").asBoolean()).isTrue();
        ServedVault.Answer csv = served.call(
                "GET", "/v1/statistics?by=status", director, JsonNodeFactory.instance.objectNode(), "text/csv");
        assertThat(csv.http().body()).isEqualTo("status,count,suppressed\r\nactive,30,false\r\nblocked,,true\r\n");
    }

    /** A client that is generated names every form there is, the first one first. */
    @Test
    void formIsTheOneThatTheCallerPrefers() {
        Map<String, String> forms = Map.of(
                "*/*", "application/json",
                "application/json, text/csv, application/problem+json", "application/json",
                "text/csv, application/json", "text/csv",
                "application/json;q=0.5, text/csv;q=0.9", "text/csv",
                "text/csv;q=0, */*", "application/json",
                "text/csv; charset=utf-8", "text/csv",
                ";;q=,\"", "application/json");
        forms.forEach((accept, form) -> {
            ServedVault.Answer answer = served.call(
                    "GET", "/v1/statistics?by=status", director, JsonNodeFactory.instance.objectNode(), accept);
            assertThat(answer.http().headers().firstValue("Content-Type"))
                    .as(accept)
                    .hasValueSatisfying(type -> assertThat(type).startsWith(form));
        });
    }

    @Test
    void unknownDimensionIsRefusedWithoutItsName() {
        ServedVault.Answer answer = served.call("GET", "/v1/statistics?by=library,zyzzyva", director);
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.http().body())
                .contains("library, category, status, month")
                .doesNotContain("zyzzyva");
        assertThat(served.call("GET", "/v1/statistics?by=zyzzyva", token("kim")).status())
                .as("the policy is asked first")
                .isEqualTo(403);
    }

    @Test
    void directorSeesATableWithBarsAndAClerkOneSentence() {
        Browser browser = new Browser(server.port());
        assertThat(browser.get("/statistics").statusCode()).isEqualTo(303);
        browser.signIn("dora", ServedVault.PASSWORD);
        HttpResponse<String> page = browser.get("/statistics?by=library&by=category");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body())
                .contains("<th scope=\"row\">NC</th>", ">30</td>", "<rect width=\"100%\"", "not told")
                .contains("value=\"library\" checked", "value=\"status\">")
                .contains("href=\"/statistics\"");
        Browser clerk = new Browser(server.port());
        clerk.signIn("kim", ServedVault.PASSWORD);
        HttpResponse<String> refused = clerk.get("/statistics");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body())
                .contains("The policy does not let this role count patrons.")
                .doesNotContain("href=\"/statistics\"");
    }
}
