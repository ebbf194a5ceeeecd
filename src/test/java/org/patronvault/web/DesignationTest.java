package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.privacy.disclosure.CaseReleases;
import org.patronvault.privacy.disclosure.CaseWorkflow;
import org.patronvault.privacy.disclosure.StepInput;
import org.patronvault.testing.OpenSsl;

/** Tests that a designee acts only with the director's written appointment, valid at that moment (P10). */
class DesignationTest {
    private static final String PATH = "/v1/designations";
    private static final Caller DESIGNEE = new Caller(
            new Actor(Actor.Kind.STAFF, ServedCases.DESIGNEE, "circulation", "NC"),
            Set.of(),
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            false);

    private static ServedCases served;
    private static String pem;

    @BeforeAll
    static void open(@TempDir Path directory) throws Exception {
        served = new ServedCases();
        pem = Files.readString(OpenSsl.certificate(directory, "police"));
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    @AfterEach
    void takeBack() {
        list().forEach(one -> revoke(PATH + "/" + one.path("id").asText()));
    }

    private static JsonNode list() {
        return served.get(ServedCases.DIRECTOR, PATH).json().path("designations");
    }

    private static void revoke(String path) {
        assertThat(served.delete(ServedCases.OTHER_DIRECTOR, path).status()).isEqualTo(200);
    }

    private static ServedCases.Answer make(String by, String designee, String more) {
        return served.post(by, PATH, "{'designee':'" + designee + "'," + more + "}");
    }

    private static Instant in(Duration time) {
        return served.vault.clock().instant().plus(time);
    }

    private static String until(Duration time) {
        return "'until':'" + in(time) + "'";
    }

    private static String counselled() {
        String path = served.opened();
        assertThat(served.post(ServedCases.DIRECTOR, path + "/counsel", ServedCases.COUNSELLED)
                        .status())
                .isEqualTo(200);
        return path;
    }

    private static String decided() {
        String path = counselled();
        assertThat(served.post(ServedCases.DIRECTOR, path + "/decision", ServedCases.decision(served.kat))
                        .status())
                .isEqualTo(200);
        return path;
    }

    private static String approved() {
        String path = decided();
        assertThat(served.post(ServedCases.OFFICER, path + "/approval", "{}").status())
                .isEqualTo(200);
        return path;
    }

    private static String state(String path) {
        return served.get(ServedCases.DIRECTOR, path).json().path("state").asText();
    }

    @Test
    void nobodyDesignatesHimselfInWhateverSpelling() {
        for (String name : List.of(ServedCases.DIRECTOR, "Dora", "DORA")) {
            ServedCases.Answer answer = make(ServedCases.DIRECTOR, name, until(Duration.ofDays(1)));
            assertThat(answer.status()).as(name).isIn(403, 422);
        }
        assertThat(make(ServedCases.DIRECTOR, ServedCases.DIRECTOR, until(Duration.ofDays(1)))
                        .outcome())
                .isEqualTo("403 not-allowed");
        assertThat(list()).noneMatch(one -> one.path("designee").asText().equals(ServedCases.DIRECTOR));
    }

    @Test
    void onlyDirectorMakesListsAndRevokes() {
        String made = served.designated(ServedCases.DESIGNEE);
        for (String name : ServedCases.PEOPLE.keySet()) {
            if (!Set.of(ServedCases.DIRECTOR, ServedCases.OTHER_DIRECTOR).contains(name)) {
                assertThat(make(name, ServedCases.CLERK, until(Duration.ofDays(1)))
                                .outcome())
                        .as(name)
                        .isEqualTo("403 not-allowed");
                assertThat(served.get(name, PATH).outcome()).as(name).isEqualTo("403 not-allowed");
                assertThat(served.delete(name, made).outcome()).as(name).isEqualTo("403 not-allowed");
            }
        }
        assertThat(list()).anySatisfy(one -> {
            assertThat(made).endsWith(one.path("id").asText());
            assertThat(one.path("designee").asText()).isEqualTo(ServedCases.DESIGNEE);
            assertThat(one.path("by").asText()).isEqualTo(ServedCases.DIRECTOR);
            assertThat(one.path("state").asText()).isEqualTo("in-force");
        });
    }

    @Test
    void whatIsMalformedOrMeansNothingIsRefused() {
        String hour = until(Duration.ofHours(1));
        List.of(
                        "'until':'tomorrow'",
                        "'until':'2026-13-41'",
                        "'until':'+1000000000-01-01'",
                        "'until':''",
                        "'from':'2026-11-24'",
                        until(Duration.ofMinutes(-1)),
                        "'from':'" + in(Duration.ofHours(2)) + "'," + hour,
                        hour + ",'document':'0123'",
                        hour + ",'document':'" + "0A".repeat(32) + "'",
                        hour + ",'surplus':'x'")
                .forEach(more -> assertThat(make(ServedCases.DIRECTOR, ServedCases.DESIGNEE, more)
                                .status())
                        .as(more)
                        .isEqualTo(422));
        assertThat(make(ServedCases.DIRECTOR, "nobody", hour).outcome()).isEqualTo("404 not-found");
        assertThat(list()).noneMatch(one -> one.path("state").asText().equals("in-force"));
        ServedCases.Answer made =
                make(ServedCases.DIRECTOR, ServedCases.DESIGNEE, hour + ",'document':'" + "0a".repeat(32) + "'");
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.json().path("document").asText()).isEqualTo("0a".repeat(32));
        assertThat(served.delete(ServedCases.DIRECTOR, PATH + "/0123456789abcdef")
                        .outcome())
                .isEqualTo("404 not-found");
    }

