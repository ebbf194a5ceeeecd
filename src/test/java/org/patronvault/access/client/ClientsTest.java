package org.patronvault.access.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.access.AccessTestVault;
import org.patronvault.access.Refusals;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.policy.Caller;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ClientsTest {
    private static final Duration BELIEVED = Duration.ofMillis(500);
    private static final Optional<Actor> ALONE = Optional.empty();
    private static final Optional<Actor> DORA = Optional.of(new Actor(Actor.Kind.STAFF, "dora", "director", "NC"));
    private static final Actor ROOT = new Actor(Actor.Kind.STAFF, "root", "admin", "");
    private static final OptionalInt DEFAULT_DAILY = OptionalInt.of(ClientGrant.DEFAULT_DAILY);

    private AccessTestVault vault;

    @BeforeAll
    void open(@TempDir Path directory) {
        vault = new AccessTestVault(directory);
    }

    @AfterAll
    void close() {
        vault.close();
    }

    @BeforeEach
    void beginCommissioning() {
        vault = vault.next();
        vault.staff("dora", "director");
        vault.staff("abel", "admin");
    }

    private Clients clients() {
        return vault.access().clients();
    }

    private static ClientGrant grant(String scope, OptionalInt daily) {
        return grant(Set.of(scope), Set.of(), Set.of(), daily);
    }

    private static ClientGrant grant(
            Set<String> scopes, Set<PatronField> fields, Set<Purpose> purposes, OptionalInt daily) {
        return new ClientGrant(scopes, fields, purposes, daily, "", Optional.empty());
    }

    private static Approvals.Requester by(Optional<Actor> second) {
        return Approvals.Requester.of(ROOT, second);
    }

    private String add(Optional<Actor> second, String name, ClientGrant grant) {
        return clients().add(by(second), name, grant).secret().orElseThrow();
    }

    private String rotate(Optional<Actor> second, String name) {
        return clients().rotate(by(second), name).secret().orElseThrow();
    }

    private String add(String name, String scope) {
        return add(ALONE, name, grant(scope, DEFAULT_DAILY));
    }

    private String nameOf(String key) {
        return vault.access().resolve(key).actor().name();
    }

    private void assertNotSignedIn(String key) {
        assertThat(Refusals.problemOf(() -> vault.access().resolve(key))).isEqualTo(Problem.NOT_SIGNED_IN);
    }

    @Test
    void keyHasPrefixRandomPartAndChecksumAndIsNotStored() {
        String key = add("koha", "ils");
        assertThat(key).matches("pvk_[A-Za-z0-9_-]{32}[0-9a-f]{8}");
        CRC32 crc = new CRC32();
        crc.update(key.substring(4, 36).getBytes(StandardCharsets.US_ASCII));
        assertThat(Long.parseLong(key.substring(36), 16)).isEqualTo(crc.getValue());
        assertThat(vault.names("client-key")).singleElement().asString().matches("[0-9a-f]{64}");
        assertThat(add("other", "ils")).isNotEqualTo(key);
    }

    @Test
    void keyWithOneCharacterChangedCutOrAddedIsNobodys() {
        String key = add("koha", "ils");
        for (int i = 0; i < key.length(); i++) {
            char other = key.charAt(i) == '0' ? '1' : '0';
            assertNotSignedIn(key.substring(0, i) + other + key.substring(i + 1));
        }
        assertNotSignedIn(key.substring(0, key.length() - 1));
        assertNotSignedIn(key + "0");
        assertNotSignedIn("pvk_");
        assertNotSignedIn("pvk_" + "\u00E4".repeat(40));
        assertThat(nameOf(key)).isEqualTo("koha");
    }

    @Test
    void keyMadeUpWithRightChecksumIsNobodys() {
        CRC32 crc = new CRC32();
        crc.update("A".repeat(32).getBytes(StandardCharsets.US_ASCII));
        assertNotSignedIn("pvk_" + "A".repeat(32) + String.format("%08x", crc.getValue()));
    }

    @Test
    void callerIsWhatWasGranted() {
        Set<PatronField> fields = Set.of(PatronField.NAME, PatronField.EMAIL);
        Set<Purpose> purposes = Set.of(new Purpose("hold-notice"));
        ClientGrant grant = grant(Set.of("notices", "metrics"), fields, purposes, OptionalInt.of(7));
        Caller caller = vault.access().resolve(add(ALONE, " Mailer ", grant));
        assertThat(caller)
                .isEqualTo(new Caller(
                        new Actor(Actor.Kind.CLIENT, "mailer", "metrics,notices", ""),
                        Set.of("notices", "metrics"),
                        Optional.of(fields),
                        Optional.of(purposes),
                        OptionalInt.of(7),
                        true));
        assertThat(caller.isPerson()).isFalse();
        assertThat(clients().list()).singleElement().satisfies(facts -> {
            assertThat(facts.name()).isEqualTo("mailer");
            assertThat(facts.grant()).isEqualTo(grant);
            assertThat(facts.revoked()).isFalse();
            assertThat(facts.created()).isEqualTo(vault.clock.instant());
        });
    }

    @Test
    void noneLiftsEveryLimitAndNoNarrowingMeansAllOfTheScope() {
        Caller caller = vault.access().resolve(add(ALONE, "koha", grant("ils", OptionalInt.empty())));
        assertThat(caller.limited()).isFalse();
        assertThat(caller.daily()).isEmpty();
        assertThat(caller.fields()).isEmpty();
        assertThat(caller.purposes()).isEmpty();
    }

    @Test
    void unknownScopeBadDailyNumberAndTakenNameAreRefused() {
        assertThat(Refusals.problemOf(() -> add("koha", "everything"))).isEqualTo(Problem.INVALID);
        for (String daily : List.of("0", "-1", "1.5", "many", "", "9999999999")) {
            assertThat(Refusals.problemOf(
                            () -> ClientGrant.parse(List.of("ils"), List.of(), List.of(), daily, "", "none")))
                    .isEqualTo(Problem.INVALID);
        }
        assertThat(clients().list()).isEmpty();
        add("koha", "ils");
        assertThat(Refusals.problemOf(() -> add("KOHA ", "metrics"))).isEqualTo(Problem.NAME_IN_USE);
        assertThat(vault.names("client-key")).hasSize(1);
    }

    @Test
    void rotatedKeyLivesTwentyFourHoursBesideTheNewOne() {
        String first = add("koha", "ils");
        String second = rotate(ALONE, "Koha");
        vault.advance(Duration.ofHours(23));
        String third = rotate(ALONE, "koha");
        assertThat(List.of(nameOf(first), nameOf(second), nameOf(third))).containsOnly("koha");

        vault.advance(Duration.ofHours(1).minusSeconds(1));
        assertThat(nameOf(first)).isEqualTo("koha");
        vault.advance(Duration.ofSeconds(1));
        assertNotSignedIn(first);
        assertThat(nameOf(second)).isEqualTo("koha");
        vault.advance(Duration.ofHours(23));
        assertNotSignedIn(second);
        assertThat(nameOf(third)).isEqualTo("koha");
    }

    @Test
    void keyThatWasRotatedByAClockThatWasAheadIsOverOnceTheClockIsRight() {
        String first = add("koha", "ils");
        vault.clock.advance(Duration.ofDays(40));
        String second = rotate(ALONE, "koha");
        assertThat(nameOf(first)).isEqualTo("koha");
        vault.clock.advance(Duration.ofDays(-40));
        vault.advance(Duration.ofSeconds(1));
        assertNotSignedIn(first);
        assertThat(nameOf(second)).isEqualTo("koha");
    }

    @Test
    void rotatingOneClientLeavesAnothersKey() {
        String other = add("other", "ils");
        add("koha", "ils");
        rotate(ALONE, "koha");
        vault.advance(Duration.ofHours(25));
        assertThat(nameOf(other)).isEqualTo("other");
    }

    @Test
    void revokedClientIsNobodyAtOnceWithEveryKeyAndAfterRestart() {
        String first = add("koha", "ils");
        String second = rotate(ALONE, "koha");
        clients().revoke(Approvals.Requester.alone(ROOT), "KOHA");
        assertNotSignedIn(first);
        assertNotSignedIn(second);
        vault.restart();
        assertNotSignedIn(first);
        assertNotSignedIn(second);
        assertThat(clients().list()).singleElement().matches(Clients.Facts::revoked);
        assertThat(Refusals.problemOf(() -> clients().revoke(Approvals.Requester.alone(ROOT), "nobody")))
                .isEqualTo(Problem.NOT_FOUND);
        assertThat(Refusals.problemOf(() -> rotate(ALONE, "nobody"))).isEqualTo(Problem.NOT_FOUND);
    }

    @Test
    void clientThatOpensFieldsOrManyPatronsIsMadeByTwo() {
        vault.storeFirstPatron();
        List<ClientGrant> big = List.of(
                grant("ils", DEFAULT_DAILY),
                grant("notices", OptionalInt.of(1)),
                grant("entitlement", OptionalInt.of(10_001)),
                grant("entitlement", OptionalInt.empty()),
                grant(Set.of("metrics", "notices"), Set.of(PatronField.PHONE), Set.of(), OptionalInt.of(1)));
        for (ClientGrant grant : big) {
            assertThat(clients().add(by(ALONE), "big", grant).filed()).isPresent();
            for (Optional<Actor> nobodyElse : List.of(
                    Optional.of(ROOT),
                    Optional.of(new Actor(Actor.Kind.STAFF, "carl", "circulation", "NC")),
                    Optional.of(new Actor(Actor.Kind.STAFF, "carl", "custodian", "NC")),
                    Optional.of(new Actor(Actor.Kind.STAFF, "carl", "privacy-officer", "NC")),
                    Optional.of(new Actor(Actor.Kind.CLIENT, "koha", "admin", "")))) {
                assertThat(Refusals.problemOf(() -> add(nobodyElse, "big", grant)))
                        .as("%s with %s", grant, nobodyElse)
                        .isEqualTo(Problem.SECOND_PERSON_REQUIRED);
            }
        }
        assertThat(clients().list()).isEmpty();
        Optional<Actor> abel = Optional.of(new Actor(Actor.Kind.STAFF, "abel", "admin", ""));
        assertThat(nameOf(add(DORA, "one", big.get(0)))).isEqualTo("one");
        assertThat(nameOf(add(abel, "two", big.get(3)))).isEqualTo("two");
    }

    @Test
    void clientThatOpensNothingIsMadeAndRotatedByOne() {
        vault.storeFirstPatron();
        for (String scope : List.of("entitlement", "statistics", "witness", "metrics")) {
            assertThat(nameOf(add(scope, scope))).isEqualTo(scope);
            assertThat(nameOf(rotate(ALONE, scope))).isEqualTo(scope);
        }
    }

    @Test
    void clientThatOpensFieldsIsRotatedByTwoAndRevokedByOne() {
        String key = add("koha", "ils");
        vault.storeFirstPatron();
        assertThat(clients().rotate(by(ALONE), "koha").filed()).isPresent();
        assertThat(vault.names("client-key")).hasSize(1);
        assertThat(nameOf(rotate(DORA, "koha"))).isEqualTo("koha");
        assertThatCode(() -> clients().revoke(Approvals.Requester.alone(ROOT), "koha"))
                .doesNotThrowAnyException();
        assertNotSignedIn(key);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE authority SET body = replace(body, 'notices', 'ils') WHERE kind = 'client'",
                "UPDATE authority SET body = replace(body, '10000', '-1') WHERE kind = 'client'",
                "UPDATE authority SET body = '{}' WHERE kind = 'client'",
                "UPDATE authority SET mac = zeroblob(32) WHERE kind = 'client'",
                "UPDATE authority SET generation = 2 WHERE kind = 'client'",
                "UPDATE authority SET body = replace(body, 'mailer', 'koha') WHERE kind = 'client-key'",
                "UPDATE authority SET body = replace(body, '\"until\":0', '\"until\":9') WHERE kind = 'client-key'",
                "UPDATE authority SET mac = zeroblob(32) WHERE kind = 'client-key'",
                "UPDATE authority SET generation = 2 WHERE kind = 'client-key'"
            })
    void editedRowIsAnIntegrityErrorAndNoAuthority(String edit) {
        String key = add("mailer", "notices");
        assertThat(vault.tamper(edit)).isEqualTo(1);
        assertThatThrownBy(() -> vault.access().resolve(key)).isInstanceOf(IntegrityException.class);
    }

    @Test
    void clientIsNarrowedByOneAndWidenedByTwo() {
        ClientGrant wide = ClientGrant.parse(List.of("ils"), List.of(), List.of(), "500", "Contract 7", "none");
        String key = add(ALONE, "koha", wide);
        vault.storeFirstPatron();
        ClientGrant narrow = ClientGrant.parse(
                List.of("ils"), List.of("name", "card"), List.of("checkout"), "100", "Contract 7", "2027-01-31");
        assertThat(clients().change(by(ALONE), "koha", narrow).filed()).isEmpty();
        assertThat(vault.access().resolve(key).fields()).contains(Set.of(PatronField.NAME, PatronField.CARD));
        List<ClientGrant> wider = List.of(
                wide,
                ClientGrant.parse(
                        List.of("ils", "notices"), List.of("name"), List.of("checkout"), "100", "", "2027-01-31"),
                ClientGrant.parse(List.of("ils"), List.of(), List.of("checkout"), "100", "", "2027-01-31"),
                ClientGrant.parse(
                        List.of("ils"), List.of("name", "phone"), List.of("checkout"), "100", "", "2027-01-31"),
                ClientGrant.parse(
                        List.of("ils"), List.of("name"), List.of("checkout", "registration"), "100", "", "2027-01-31"),
                ClientGrant.parse(List.of("ils"), List.of("name"), List.of("checkout"), "101", "", "2027-01-31"),
                ClientGrant.parse(List.of("ils"), List.of("name"), List.of("checkout"), "none", "", "2027-01-31"),
                ClientGrant.parse(List.of("ils"), List.of("name"), List.of("checkout"), "100", "", "2027-02-01"),
                ClientGrant.parse(List.of("ils"), List.of("name"), List.of("checkout"), "100", "", "none"));
        assertThat(wider).allSatisfy(grant -> {
            assertThat(clients().change(by(ALONE), "koha", grant).filed()).isPresent();
            assertThat(clients().find("koha").grant()).isEqualTo(narrow);
        });
        assertThat(clients().change(by(DORA), "koha", wide).filed()).isEmpty();
        assertThat(clients().find("koha").grant()).isEqualTo(wide);
    }

    @Test
    void numberOfChecksIsKeptForTheCallerUntilItIsThePolicysAgain() {
        ClientGrant grant = ClientGrant.parse(List.of("entitlement"), List.of(), List.of(), "10", "", "none")
                .checking("1200");
        String key = add(ALONE, "hoopla", grant);
        assertThat(clients().find("hoopla").grant()).isEqualTo(grant);
        assertThat(vault.access().resolve(key).checks()).hasValue(1_200);
        vault.storeFirstPatron();
        assertThat(clients().change(by(ALONE), "hoopla", grant.checking("5000")).filed())
                .as("a client that opens nothing is one administrator's matter")
                .isEmpty();
        assertThat(clients().find("hoopla").grant().checksText()).isEqualTo("5000");
        assertThat(clients()
                        .change(by(ALONE), "hoopla", grant.checking("default"))
                        .filed())
                .isEmpty();
        assertThat(clients().find("hoopla").grant().checksText()).isEqualTo("default");
        assertThat(vault.access().resolve(key).checks()).isEmpty();
        for (String checks : List.of("0", "-1", "none", "", "10000001", "1e3")) {
            assertThat(Refusals.problemOf(() -> grant.checking(checks))).isEqualTo(Problem.INVALID);
        }
    }

    @Test
    void moreChecksOfAClientThatOpensFieldsTakeTwo() {
        ClientGrant grant = ClientGrant.parse(List.of("ils"), List.of(), List.of(), "10", "", "none");
        add(ALONE, "koha", grant.checking("100"));
        vault.storeFirstPatron();
        assertThat(clients().change(by(ALONE), "koha", grant.checking("99")).filed())
                .isEmpty();
        Approvals.Answer asked = clients().change(by(ALONE), "koha", grant.checking("100"));
        assertThat(asked.filed()).isPresent();
        assertThat(clients().find("koha").grant().checksText()).isEqualTo("99");
        assertThat(clients().change(by(DORA), "koha", grant.checking("100")).filed())
                .isEmpty();
        assertThat(clients().find("koha").grant().checksText()).isEqualTo("100");
    }

    @Test
    void clientEndsWithItsLastDayAndItsKeysWithIt() {
        String key =
                add(ALONE, "koha", ClientGrant.parse(List.of("ils"), List.of(), List.of(), "10", "", "2026-11-25"));
        vault.advance(Duration.ofHours(38).plusSeconds(59 * 60 + 59));
        assertThat(nameOf(key)).isEqualTo("koha");
        vault.advance(Duration.ofSeconds(1));
        assertNotSignedIn(key);
        assertNotSignedIn(rotate(ALONE, "koha"));
    }

    @Test
    void referenceIsNotInTheDatabaseInClear() {
        add(
                ALONE,
                "koha",
                ClientGrant.parse(List.of("ils"), List.of(), List.of(), "10", "Permission of K. Unique-Name", "none"));
        assertThat(clients().find("koha").grant().reference()).isEqualTo("Permission of K. Unique-Name");
        assertThat(vault.count("SELECT count(*) FROM authority WHERE body LIKE '%Unique-Name%'"))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "client-key"})
    void removedRowIsAnIntegrityErrorAndNoAuthority(String kind) {
        String key = add("koha", "ils");
        assertThat(vault.tamper("DELETE FROM authority WHERE kind = ?", kind)).isEqualTo(1);
        assertThatThrownBy(() -> vault.access().resolve(key)).isInstanceOf(IntegrityException.class);
    }

    @Test
    void keyTakenAwayDuringARotationDoesNotEscapeIt() {
        add("koha", "entitlement");
        vault.tamper("DELETE FROM authority WHERE kind = 'client-key'");
        assertThatThrownBy(() -> rotate(ALONE, "koha")).isInstanceOf(IntegrityException.class);
    }

    @Test
    void lastDayThatNoCalendarGoesBeyondIsRefused() {
        assertThat(Refusals.problemOf(() ->
                        ClientGrant.parse(List.of("witness"), List.of(), List.of(), "10", "", "+999999999-12-31")))
                .isEqualTo(Problem.INVALID);
    }

    @Test
    void aKeyProvedIsBelievedForHalfASecondAndNoLonger() {
        String mailer = add("mailer2", "notices");
        String koha = add("koha2", "ils");
        assertThat(nameOf(mailer)).isEqualTo("mailer2");
        // As if another node had changed the rows.
        vault.swapNames("client", "koha2", "mailer2");
        vault.nanos.addAndGet(BELIEVED.toNanos() - 1);
        assertThat(nameOf(mailer)).isEqualTo("mailer2");
        assertThatThrownBy(() -> vault.access().resolve(koha)).isInstanceOf(IntegrityException.class);
        vault.nanos.addAndGet(1);
        assertThatThrownBy(() -> vault.access().resolve(mailer)).isInstanceOf(IntegrityException.class);
        vault.swapNames("client", "koha2", "mailer2");
    }

    @Test
    void keysAndClientsSwappedByNameAreIntegrityErrors() {
        String mailer = add("mailer", "notices");
        String koha = add("koha", "ils");
        vault.swapNames("client", "koha", "mailer");
        assertThatThrownBy(() -> vault.access().resolve(mailer)).isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> vault.access().resolve(koha)).isInstanceOf(IntegrityException.class);
        vault.swapNames("client", "koha", "mailer");
        assertThat(nameOf(mailer)).isEqualTo("mailer");

        List<String> keys = vault.names("client-key");
        vault.swapNames("client-key", keys.get(0), keys.get(1));
        vault.nanos.addAndGet(BELIEVED.toNanos());
        assertThatThrownBy(() -> vault.access().resolve(mailer)).isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> vault.access().resolve(koha)).isInstanceOf(IntegrityException.class);
    }
}
