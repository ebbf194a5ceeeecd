package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Year;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronId;
import org.patronvault.log.report.AlertQueue;
import org.patronvault.privacy.disclosure.CaseCounts;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.OpenVault;

/** Tests that a case under a court's gag order is known to the director and counsel alone (P10). */
class GagTest {
    private static final List<String> TOLD =
            List.of(ServedCases.DIRECTOR, ServedCases.OTHER_DIRECTOR, ServedCases.COUNSEL);
    private static final String GAG = "{'ordered':true,'reason':'18 U.S.C. 2705(b)'}";
    private static final String LIFTED = "{'ordered':false,'reason':'the order has ended'}";

    private static ServedCases served;
    private static String pem;

    private PatronId patron;
    private String path;
    private String number;

    @BeforeAll
    static void open(@TempDir Path directory) throws Exception {
        served = new ServedCases();
        pem = Files.readString(OpenSsl.certificate(directory, "police"));
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    @BeforeEach
    void gagACaseThatIsReleased() {
        served.designated(ServedCases.DESIGNEE);
        served.designated(ServedCases.DELEGATE);
        patron = somebody();
        path = approved(served, patron);
        number = path.substring(path.lastIndexOf('/') + 1);
        step(path, ServedCases.DIRECTOR, "gag", GAG);
        step(path, ServedCases.DIRECTOR, "release", ServedCases.release(pem));
    }

    private static PatronId somebody() {
        return served.vault.register("'card':'G" + served.vault.logSize() + "','name':{'family':'Doe'}");
    }

    private static String approved(ServedCases in, PatronId patron) {
        String path = in.opened();
        in.post(ServedCases.DIRECTOR, path + "/counsel", ServedCases.COUNSELLED);
        in.post(ServedCases.DIRECTOR, path + "/decision", ServedCases.decision(patron));
        in.post(ServedCases.OFFICER, path + "/approval", "{}");
        return path;
    }

    private static void step(String of, String by, String step, String body) {
        assertThat(served.post(by, of + "/" + step, body).status()).isEqualTo(200);
    }

    private static Set<String> others() {
        Set<String> others = new TreeSet<>(ServedCases.PEOPLE.keySet());
        TOLD.forEach(others::remove);
        return others;
    }

    private boolean lists(String name) {
        return served.get(name, ServedCases.DISCLOSURES).text().contains(number);
    }

    @Test
    void nobodyElseFindsItInTheListOrByItsNumber() {
        String unknown = ServedCases.DISCLOSURES + "/00000000000000aa";
        Map<String, String> steps = Map.of(
                "counsel",
                ServedCases.COUNSELLED,
                "decision",
                ServedCases.decision(patron),
                "approval",
                "{}",
                "release",
                ServedCases.release(pem),
                "notice",
                "{'given':'by letter'}",
                "gag",
                LIFTED,
                "referral",
                "{'to':'desi'}",
                "closing",
                "{}");
        for (String name : others()) {
            assertThat(lists(name)).as(name).isFalse();
            assertSame(name, served.get(name, path), served.get(name, unknown));
            steps.forEach((step, body) -> assertSame(
                    name + " " + step,
                    served.post(name, path + "/" + step, body),
                    served.post(name, unknown + "/" + step, body)));
        }
        for (String name : TOLD) {
            assertThat(lists(name)).as(name).isTrue();
            assertThat(served.get(name, path).status()).as(name).isEqualTo(200);
        }
        assertThat(served.get(ServedCases.DIRECTOR, path).json().path("state").asText())
                .isEqualTo("released");
    }

    private static void assertSame(String as, ServedCases.Answer one, ServedCases.Answer other) {
        assertThat(one.status()).as(as).isIn(403, 404);
        assertThat(one.text()).as(as).isEqualTo(other.text());
    }

    @Test
    void itIsInNoViewOfTheLogThatAnyoneElseHas() {
        // Tries of others are part of the case too.
        served.get(ServedCases.OFFICER, path);
        String officer = everyView(ServedCases.OFFICER);
        assertThat(officer).doesNotContain(number);
        assertThat(officer).as("what is not of the case is seen").contains("\"register\"");
        assertThat(everyView(ServedCases.DIRECTOR)).contains(number);
        for (String name : others()) {
            assertThat(everyView(name)).as(name).doesNotContain(number);
        }
    }

    /** Returns all that a person sees of the log, one page after the other. */
    private String everyView(String name) {
        StringBuilder all = new StringBuilder();
        long size = served.vault.logSize();
        for (long from = 0; from < size; from += 50) {
            all.append(served.get(name, "/v1/log/entries?from=" + from).text());
        }
        String record = "/v1/patrons/" + patron;
        all.append(served.get(name, record + "/accesses").text())
                .append(served.get(name, record + "/accesses/report").text())
                .append(served.post(name, record + "/package", "{'purpose':'patron-request'}")
                        .text());
        for (String query : queries()) {
            all.append(served.post(name, "/v1/log/search", query).text());
            all.append(served.post(
                            name,
                            "/v1/log/search",
                            query.substring(0, query.length() - 1) + (query.length() > 2 ? "," : "") + "'limit':1}")
                    .text());
        }
        return all.toString();
    }

    private List<String> queries() {
        return List.of(
                "{}",
                "{'case':'" + number + "'}",
                "{'patron':'" + patron + "'}",
                "{'patron':'" + patron + "','purpose':'disclosure'}",
                "{'purpose':'disclosure'}",
                "{'act':'disclosure'}",
                "{'act':'disclosure','actor':'" + ServedCases.DIRECTOR + "'}");
    }

    @Test
    void searchSaysOfItWhatItSaysOfOneThatIsNotThere() {
        String of = "{'limit':1,'case':'";
        JsonNode hidden = search(of + number + "'}");
        JsonNode unknown = search(of + "00000000000000aa'}");
        assertThat(hidden).isEqualTo(unknown);
        String handedOut = "{'limit':1,'purpose':'disclosure','patron':'";
        assertThat(search(handedOut + patron + "'}")).isEqualTo(search(handedOut + somebody() + "'}"));
    }

    /** Returns the officer's search result without the entry of the search itself. */
    private JsonNode search(String query) {
        JsonNode answer =
                served.post(ServedCases.OFFICER, "/v1/log/search", query).json();
        ((com.fasterxml.jackson.databind.node.ObjectNode) answer).remove("entry");
        return answer;
    }

    @Test
    void triesAtItAreInTheLogLikeThoseAtACaseThatNeverWas() {
        long from = served.vault.logSize();
        for (String at : List.of(path, ServedCases.DISCLOSURES + "/00000000000000aa")) {
            served.get(ServedCases.OFFICER, at);
            served.post(ServedCases.OFFICER, at + "/approval", "{}");
        }
        assertThat(tries(ServedCases.OFFICER, from)).isEmpty();
        assertThat(tries(ServedCases.DIRECTOR, from))
                .containsExactly("look false", "approval false", "look false", "approval false");
    }

    /** Returns the refusals since then in that person's view of the log, with their case if shown. */
    private static List<String> tries(String name, long from) {
        JsonNode seen = served.get(name, "/v1/log/entries?from=" + from + "&to=" + (from + 100))
                .json()
                .path("entries");
        List<String> tries = new java.util.ArrayList<>();
        seen.forEach(entry -> {
            if (entry.path("outcome").asText().equals("refused")) {
                tries.add(entry.path("about").asText() + " " + entry.has("case"));
            }
        });
        return tries;
    }

    @Test
    void receiptOfItsEntriesIsForThoseWhoAreTold() {
        long entry = entries().stream()
                .filter(one -> one.event()
                        .inCase()
                        .filter(in -> in.toString().equals(number))
                        .isPresent())
                .findFirst()
                .orElseThrow()
                .index();
        for (String role : List.of("privacy-officer", "director")) {
            Optional<String> receipt = receipt(role, entry);
            assertThat(receipt.isPresent()).as(role).isEqualTo(role.equals("director"));
        }
    }

    private Optional<String> receipt(String role, long entry) {
        try {
            return Optional.of(served.vault
                    .vault()
                    .privacy()
                    .history()
                    .receipt(OpenVault.person(role), entry, AuditLog.newRequest()));
        } catch (org.patronvault.core.model.Refused e) {
            return Optional.empty();
        }
    }

    @Test
    void noAlertOfItWaitsForOrIsMarkedByAnyoneElse() {
        long told = entries().stream()
                .filter(one -> one.event().outcome() == Outcome.ALERT)
                .filter(one -> one.event().inCase().map(Object::toString).equals(Optional.of(number)))
                .findFirst()
                .orElseThrow()
                .index();
        assertThat(waiting("director")).contains(told);
        assertThat(waiting("privacy-officer")).doesNotContain(told);
        AlertQueue queue = served.vault.vault().privacy().logOverview().alerts();
        org.assertj.core.api.Assertions.assertThatThrownBy(() ->
                        queue.mark(OpenVault.person("privacy-officer"), () -> List.of(told), AuditLog.newRequest()))
                .hasMessage("That entry of the log is no alert.");
        assertThat(queue.mark(OpenVault.person("director"), () -> List.of(told), AuditLog.newRequest()))
                .isOne();
        assertThat(lookedInto("privacy-officer")).doesNotContain(told);
    }

    private AlertQueue.Queue queue(String role) {
        return served.vault
                .vault()
                .privacy()
                .logOverview()
                .look(OpenVault.person(role), AuditLog.newRequest())
                .alerts();
    }

    private List<Long> waiting(String role) {
        return queue(role).waiting().stream().map(AlertQueue.QueuedAlert::entry).toList();
    }

    private List<Long> lookedInto(String role) {
        return queue(role).lookedInto().stream()
                .map(AlertQueue.QueuedAlert::entry)
                .toList();
    }

    /** Monitoring counts an alert, and the webhook sends it. */
    @Test
    void releaseInItTellsNobodyAndAnyOtherDoes() {
        assertThat(alerts(number)).containsExactly(Alert.CASE_OPENED.slug());
        String other = approved(served, patron);
        step(other, ServedCases.DIRECTOR, "release", ServedCases.release(pem));
        assertThat(alerts(other.substring(other.lastIndexOf('/') + 1)))
                .containsExactly(Alert.CASE_OPENED.slug(), Alert.RECORDS_RELEASED.slug());
    }

    private List<String> alerts(String of) {
        return entries().stream()
                .map(LogReader.Entry::event)
                .filter(event -> event.outcome() == Outcome.ALERT)
                .filter(event -> event.inCase().map(Object::toString).equals(Optional.of(of)))
                .map(event -> event.about().orElse(""))
                .toList();
    }

    private static List<LogReader.Entry> entries() {
        List<LogReader.Entry> all = new ArrayList<>();
        LogReader reader = served.vault.vault().log().reader();
        for (long at = 0; at < reader.size(); at += LogReader.MAX_ENTRIES) {
            all.addAll(reader.entries(at, reader.size()).entries());
        }
        return all;
    }

    @Test
    void itIsCountedNeitherInTheNumbersOfTheYearNorInThePicturesOfTheLog() {
        try (ServedCases other = new ServedCases()) {
            String told = approved(other, other.kat);
            String gagged = approved(other, other.kat);
            other.post(ServedCases.DIRECTOR, gagged + "/gag", GAG);
            for (String one : List.of(told, gagged)) {
                assertThat(other.post(ServedCases.DIRECTOR, one + "/release", ServedCases.release(pem))
                                .status())
                        .isEqualTo(200);
            }
            assertThat(other.vault
                            .vault()
                            .privacy()
                            .logOverview()
                            .days(OpenVault.person("privacy-officer"), AuditLog.newRequest())
                            .sum()
                            .opened())
                    .doesNotContainKey("disclosure");
            Year year = Year.from(other.vault.clock().instant().atOffset(ZoneOffset.UTC));
            other.vault.clock().advance(Duration.ofDays(40));
            assertThat(other.vault.vault().privacy().disclosures().numbers().in(year))
                    .isEqualTo(new CaseCounts.Numbers(1, 0, 1));
        }
    }

    @Test
    void whenItIsLiftedItIsSeenAgain() {
        step(path, ServedCases.OTHER_DIRECTOR, "gag", LIFTED);
        assertThat(lists(ServedCases.OFFICER)).isTrue();
        assertThat(lists(ServedCases.DESIGNEE)).isTrue();
        assertThat(everyView(ServedCases.OFFICER)).contains(number);
    }

    @Test
    void designeeSeesOnlyTheOneThatTheDirectorReferredToHimAndOnlyWhileDesignated() {
        String other = served.opened();
        step(other, ServedCases.DIRECTOR, "referral", "{'to':'" + ServedCases.DESIGNEE + "'}");
        step(other, ServedCases.DIRECTOR, "gag", GAG);
        assertThat(served.get(ServedCases.DESIGNEE, other).status()).isEqualTo(200);
        assertThat(served.get(ServedCases.DESIGNEE, path).status()).isEqualTo(404);
        assertThat(served.get(ServedCases.DELEGATE, other).status()).isEqualTo(404);
        step(other, ServedCases.DESIGNEE, "counsel", ServedCases.COUNSELLED);
        step(other, ServedCases.DIRECTOR, "referral", "{'to':'" + ServedCases.DELEGATE + "'}");
        assertThat(served.get(ServedCases.DESIGNEE, other).status())
                .as("once it is another's")
                .isEqualTo(404);
        served.get(ServedCases.DIRECTOR, "/v1/designations")
                .json()
                .path("designations")
                .forEach(one -> served.delete(
                        ServedCases.DIRECTOR,
                        "/v1/designations/" + one.path("id").asText()));
        assertThat(served.get(ServedCases.DELEGATE, other).status()).isEqualTo(403);
    }

    @Test
    void officerToWhomItWasReferredSeesItNoLongerThanTheDesignationLasts() {
        String designation = served.designated(ServedCases.OFFICER);
        String other = served.opened();
        step(other, ServedCases.DIRECTOR, "referral", "{'to':'" + ServedCases.OFFICER + "'}");
        step(other, ServedCases.DIRECTOR, "gag", GAG);
        assertThat(served.get(ServedCases.OFFICER, other).status()).isEqualTo(200);
        served.delete(ServedCases.DIRECTOR, designation);
        assertThat(served.get(ServedCases.OFFICER, other).status()).isEqualTo(404);
    }

    @Test
    void patronsAreNotToldOfItUntilItIsLifted() {
        ServedCases.Answer told = served.post(ServedCases.DIRECTOR, path + "/notice", "{'given':'by letter'}");
        assertThat(told.outcome()).isEqualTo("422 invalid");
        step(path, ServedCases.DIRECTOR, "notice", "{'withheld':'the court forbids it'}");
    }
}
