package org.patronvault.privacy.entitlement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.access.client.ClientGrant;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.testing.OpenVault;

/** Tests of a vendor's published numbers, of their readers, and that they match the vendor's checks (P8). */
final class VendorsTest {
    private static final Caller ADMIN = OpenVault.person("admin");
    private static final Caller HOOPLA = OpenVault.client("hoopla", "entitlement");
    private static final String SERVICES = """
              ebooks: {}
              films: {}
            """;
    private static final String NARROWED = """
              ebooks: {clients: [kanopy], graceDays: 14, tells: [expired]}
              films: {categories: [adult], blocked: served}
            """;

    private OpenVault vault;

    @BeforeEach
    void open() {
        String policy = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);
        assertThat(policy).contains(SERVICES);
        vault = OpenVault.under(policy.replace(SERVICES, NARROWED)
                .replace("scopes:\n", "scopes:\n  lending:\n    may: [entitlement]\n"));
        client("hoopla", "none", "entitlement");
        client("kanopy", "2026-11-24", "lending");
        client("ils", "none", "ils");
        vault.register("'card':'E1','name':{'family':'F'},'category':'adult'");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private void client(String name, String expires, String scope) {
        ClientGrant grant = ClientGrant.parse(List.of(scope), List.of(), List.of(), "10000", "Contract 7", expires);
        vault.vault().access().clients().add(Approvals.Requester.alone(ADMIN.actor()), name, grant);
    }

    private Vendors vendors() {
        return vault.vault().privacy().vendors();
    }

    private Vendor vendor(String name) {
        return vendors().look(ADMIN, name, AuditLog.newRequest()).seen();
    }

    private void check(Caller client, String card, String service) {
        entitlements().check(client, new Entitlements.Check(card, Optional.empty(), service), Optional.empty());
    }

    private Entitlements entitlements() {
        return vault.vault().privacy().entitlements();
    }

    /** Logs a count, as the log has it after such checks. */
    private void counted(Problem reason, long times) {
        vault.vault()
                .log()
                .record(vault.vault()
                        .log()
                        .event(HOOPLA.actor(), ActKind.ENTITLEMENT, Outcome.COUNTED, AuditLog.newRequest())
                        .about("films")
                        .answered(reason)
                        .counting(times));
    }

    private static VendorCounts counts(long entitled, long notEntitled) {
        return new VendorCounts(Map.of(CheckAnswer.ENTITLED, entitled, CheckAnswer.NOT_ENTITLED, notEntitled));
    }

    @Test
    void countsAreWhatWasAskedByServiceAnswerAndDay() {
        check(HOOPLA, "E1", "films");
        entitlements().logCounts();
        vault.clock().advance(Duration.ofDays(1));
        check(HOOPLA, "E1", "films");
        check(HOOPLA, "NOBODYS", "films");
        check(HOOPLA, "E1", "ebooks");
        check(HOOPLA, "E1", "gambling");
        check(OpenVault.client("kanopy", "lending"), "E1", "ebooks");
        entitlements().logCounts();
        Vendor hoopla = vendor("hoopla");
        VendorCounts none = VendorCounts.of(CheckAnswer.NOT_ENTITLED, 1);
        assertThat(hoopla.byService()).isEqualTo(Map.of("films", counts(2, 1), "ebooks", none, "", none));
        LocalDate today = LocalDate.ofInstant(vault.clock().instant(), ZoneId.systemDefault());
        assertThat(hoopla.days()).hasSize(30);
        assertThat(hoopla.days().get(today.minusDays(1))).isEqualTo(VendorCounts.of(CheckAnswer.ENTITLED, 1));
        assertThat(hoopla.today()).isEqualTo(hoopla.days().get(today)).isEqualTo(counts(1, 3));
        assertThat(hoopla.sum().asked()).isEqualTo(5);
        assertThat(hoopla.sum().share()).hasValue(0.4);
        assertThat(hoopla.lastAsked()).contains(vault.clock().instant());
        assertThat(vendor("kanopy").sum()).isEqualTo(VendorCounts.of(CheckAnswer.ENTITLED, 1));
    }

