package org.patronvault.custody.rotate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.keys.ring.RingKey;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;

/** Tests of a rotation of a field's KEK, over several batches of values. */
final class RotationTest {
    private static final int PATRONS = LongRun.times(200, 700);
    /** Where the commitment begins: everything from there on is in the row hash (format.md). */
    private static final int COMMITMENT_AT = 77;

    private static OpenVault vault;

    @BeforeAll
    static void importPatrons() {
        vault = OpenVault.onSqlite();
        assertThat(vault.patrons()
                        .importer()
                        .run(OpenVault.person("admin"), new NumberedPatrons(PATRONS), false, n -> {})
                        .created())
                .isEqualTo(PATRONS);
    }

    @AfterAll
    static void close() {
        vault.close();
    }

    @ParameterizedTest
    @EnumSource(PatronField.class)
    void everyValueHangsOnTheNewVersionAndIsOtherwiseTheSame(PatronField field) throws SQLException {
        Map<Long, ByteBuffer> before = payloads(field);
        int old = primary(field);
        long entries = vault.logSize();

        Operation ended = rotate(field);

        assertThat(ended.state()).isEqualTo("done");
        assertThat(ended.done()).isEqualTo(PATRONS);
        assertThat(ended.total()).isEqualTo(PATRONS);
        assertThat(primary(field)).isEqualTo(old + 1);
        assertThat(versions(field)).isEqualTo(Map.of(old + 1, (long) PATRONS));
        assertThat(payloads(field)).isEqualTo(before);
        assertThat(List.of(1, PATRONS / 2, PATRONS)).allSatisfy(RotationTest::assertOpens);
        AccessEvent begun = vault.logSince(entries).get(0);
        assertThat(begun.act()).isEqualTo(ActKind.ROTATE);
        assertThat(begun.outcome()).isEqualTo(Outcome.KEY);
        assertThat(begun.mark()).isPresent();
        assertThat(begun.about()).contains(field.wireName());
    }

