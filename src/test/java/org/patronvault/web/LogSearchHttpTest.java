package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.web.ServedVault.Answer;

/** Tests of log searches over HTTP: visits, files, and patrons' access reports. */
class LogSearchHttpTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static ServedVault served;
    private static String clerk;
    private static String officer;
    private static String ann;
    private static String bob;

    @BeforeAll
    static void lookAround() {
        served = new ServedVault();
        served.staff("kim", "circulation");
        served.staff("officer", "privacy-officer");
        clerk = signIn("kim");
        officer = signIn("officer");
        ann = served.vault()
                .register("'card':'ANN1','name':{'family':'Ames','given':'Ann'},'phone':['203-555-0101']")
                .toString();
        bob = served.vault().register("'card':'BOB1','name':{'family':'Bell'}").toString();
        look(ann);
        served.advance(Duration.ofMinutes(20));
        reveal(bob, "phone");
        reveal(ann, "address");
        served.call("POST", "/v1/patrons/" + ann + "/reveal", officer, reveal("name"));
    }

    @AfterAll
    static void close() {
        served.close();
    }

    private static String signIn(String name) {
        return served.post("/v1/sessions", ServedVault.credentials(name, ServedVault.PASSWORD))
                .json()
                .path("token")
                .asText();
    }

    private static ObjectNode object() {
        return JSON.createObjectNode();
    }

    private static ObjectNode reveal(String field) {
        ObjectNode body = object().put("purpose", "account-service");
        body.putArray("fields").add(field);
        return body;
    }

    private static void reveal(String patron, String field) {
        assertThat(served.call("POST", "/v1/patrons/" + patron + "/reveal", clerk, reveal(field))
                        .status())
                .isEqualTo(200);
    }

    /** A visit of three acts. */
    private static void look(String patron) {
        ObjectNode search = object().put("q", "ANN1").put("purpose", "account-service");
        assertThat(served.call("POST", "/v1/patrons/search", clerk, search).status())
                .isEqualTo(200);
        reveal(patron, "phone");
        reveal(patron, "email");
    }

    private static Answer search(String token, ObjectNode query) {
        return served.call("POST", "/v1/log/search", token, query);
    }

    private static Answer file(ObjectNode query, String mediaType) {
        return served.call("POST", "/v1/log/search", officer, query, mediaType);
    }

    @Test
    void deskVisitIsOneLineThatHasItsEntries() {
        JsonNode visits = search(
                        officer, object().put("patron", ann).put("actor", "kim").put("purpose", "account-service"))
                .json()
                .path("visits");
        assertThat(visits).hasSize(2);
        assertThat(visits.get(0).path("fields")).extracting(JsonNode::asText).containsExactly("address");
        JsonNode first = visits.get(1);
        assertThat(first.path("entries")).hasSize(3);
        assertThat(first.path("visit")).isEqualTo(first.at("/entries/0/index"));
        assertThat(first.path("fields")).extracting(JsonNode::asText).containsExactly("card", "name", "phone", "email");
        assertThat(first.path("patrons")).extracting(JsonNode::asText).containsExactly(ann);
        assertThat(first.path("outcomes")).extracting(JsonNode::asText).containsExactly("disclosed");
    }

    @Test
    void readingIsInTheLogUnderThePatronBeforeItIsAnswered() {
        long entry = search(officer, object().put("patron", bob))
                .json()
                .path("entry")
                .asLong();
        JsonNode again = search(
                        officer,
                        object().put("patron", bob).put("act", "accesses").put("outcome", "searched"))
                .json()
                .at("/visits/0/entries");
        assertThat(again).anySatisfy(one -> {
            assertThat(one.path("index").asLong()).isEqualTo(entry);
            assertThat(one.path("actor").asText()).isEqualTo("officer");
        });
    }

    @Test
    void whoMayNotReadTheLogLearnsNothingAndIsInIt() {
        Answer refused = search(clerk, object().put("patron", ann));
        assertThat(refused.refusal()).isEqualTo("403 not-allowed");
        assertThat(search(clerk, object().put("since", "never")).refusal()).isEqualTo("403 not-allowed");
        assertThat(file(object().put("actor", "kim").put("act", "accesses").put("outcome", "refused"), "text/csv")
                        .http()
                        .body())
                .contains(ann);
        assertThat(search(officer, object().put("since", "never")).refusal()).isEqualTo("422 invalid");
        assertThat(search(officer, object().put("who", "kim")).refusal()).isEqualTo("422 invalid");
        assertThat(search(officer, object().put("before", -1)).refusal()).isEqualTo("422 invalid");
        assertThat(search(officer, object().put("limit", 1_001)).refusal()).isEqualTo("422 invalid");
    }

    @Test
    void triesThatCannotBeReadAreLoggedUnderTheirPatronToo() {
        ObjectNode wrong = object().put("patron", bob).put("since", "rubbish");
        assertThat(search(officer, wrong).refusal()).isEqualTo("422 invalid");
        assertThat(search(clerk, wrong).refusal()).isEqualTo("403 not-allowed");
        JsonNode visits = search(officer, object().put("patron", bob).put("outcome", "refused"))
                .json()
                .path("visits");
        assertThat(visits).hasSize(2);
        assertThat(visits.findValuesAsText("reason")).containsExactlyInAnyOrder("invalid", "not-allowed");
    }

    @Test
    void answerGoesOnWhereTheOneBeforeEnded() {
        List<Long> all = new ArrayList<>();
        ObjectNode query = object().put("actor", "kim").put("limit", 2);
        while (true) {
            JsonNode answer = search(officer, query).json();
            answer.path("visits")
                    .forEach(visit -> visit.path("entries")
                            .forEach(entry -> all.add(entry.path("index").asLong())));
            if (!answer.has("next")) {
                break;
            }
            query.put("before", answer.path("next").asLong());
        }
        List<String> lines = file(object().put("actor", "kim"), "application/jsonl")
                .http()
                .body()
                .lines()
                .toList();
        assertThat(all).doesNotHaveDuplicates().hasSize(lines.size() - 1);
        assertThat(lines.get(all.size())).isEqualTo("{\"end\":true,\"entries\":" + all.size() + "}");
    }

    @Test
    void fileHasEveryEntryWithItsVisit() throws IOException {
        Answer answer = file(object().put("patron", ann).put("actor", "kim"), "application/jsonl");
        assertThat(answer.http().headers().firstValue("Content-Type")).hasValue("application/jsonl");
        assertThat(answer.http().headers().firstValue("Vault-Entry")).isPresent();
        List<JsonNode> lines = new ArrayList<>();
        for (String line : answer.http().body().lines().toList()) {
            lines.add(JSON.readTree(line));
        }
        assertThat(lines).hasSizeGreaterThanOrEqualTo(4);
        assertThat(lines.subList(0, 3))
                .extracting(line -> line.path("visit").asLong())
                .containsOnly(lines.get(0).path("index").asLong());

        List<String> csv = file(object().put("patron", ann).put("actor", "kim"), "text/csv")
                .http()
                .body()
                .lines()
                .toList();
        assertThat(csv.get(0)).startsWith("index,time,visit,actor,role");
        assertThat(csv).hasSizeGreaterThanOrEqualTo(lines.size() + 1);
        assertThat(csv.get(csv.size() - 1)).startsWith("end," + (csv.size() - 2) + ",,");
        assertThat(csv.get(1)).contains(",kim,circulation,NC,search,account-service," + ann + ",card name,");
    }

    @Test
    void patronIsToldInPlainWordsAndNoMemberOfStaffIsNamed() {
        Answer answer = served.call("GET", "/v1/patrons/" + ann + "/accesses/report", officer);
        JsonNode visits = answer.json().path("visits");
        JsonNode visit = visits.get(1);
        assertThat(visit.path("who").asText()).isEqualTo("The circulation desk");
        assertThat(visit.path("why").asText()).isEqualTo("Service for your account");
        assertThat(visit.path("what"))
                .extracting(JsonNode::asText)
                .containsExactly(
                        "Found you in a search, and saw your name and card number or its last four.",
                        "Saw your telephone number.",
                        "Saw your e-mail address.");
        assertThat(visits).anySatisfy(one -> {
            assertThat(one.path("who").asText()).isEqualTo("The privacy officer");
            assertThat(one.path("what").get(0).asText()).isEqualTo("Tried to see your name, and was refused.");
        });
        assertThat(answer.http().body()).doesNotContain("kim").doesNotContain("carry");
        assertThat(served.call("GET", "/v1/patrons/" + ann + "/accesses/report", clerk)
                        .refusal())
                .isEqualTo("403 not-allowed");
    }

    @Test
    void reportIsAPageToPrintToo() {
        Answer page = served.call("GET", "/v1/patrons/" + ann + "/accesses/report", officer, object(), "text/html");
        assertThat(page.http().headers().firstValue("Content-Type").orElseThrow())
                .startsWith("text/html");
        assertThat(page.http().headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(page.http().body())
                .contains("Who looked at your library record")
                .contains("Saw your telephone number.")
                .contains("href=\"/static/report.css\"")
                .doesNotContain("<style")
                .doesNotContain("kim");
        assertThat(served.call("GET", "/static/report.css", "").status()).isEqualTo(200);
    }
}
