package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.PatronId;
import org.patronvault.testing.OpenSsl;

/** Tests of a patron's written permission (P3): its recipient, fields and end, and its revocation. */
class PermissionTest {
    private static final String AGENCY = "Norwalk Police";
    private static final String BOTH = "['name','address']";
    private static final String PERMITTED = "written-permission";

    private static ServedCases served;
    private static String pem;

    private PatronId patron;

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
    void register() {
        patron = somebody();
    }

    private static PatronId somebody() {
        return served.vault.register("'card':'P" + served.vault.logSize() + "','name':{'family':'Doe'},"
                + "'address':{'line1':'1 Elm St','city':'New Canaan','region':'CT','postalCode':'06840'}");
    }

    private static String path(PatronId patron) {
        return "/v1/patrons/" + patron + "/permissions";
    }

    private static String body(String recipient, String fields, Duration lasts) {
        return "{'recipient':'" + recipient + "','fields':" + fields + ",'signed':'2026-11-01','until':'"
                + served.vault.clock().instant().plus(lasts) + "'}";
    }

    private static ServedCases.Answer permit(PatronId patron, String recipient, String fields, Duration lasts) {
        return served.post(ServedCases.CLERK, path(patron), body(recipient, fields, lasts));
    }

    private static String permitted(PatronId patron) {
        ServedCases.Answer made = permit(patron, AGENCY, BOTH, Duration.ofMinutes(2));
        assertThat(made.status()).isEqualTo(201);
        return path(patron) + "/" + made.json().path("id").asText();
    }

    private static void revoke(String permission) {
        assertThat(served.delete(ServedCases.CLERK, permission).status()).isEqualTo(200);
    }

    private static String counselled() {
        String path = served.opened(PERMITTED);
        served.post(ServedCases.DIRECTOR, path + "/counsel", ServedCases.COUNSELLED);
        return path;
    }

    private static ServedCases.Answer decide(String path, PatronId... patrons) {
        return served.post(ServedCases.DIRECTOR, path + "/decision", ServedCases.decision(PERMITTED, patrons));
    }

    private static ServedCases.Answer approve(String path) {
        return served.post(ServedCases.OFFICER, path + "/approval", "{}");
    }

    private static ServedCases.Answer release(String path) {
        return served.post(ServedCases.DIRECTOR, path + "/release", ServedCases.release(pem));
    }

    /** In one sentence, with nothing handed out. */
    private static void assertRefused(ServedCases.Answer answer, String as) {
        assertThat(answer.outcome()).as(as).isEqualTo("403 instrument-insufficient");
        assertThat(answer.json().path("detail").asText())
                .as(as)
                .endsWith("first.")
                .doesNotContain(AGENCY);
    }

    private static void assertNothingHandedOutSince(long size) {
        assertThat(served.vault.logSince(size)).noneMatch(event -> event.outcome() == Outcome.DISCLOSED);
    }

    @Test
    void withOneThatFitsRecordsAreHandedOut() {
        permit(patron, "  norwalk   POLICE ", "['name','address','phone']", Duration.ofHours(1));
        String path = counselled();
        assertThat(decide(path, patron).status()).isEqualTo(200);
        assertThat(approve(path).status()).isEqualTo(200);
        assertThat(release(path).status()).isEqualTo(200);
    }

    @Test
    void withoutOneThatFitsNothingIsDecided() {
        String path = counselled();
        long size = served.vault.logSize();
        assertRefused(decide(path, patron), "none");
        permitted(somebody());
        assertRefused(decide(path, patron), "another patron's");
        permit(patron, "Norwalk Press", BOTH, Duration.ofHours(1));
        assertRefused(decide(path, patron), "for another recipient");
        permit(patron, AGENCY, "['name']", Duration.ofHours(1));
        permit(patron, AGENCY, "['address','phone']", Duration.ofHours(1));
        assertRefused(decide(path, patron), "for fewer fields each");
        revoke(permitted(patron));
        assertRefused(decide(path, patron), "taken back");
        permitted(patron);
        assertRefused(decide(path, patron, somebody()), "of one of two");
        served.vault.clock().advance(Duration.ofMinutes(2));
        assertRefused(decide(path, patron), "ended");
        assertNothingHandedOutSince(size);
        permitted(patron);
        assertThat(decide(path, patron).status()).isEqualTo(200);
    }

    @Test
    void takenBackAfterTheDecisionNeitherApprovedNorReleased() {
        String permission = permitted(patron);
        String decided = counselled();
        assertThat(decide(decided, patron).status()).isEqualTo(200);
        String approved = counselled();
        assertThat(decide(approved, patron).status()).isEqualTo(200);
        assertThat(approve(approved).status()).isEqualTo(200);
        revoke(permission);
        long size = served.vault.logSize();
        assertRefused(approve(decided), "at approval");
        assertRefused(release(approved), "at release");
        assertNothingHandedOutSince(size);
        permitted(patron);
        assertThat(approve(decided).status()).isEqualTo(200);
        assertThat(release(approved).status()).isEqualTo(200);
    }