    @Test
    void rateIsKeptToAndChangedWhileItRuns() {
        long start = System.nanoTime();
        Operation half =
                vault.vault().operations().await(begin("email", 2 * PATRONS).id());
        assertThat(half.state()).isEqualTo(Operation.DONE);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(400));
        Operation slow = begin("email", 1);
        assertThat(hurry(slow).rate()).isZero();
        assertThat(vault.vault().operations().await(slow.id()).state()).isEqualTo(Operation.DONE);
        assertThatThrownBy(() -> vault.vault()
                        .rotations()
                        .keepTo(OpenVault.person("custodian").actor(), slow.id(), 5))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.APPROVAL_CLOSED));
    }

    private static Operation hurry(Operation slow) {
        return vault.vault().rotations().keepTo(OpenVault.person("custodian").actor(), slow.id(), 0);
    }

    private static Operation begin(String name, int rate) {
        return vault.vault()
                .rotations()
                .begin(OpenVault.person("custodian"), name, rate, Optional::empty, AuditLog.newRequest())
                .get(0);
    }

    @Test
    void allFieldsAreOneOperationAndEachOfTheirOlderVersionsIsRetired() throws SQLException {
        // So that values of one field need two older versions, and the fields different ones.
        vault.vault().custody().addVersion(PatronField.PHONE.wireName());
        PatronId id = vault.find("N7").hits().get(0).id();
        String phone = NumberedPatrons.draft(7).phone().get(0);
        long changed =
                vault.patch(id, version(id), "{'phone':['203-555-0143']}").version();
        vault.patch(id, changed, "{'phone':['" + phone + "']}");
        assertThat(versions(PatronField.PHONE)).hasSize(2).containsEntry(primary(PatronField.PHONE), 1L);
        Map<PatronField, Map<Long, ByteBuffer>> before = allPayloads();
        long entries = vault.logSize();

        List<Operation> begun = begin("custodian", Rotations.ALL);

        assertThat(begun).hasSize(1);
        Operation ended = operations().await(begun.get(0).id());
        List<AccessEvent> logged = vault.logSince(entries);
        assertThat(ended.state()).isEqualTo("done");
        assertThat(ended.total()).isEqualTo(7L * PATRONS);
        assertThat(ended.done()).isEqualTo(7L * PATRONS);
        assertThat(allPayloads()).isEqualTo(before);
        assertThat(PatronField.values()).allSatisfy(field -> {
            assertThat(versions(field)).isEqualTo(Map.of(primary(field), (long) PATRONS));
            assertThat(statesBelow(field)).containsOnly(KeyState.RETIRED);
        });
        assertThat(List.of(1, 7, PATRONS)).allSatisfy(RotationTest::assertOpens);
        assertThat(logged).allSatisfy(event -> assertThat(event.about()).contains(Rotations.ALL));
        assertThat(logged.get(0).mark()).isPresent();
        assertThat(logged.subList(1, logged.size() - 1).stream()
                        .mapToLong(event -> event.count().orElseThrow())
                        .sum())
                .isEqualTo(7L * PATRONS);
    }

    @Test
    void secondRotationOfAFieldIsRefusedWhileOneRuns() {
        Operation first = begin("custodian", "phone", PATRONS).get(0);
        assertThatThrownBy(() -> begin(PatronField.PHONE)).satisfies(RotationTest::isRunning);
        assertThatThrownBy(() -> begin("custodian", Rotations.ALL)).satisfies(RotationTest::isRunning);
        Operation other = begin(PatronField.EMAIL);
        hurry(first);
        assertThat(operations().await(first.id()).state()).isEqualTo("done");
        assertThat(operations().await(other.id()).state()).isEqualTo("done");
        assertThat(rotate(PatronField.PHONE).state()).isEqualTo("done");
    }

    @Test
    void rotationOfAFieldIsRefusedWhileAllOfThemAreRotated() {
        Operation all = begin("custodian", Rotations.ALL, 14 * PATRONS).get(0);
        assertThatThrownBy(() -> begin(PatronField.PHONE)).satisfies(RotationTest::isRunning);
        hurry(all);
        assertThat(operations().await(all.id()).state()).isEqualTo("done");
    }

    private static void isRunning(Throwable thrown) {
        assertThat(thrown)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.OPERATION_RUNNING));
    }

    @Test
    void onlyACustodianRotates() {
        assertThatThrownBy(() -> begin("supervisor", "card")).isInstanceOf(Refused.class);
    }

    @Test
    void rotationThatWasInterruptedIsResumed() throws SQLException {
        Operation begun = begin("custodian", "address", PATRONS).get(0);
        vault.restart();
        assertThat(operations().find(begun.id()).isRunning()).isTrue();
        Operation ended = operations().await(begun.id());
        assertThat(ended.state()).isEqualTo("done");
        assertThat(versions(PatronField.ADDRESS)).isEqualTo(Map.of(primary(PatronField.ADDRESS), (long) PATRONS));
        assertOpens(PATRONS);
    }

    @Test
    void readsAndWritesGoOnMeanwhile() throws Exception {
        AtomicBoolean rotating = new AtomicBoolean(true);
        ExecutorService desk = Executors.newFixedThreadPool(2);
        try {
            Future<Integer> reads = desk.submit(() -> {
                int n = 0;
                while (rotating.get() || n == 0) {
                    assertOpens(1 + n++ % PATRONS);
                }
                return n;
            });
            Future<Integer> writes = desk.submit(() -> {
                PatronId id = vault.find("N5").hits().get(0).id();
                long version = version(id);
                int n = 0;
                while (rotating.get() || n == 0) {
                    vault.patch(id, version + n, "{'name':{'middle':'M" + n++ + "'}}");
                }
                return n;
            });
            List<PatronField> fields =
                    LongRun.ON ? List.of(PatronField.values()) : List.of(PatronField.NAME, PatronField.META);
            for (PatronField field : fields) {
                assertThat(rotate(field).state()).isEqualTo("done");
                assertThat(versions(field)).isEqualTo(Map.of(primary(field), (long) PATRONS));
            }
            assertThat(vault.rotate(Rotations.ALL).state()).isEqualTo("done");
            rotating.set(false);
            assertThat(reads.get()).isPositive();
            int written = writes.get();
            assertThat(vault.find("N5")
                            .hits()
                            .get(0)
                            .data()
                            .name()
                            .orElseThrow()
                            .middle())
                    .isEqualTo("M" + (written - 1));
        } finally {
            rotating.set(false);
            desk.shutdown();
        }
    }

    private static long version(PatronId id) {
        return vault.vault()
                .store()
                .read(tx -> tx.patrons().find(id))
                .orElseThrow()
                .row()
                .version();
    }

    private static Operations operations() {
        return vault.vault().operations();
    }

    private static Operation begin(PatronField field) {
        return begin("custodian", field.wireName()).get(0);
    }

    private static List<Operation> begin(String role, String name) {
        return begin(role, name, 0);
    }

    private static List<Operation> begin(String role, String name, int rate) {
        return vault.vault()
                .rotations()
                .begin(OpenVault.person(role), name, rate, Optional::empty, AuditLog.newRequest());
    }

    private static Operation rotate(PatronField field) {
        return operations().await(begin(field).id());
    }

    private static int primary(PatronField field) {
        return vault.patrons().vault().primaryVersion(field);
    }

    private static Map<Integer, Long> versions(PatronField field) {
        return vault.vault().store().read(tx -> tx.wraps().countByKek()).get(field);
    }

    private static void assertOpens(int n) {
        Lookup.Result found = vault.find("N" + n);
        assertThat(found.hits()).singleElement().satisfies(hit -> {
            assertThat(hit.data().phone()).contains(NumberedPatrons.draft(n).phone());
            assertThat(hit.data().name().orElseThrow().family()).isEqualTo("Family " + n);
        });
    }

    private static List<KeyState> statesBelow(PatronField field) {
        return vault.vault().custody().keys().inventory().stream()
                .filter(key -> key.name().equals(field.wireName()) && key.version() < primary(field))
                .map(RingKey::state)
                .toList();
    }

    private static Map<PatronField, Map<Long, ByteBuffer>> allPayloads() throws SQLException {
        Map<PatronField, Map<Long, ByteBuffer>> payloads = new EnumMap<>(PatronField.class);
        for (PatronField field : PatronField.values()) {
            payloads.put(field, payloads(field));
        }
        return payloads;
    }

    /** Patron → generation, commitment and payload of the field. */
    private static Map<Long, ByteBuffer> payloads(PatronField field) throws SQLException {
        Map<Long, ByteBuffer> payloads = new TreeMap<>();
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT patron, generation, envelope FROM cell"
                        + " WHERE field = '" + field.wireName() + "'")) {
            while (row.next()) {
                byte[] envelope = row.getBytes(3);
                byte[] hashed = Arrays.copyOfRange(envelope, COMMITMENT_AT, envelope.length);
                payloads.put(
                        row.getLong(1),
                        ByteBuffer.allocate(8 + hashed.length)
                                .putLong(row.getLong(2))
                                .put(hashed)
                                .flip());
            }
        }
        return payloads;
    }
}
