package org.patronvault.access;

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
import org.patronvault.model.Actor;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronField;
import org.patronvault.model.Problem;
import org.patronvault.model.Purpose;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ClientsTest {
    private static final Duration BELIEVED = Duration.ofMillis(500);
    private static final Optional<Actor> ALONE = Optional.empty();
    private static final Optional<Actor> DORA = Optional.of(new Actor(Actor.Kind.STAFF, "dora", "director", "NC"));
    private static final Actor ROOT = new Actor(Actor.Kind.STAFF, "root", "admin", "");
    private static final OptionalInt DEFAULT_DAILY = OptionalInt.of(Clients.DEFAULT_DAILY);

    private TestVault vault;

    @BeforeAll
    void open(@TempDir Path directory) {
        vault = new TestVault(directory);
    }

    @AfterAll
    void close() {
        vault.close();
    }

    @BeforeEach
    void beginCommissioning() {
        vault = vault.next();
    }

    private Clients clients() {
        return vault.access().clients();
    }

    private static Clients.Grant grant(String scope, OptionalInt daily) {
        return new Clients.Grant(Set.of(scope), Set.of(), Set.of(), daily);
    }

    private String add(String name, String scope) {
        return clients().add(ROOT, ALONE, name, grant(scope, DEFAULT_DAILY));
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
        Clients.Grant grant = new Clients.Grant(Set.of("notices", "metrics"), fields, purposes, OptionalInt.of(7));
        Caller caller = vault.access().resolve(clients().add(ROOT, ALONE, " Mailer ", grant));
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
        Caller caller = vault.access().resolve(clients().add(ROOT, ALONE, "koha", grant("ils", OptionalInt.empty())));
        assertThat(caller.limited()).isFalse();
        assertThat(caller.daily()).isEmpty();
        assertThat(caller.fields()).isEmpty();
        assertThat(caller.purposes()).isEmpty();
    }

    @Test
    void unknownScopeBadDailyNumberAndTakenNameAreRefused() {
        assertThat(Refusals.problemOf(() -> add("koha", "everything"))).isEqualTo(Problem.INVALID);
        for (int daily : new int[] {0, -1, Integer.MIN_VALUE}) {
            assertThat(Refusals.problemOf(
                            () -> clients().add(ROOT, ALONE, "koha", grant("ils", OptionalInt.of(daily)))))
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
        String second = clients().rotate(ROOT, ALONE, "Koha");
        vault.advance(Duration.ofHours(23));
        String third = clients().rotate(ROOT, ALONE, "koha");
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
    void rotatingOneClientLeavesAnothersKey() {
        String other = add("other", "ils");
        add("koha", "ils");
        clients().rotate(ROOT, ALONE, "koha");
        vault.advance(Duration.ofHours(25));
        assertThat(nameOf(other)).isEqualTo("other");
    }

    @Test
    void revokedClientIsNobodyAtOnceWithEveryKeyAndAfterRestart() {
        String first = add("koha", "ils");
        String second = clients().rotate(ROOT, ALONE, "koha");
        clients().revoke(ROOT, "KOHA");
        assertNotSignedIn(first);
        assertNotSignedIn(second);
        vault.restart();
        assertNotSignedIn(first);
        assertNotSignedIn(second);
        assertThat(clients().list()).singleElement().matches(Clients.Facts::revoked);
        assertThat(Refusals.problemOf(() -> clients().revoke(ROOT, "nobody"))).isEqualTo(Problem.NOT_FOUND);
        assertThat(Refusals.problemOf(() -> clients().rotate(ROOT, ALONE, "nobody")))
                .isEqualTo(Problem.NOT_FOUND);
    }

    @Test
    void clientThatOpensFieldsOrManyPatronsIsMadeByTwo() {
        vault.storeFirstPatron();
        List<Clients.Grant> big = List.of(
                grant("ils", DEFAULT_DAILY),
                grant("notices", OptionalInt.of(1)),
                grant("entitlement", OptionalInt.of(10_001)),
                grant("entitlement", OptionalInt.empty()),
                new Clients.Grant(
                        Set.of("metrics", "notices"), Set.of(PatronField.PHONE), Set.of(), OptionalInt.of(1)));
        for (Clients.Grant grant : big) {
            for (Optional<Actor> nobodyElse : List.of(
                    ALONE,
                    Optional.of(ROOT),
                    Optional.of(new Actor(Actor.Kind.STAFF, "carl", "circulation", "NC")),
                    Optional.of(new Actor(Actor.Kind.STAFF, "carl", "custodian", "NC")),
                    Optional.of(new Actor(Actor.Kind.STAFF, "carl", "privacy-officer", "NC")),
                    Optional.of(new Actor(Actor.Kind.CLIENT, "koha", "admin", "")))) {
                assertThat(Refusals.problemOf(() -> clients().add(ROOT, nobodyElse, "big", grant)))
                        .as("%s with %s", grant, nobodyElse)
                        .isEqualTo(Problem.SECOND_PERSON_REQUIRED);
            }
        }
        assertThat(clients().list()).isEmpty();
        Optional<Actor> abel = Optional.of(new Actor(Actor.Kind.STAFF, "abel", "admin", ""));
        assertThat(nameOf(clients().add(ROOT, DORA, "one", big.get(0)))).isEqualTo("one");
        assertThat(nameOf(clients().add(ROOT, abel, "two", big.get(3)))).isEqualTo("two");
    }

    @Test
    void clientThatOpensNothingIsMadeAndRotatedByOne() {
        vault.storeFirstPatron();
        for (String scope : List.of("entitlement", "statistics", "witness", "metrics")) {
            assertThat(nameOf(add(scope, scope))).isEqualTo(scope);
            assertThat(nameOf(clients().rotate(ROOT, ALONE, scope))).isEqualTo(scope);
        }
    }

    @Test
    void clientThatOpensFieldsIsRotatedByTwoAndRevokedByOne() {
        String key = add("koha", "ils");
        vault.storeFirstPatron();
        assertThat(Refusals.problemOf(() -> clients().rotate(ROOT, ALONE, "koha")))
                .isEqualTo(Problem.SECOND_PERSON_REQUIRED);
        assertThat(vault.names("client-key")).hasSize(1);
        assertThat(nameOf(clients().rotate(ROOT, DORA, "koha"))).isEqualTo("koha");
        assertThatCode(() -> clients().revoke(ROOT, "koha")).doesNotThrowAnyException();
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

    @ParameterizedTest
    @ValueSource(strings = {"client", "client-key"})
    void removedRowIsAnIntegrityErrorAndNoAuthority(String kind) {
        String key = add("koha", "ils");
        assertThat(vault.tamper("DELETE FROM authority WHERE kind = ?", kind)).isEqualTo(1);
        assertThatThrownBy(() -> vault.access().resolve(key)).isInstanceOf(IntegrityException.class);
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