    @Test
    void heldBackAndUnansweredChecksAreToldApartAndAreNoShareOfWhatWasAnswered() {
        counted(Problem.NOT_ENTITLED, 1);
        counted(Problem.TOO_MANY_ATTEMPTS, 20);
        counted(Problem.VERIFIER_UNAVAILABLE, 3);
        counted(Problem.SEALED, 2);
        VendorCounts sum = vendor("hoopla").sum();
        assertThat(sum.times())
                .isEqualTo(Map.of(
                        CheckAnswer.NOT_ENTITLED, 1L,
                        CheckAnswer.HELD_BACK, 20L,
                        CheckAnswer.VERIFIER_UNAVAILABLE, 3L,
                        CheckAnswer.FAILED, 2L));
        assertThat(sum.share()).hasValue(0);
        assertThat(vendor("kanopy").sum().share()).isEmpty();
        assertThat(vendor("kanopy").lastAsked()).isEmpty();
    }

    @Test
    void listHasWhoeverMayCheckByWhateverScopeAndHowItStandsWithThem() {
        vault.vault().access().clients().revoke(Approvals.Requester.alone(ADMIN.actor()), "hoopla");
        vault.clock().advance(Duration.ofDays(1));
        List<Vendor> listed = vendors().list(ADMIN, AuditLog.newRequest()).seen();
        assertThat(listed)
                .extracting(one -> one.client().name() + " " + one.state())
                .containsExactly("hoopla REVOKED", "kanopy EXPIRED");
        vault.clock().advance(Duration.ofDays(-1));
        assertThat(vendor("kanopy").state()).as("on its last day").isEqualTo(Vendor.State.ACTIVE);
    }

    @Test
    void servicesAreThoseThatThePolicyOpensToTheVendor() {
        assertThat(vendor("hoopla").services().keySet()).isEqualTo(Set.of("films"));
        assertThat(vendor("kanopy").services().keySet()).isEqualTo(Set.of("ebooks", "films"));
        assertThat(vendor("kanopy").services().get("ebooks").words())
                .contains("for 14 days after expiry", "tells the vendor expired apart from unknown");
    }

    @ParameterizedTest
    @ValueSource(strings = {"admin", "director", "privacy-officer"})
    void whoReadsTheLogOrRunsTheClientsIsLetInAndTheLookIsLogged(String role) {
        Caller caller = OpenVault.person(role);
        long before = vault.logSize();
        Vendors.Result<List<Vendor>> list = vendors().list(caller, AuditLog.newRequest());
        Vendors.Result<Vendor> one = vendors().look(caller, "hoopla", AuditLog.newRequest());
        assertThat(list.entry()).isEqualTo(before);
        assertThat(one.entry()).isEqualTo(before + 1);
        List<AccessEvent> logged = vault.logSince(before);
        assertThat(logged).hasSize(2).allSatisfy(event -> {
            assertThat(event.act()).isEqualTo(ActKind.READ_LOG);
            assertThat(event.outcome()).isEqualTo(Outcome.SEARCHED);
            assertThat(event.actor()).isEqualTo(caller.actor());
            assertThat(event.subjects()).isEmpty();
        });
        assertThat(logged).extracting(AccessEvent::about).containsExactly(Optional.empty(), Optional.of("hoopla"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"circulation", "supervisor", "outreach", "custodian", "counsel", "page"})
    void nobodyElseIsAndTheRefusalIsLogged(String role) {
        assertRefused(OpenVault.person(role));
    }

    @Test
    void vendorItselfIsNot() {
        assertRefused(HOOPLA);
    }

    private void assertRefused(Caller caller) {
        for (String name : List.of("hoopla", "nobody")) {
            long before = vault.logSize();
            assertThatThrownBy(() -> vendors().look(caller, name, AuditLog.newRequest()))
                    .isInstanceOfSatisfying(
                            Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_ALLOWED));
            assertThatThrownBy(() -> vendors().list(caller, AuditLog.newRequest()))
                    .isInstanceOf(Refused.class);
            assertThat(vault.logSince(before)).hasSize(2).allSatisfy(event -> {
                assertThat(event.act()).isEqualTo(ActKind.READ_LOG);
                assertThat(event.outcome()).isEqualTo(Outcome.REFUSED);
                assertThat(event.about()).isEmpty();
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "ils", "not a name"})
    void whoIsNoVendorIsNotThere(String name) {
        long before = vault.logSize();
        assertThatThrownBy(() -> vendor(name))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_FOUND));
        assertThat(vault.logSince(before))
                .singleElement()
                .satisfies(event -> assertThat(event.reason()).contains(Problem.NOT_FOUND));
    }
}