    @Test
    void itIsAskedForAtDecisionApprovalAndReleaseEachInItsMoment() {
        Map<String, String> cases = Map.of("decision", counselled(), "approval", decided(), "release", approved());
        Map<String, String> bodies = Map.of(
                "decision", ServedCases.decision(served.kat), "approval", "{}", "release", ServedCases.release(pem));
        assertRefused(cases, bodies, "without one");
        String coming = "'from':'" + in(Duration.ofMinutes(2)) + "','until':'" + in(Duration.ofMinutes(4)) + "'";
        assertThat(make(ServedCases.DIRECTOR, ServedCases.DESIGNEE, coming).status())
                .isEqualTo(201);
        assertRefused(cases, bodies, "before it begins");
        served.vault.clock().advance(Duration.ofMinutes(5));
        assertRefused(cases, bodies, "a minute after it ended");
        String revoked = served.designated(ServedCases.DESIGNEE);
        revoke(revoked);
        assertRefused(cases, bodies, "once it is taken back");
        served.designated(ServedCases.DELEGATE);
        assertRefused(cases, bodies, "by another's");
        served.designated(ServedCases.DESIGNEE);
        cases.forEach((step, path) -> assertThat(served.post(ServedCases.DESIGNEE, path + "/" + step, bodies.get(step))
                        .status())
                .as(step)
                .isEqualTo(200));
    }

    private static void assertRefused(Map<String, String> cases, Map<String, String> bodies, String as) {
        cases.forEach((step, path) -> {
            String before = state(path);
            assertThat(served.post(ServedCases.DESIGNEE, path + "/" + step, bodies.get(step))
                            .outcome())
                    .as(step + " " + as)
                    .isEqualTo("403 not-allowed");
            assertThat(state(path)).isEqualTo(before);
        });
    }

    @Test
    void designeeWhoseAccountOneAdministratorAloneMadeDoesNotApprove() {
        String code = served.post("ada", "/v1/staff", "{'name':'sybil','roles':['circulation']}")
                .json()
                .path("activationCode")
                .asText();
        served.post(
                "ada",
                "/v1/staff/sybil/password",
                "{'current':'" + code + "','password':'" + ServedVault.PASSWORD + "'}");
        served.designated("sybil");
        String path = decided();

        assertThat(served.post("sybil", path + "/approval", "{}").outcome()).isEqualTo("403 second-person-required");

        assertThat(state(path)).isEqualTo("decided");
        assertThat(served.post("sybil", path + "/approval", "{'decline':'Name fewer patrons.'}")
                        .status())
                .as("sends it back")
                .isEqualTo(200);
    }

    @Test
    void oneThatEndsWhileTheStepIsUnderWayIsNotInForceAnyMore() {
        served.designated(ServedCases.DESIGNEE);
        String decision = counselled();
        CaseWorkflow acts = served.vault.vault().privacy().disclosures().acts();
        Map<String, String> words =
                Map.of("decision", "comply", "instrument", "court-order", "reason", "valid on its face");
        assertNotAllowed(() -> acts.decide(by(decision), () -> {
            takeBack();
            return new StepInput(
                    member -> Optional.ofNullable(words.get(member)),
                    List.of(Optional.of(served.kat)),
                    Set.of(org.patronvault.core.model.PatronField.NAME));
        }));
        assertThat(state(decision)).isEqualTo("counselled");
        served.designated(ServedCases.DESIGNEE);
        String approval = decided();
        assertNotAllowed(() -> acts.approve(by(approval), () -> {
            takeBack();
            return new StepInput(member -> Optional.empty(), List.of(), Set.of());
        }));
        assertThat(state(approval)).isEqualTo("decided");
        served.designated(ServedCases.DESIGNEE);
        String release = approved();
        assertNotAllowed(() -> served.vault
                .vault()
                .privacy()
                .disclosures()
                .releases()
                .release(by(release), () -> {
                    takeBack();
                    return new CaseReleases.Spec(pem, List.of(), Set.of());
                }));
        assertThat(state(release)).isEqualTo("approved");
    }

    private static CaseWorkflow.StepRequest by(String path) {
        return new CaseWorkflow.StepRequest(
                DESIGNEE, path.substring(path.lastIndexOf('/') + 1), Optional::empty, AuditLog.newRequest());
    }

    private static void assertNotAllowed(org.assertj.core.api.ThrowableAssert.ThrowingCallable step) {
        assertThatThrownBy(step)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_ALLOWED));
    }

    @Test
    void accountThatIsDisabledIsNeitherDesignatedNorReferredTo() {
        served.designated(ServedCases.DELEGATE);
        served.designated("outi");
        assertThat(served.post("ada", "/v1/staff/outi/disable", "{}").status()).isLessThan(300);
        String path = served.opened();
        assertThat(served.post(ServedCases.DIRECTOR, path + "/referral", "{'to':'outi'}")
                        .outcome())
                .isEqualTo("404 not-found");
        assertThat(make(ServedCases.DIRECTOR, "outi", until(Duration.ofDays(1))).outcome())
                .isEqualTo("404 not-found");
        assertThat(served.post(ServedCases.DIRECTOR, path + "/referral", "{'to':'" + ServedCases.DELEGATE + "'}")
                        .status())
                .isEqualTo(200);
        assertThat(served.post(ServedCases.DIRECTOR, path + "/referral", "{'to':'" + ServedCases.CLERK + "'}")
                        .outcome())
                .as("who is not designated")
                .isEqualTo("422 invalid");
    }
}