    @Test
    void endedAfterTheDecisionNeitherApprovedNorReleased() {
        permitted(patron);
        String decided = counselled();
        decide(decided, patron);
        String approved = counselled();
        decide(approved, patron);
        approve(approved);
        served.vault.clock().advance(Duration.ofMinutes(2));
        assertRefused(approve(decided), "at approval");
        assertRefused(release(approved), "at release");
    }

    @Test
    void secondPersonCanStillSendBackWhatIsPermittedNoLonger() {
        String permission = permitted(patron);
        String path = counselled();
        decide(path, patron);
        revoke(permission);
        assertThat(served.post(ServedCases.OFFICER, path + "/approval", "{'decline':'The patron took it back.'}")
                        .json()
                        .path("state")
                        .asText())
                .isEqualTo("counselled");
    }

    @Test
    void takenDownByThoseWhoTakeConsentsDownAndNobodyElse() {
        Set<String> may = Set.of(
                ServedCases.CLERK,
                "sue",
                ServedCases.DIRECTOR,
                ServedCases.OTHER_DIRECTOR,
                ServedCases.OFFICER,
                ServedCases.DESIGNEE);
        for (String name : ServedCases.PEOPLE.keySet()) {
            int made = served.post(name, path(patron), body(AGENCY, BOTH, Duration.ofHours(1)))
                    .status();
            assertThat(made).as(name).isEqualTo(may.contains(name) ? 201 : 403);
            assertThat(served.get(name, path(patron)).status()).as(name).isEqualTo(may.contains(name) ? 200 : 403);
        }
    }

    @Test
    void whatIsMalformedOrMeansNothingIsRefused() {
        String right = body(AGENCY, BOTH, Duration.ofHours(1));
        List.of(
                        right.replace(AGENCY, " "),
                        right.replace(AGENCY, "a".repeat(201)),
                        right.replace(BOTH, "[]"),
                        right.replace(BOTH, "['birthday']"),
                        right.replace("2026-11-01", "2027-11-01T00:00:00Z"),
                        right.replace("2026-11-01", "today"),
                        body(AGENCY, BOTH, Duration.ofMinutes(-1)),
                        right.replace("}", ",'document':'xyz'}"),
                        right.replace("}", ",'surplus':'xyz'}"))
                .forEach(body -> assertThat(served.post(ServedCases.CLERK, path(patron), body)
                                .status())
                        .as(body)
                        .isEqualTo(422));
        assertThat(served.get(ServedCases.CLERK, path(patron)).json().path("permissions"))
                .isEmpty();
        assertThat(served.post(ServedCases.CLERK, "/v1/patrons/0123456789abcdef/permissions", right)
                        .outcome())
                .isEqualTo("404 not-found");
        String permission = permitted(patron);
        String anothers = permission.replace(patron.toString(), somebody().toString());
        assertThat(served.delete(ServedCases.CLERK, anothers).outcome()).isEqualTo("404 not-found");
    }

    @Test
    void goneWhenThePatronIs() throws Exception {
        permitted(patron);
        permitted(somebody());
        long before = cells();
        served.vault.erase(patron);
        assertThat(served.get(ServedCases.CLERK, path(patron)).outcome()).isEqualTo("404 not-found");
        served.vault.vault().privacy().disclosures().tidy();
        assertThat(cells()).isEqualTo(before - 1);
        served.vault.vault().privacy().disclosures().tidy();
        assertThat(cells()).isEqualTo(before - 1);
    }

    @Test
    void oneThatIsDamagedKeepsNoOtherOfAPatronWhoIsGone() throws Exception {
        String damaged = permitted(somebody());
        String id = damaged.substring(damaged.lastIndexOf('/') + 1);
        permitted(patron);
        long before = cells();
        served.vault.erase(patron);
        renumber(id, 1);
        try {
            served.vault.vault().privacy().disclosures().tidy();
            assertThat(cells()).isEqualTo(before - 1);
        } finally {
            renumber(id, -1);
        }
    }

    /** Has the cell of that permission be of another write than the row that carries authority says. */
    private static void renumber(String permission, int by) throws Exception {
        try (var connection = served.vault.connect();
                var update =
                        connection.prepareStatement("UPDATE case_cell SET generation = generation + ? WHERE id = ?")) {
            update.setInt(1, by);
            update.setLong(2, CaseId.parse(permission).orElseThrow().number());
            assertThat(update.executeUpdate()).isEqualTo(1);
        }
    }

    private static long cells() throws Exception {
        try (var connection = served.vault.connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT count(*) FROM case_cell")) {
            return row.getLong(1);
        }
    }

    @Test
    void databaseShowsNothingOfIt() throws Exception {
        permit(patron, "Quimperle Detectives", BOTH, Duration.ofHours(1));
        try (Stream<Path> files = Files.walk(served.vault.home().directory())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as("%s", file)
                        .doesNotContain("Quimperle");
            }
        }
    }
}
