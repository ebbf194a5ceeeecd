package org.patronvault.privacy.disclosure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.patron.check.PatronIntegrityCheck.Finding;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;
import org.patronvault.upkeep.check.Check;

/** Tests of stored cases: none can be edited, exchanged, rolled back or removed unnoticed, and their key is rotated. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class CaseStoreContract {
    static final String AGENCY = "Quimperle Constabulary";
    private static final String ADVICE = "Wistful marmalade advice";
    private static final Caller DIRECTOR = OpenVault.person("director");

    OpenVault vault;
    CaseId one;
    private CaseId other;

    abstract OpenVault fresh();

    @BeforeAll
    void open() {
        vault = fresh();
        vault.register("'card':'C1','name':{'family':'Doe'}");
    }

    @AfterAll
    void close() {
        vault.close();
    }

    @BeforeEach
    void takeTwoDown() {
        one = opened();
        other = opened();
    }

    private Disclosures disclosures() {
        return vault.vault().privacy().disclosures();
    }

    private CaseId opened() {
        return disclosures()
                .cases()
                .open(
                        OpenVault.person("page"),
                        false,
                        () -> Map.of("agency", AGENCY, "instrument", "court-order"),
                        Optional::empty,
                        AuditLog.newRequest());
    }

    DisclosureCase look(CaseId id) {
        return disclosures()
                .cases()
                .look(DIRECTOR, id.toString(), AuditLog.newRequest())
                .one();
    }

    private static CaseWorkflow.StepRequest by(CaseId id) {
        return new CaseWorkflow.StepRequest(DIRECTOR, id.toString(), Optional::empty, AuditLog.newRequest());
    }

    private static StepInput said(Map<String, String> words) {
        return new StepInput(member -> Optional.ofNullable(words.get(member)), List.of(), java.util.Set.of());
    }

    private DisclosureCase counsel(CaseId id) {
        return disclosures().acts().counsel(by(id), () -> said(Map.of("counsel", "L. Exner", "advice", ADVICE)));
    }

    private DisclosureCase gag(CaseId id, boolean ordered) {
        return disclosures()
                .acts()
                .gag(by(id), () -> said(Map.of("ordered", Boolean.toString(ordered), "reason", "a court")));
    }

    private void assertNamed(CaseId id) {
        assertThatThrownBy(() -> look(id)).isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> counsel(id)).isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> disclosures().cases().list(DIRECTOR, AuditLog.newRequest()))
                .isInstanceOf(IntegrityException.class);
    }

    private int run(String sql, Object... words) {
        try (Connection connection = vault.connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < words.length; i++) {
                statement.setObject(i + 1, words[i]);
            }
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A row as it is, to be restored. */
    private record Kept(CaseId id, long generation, byte[] envelope, long rowGeneration, String body, byte[] mac) {
        private Kept renumbered(long number) {
            return new Kept(id, number, envelope, rowGeneration, body, mac);
        }
    }

    private Kept keep(CaseId id) {
        try (Connection connection = vault.connect();
                PreparedStatement statement = connection.prepareStatement(
                        "SELECT c.generation, c.envelope, a.generation, a.body, a.mac FROM case_cell c, authority a"
                                + " WHERE c.id = ? AND a.kind = 'case' AND a.name = ?")) {
            statement.setLong(1, id.number());
            statement.setString(2, id.toString());
            try (ResultSet row = statement.executeQuery()) {
                assertThat(row.next()).isTrue();
                return new Kept(id, row.getLong(1), row.getBytes(2), row.getLong(3), row.getString(4), row.getBytes(5));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void putCell(CaseId id, Kept kept) {
        assertThat(run(
                        "UPDATE case_cell SET generation = ?, envelope = ? WHERE id = ?",
                        kept.generation(),
                        kept.envelope(),
                        id.number()))
                .isOne();
    }

    private void putRow(CaseId id, Kept kept) {
        assertThat(run(
                        "UPDATE authority SET generation = ?, body = ?, mac = ? WHERE kind = 'case' AND name = ?",
                        kept.rowGeneration(),
                        kept.body(),
                        kept.mac(),
                        id.toString()))
                .isOne();
    }

    @Test
    void cellThatWasEditedAnywhereIsNamedAndNeverRead() {
        Kept kept = keep(one);
        for (int at = 1; at < kept.envelope().length; at += 37) {
            byte[] edited = kept.envelope().clone();
            edited[at] ^= 1;
            run("UPDATE case_cell SET envelope = ? WHERE id = ?", edited, one.number());
            assertThatThrownBy(() -> look(one)).isInstanceOf(IntegrityException.class);
        }
        assertNamed(one);
        assertThat(look(other).state()).as("the other is read").isEqualTo(CaseState.REFERRED);
        putCell(one, kept);
        run("UPDATE case_cell SET generation = generation + 1 WHERE id = ?", one.number());
        assertNamed(one);
        putCell(one, kept);
        assertThat(look(one).state()).isEqualTo(CaseState.REFERRED);
    }

    @Test
    void cellsThatWereExchangedAreNamed() {
        Kept first = keep(one);
        Kept second = keep(other);
        putCell(one, second);
        putCell(other, first);
        assertNamed(one);
        assertNamed(other);
        putRow(one, second);
        putRow(other, first);
        assertNamed(one);
        assertNamed(other);
        putCell(one, first);
        putCell(other, second);
        putRow(one, first);
        putRow(other, second);
        assertThat(look(one).id()).isEqualTo(one);
    }

    @Test
    void oldCellThatWasPutBackIsNamedEvenWithItsRow() {
        Kept old = keep(one);
        counsel(one);
        Kept now = keep(one);
        putCell(one, old);
        assertNamed(one);
        putRow(one, old);
        assertNamed(one);
        putCell(one, now);
        putRow(one, now);
        assertThat(look(one).state()).isEqualTo(CaseState.COUNSELLED);
    }

    @Test
    void caseThatWasTakenAwayIsMissed() {
        Kept kept = keep(one);
        run("DELETE FROM case_cell WHERE id = ?", one.number());
        assertNamed(one);
        run("DELETE FROM authority WHERE kind = 'case' AND name = ?", one.toString());
        assertNamed(one);
        run(
                "INSERT INTO case_cell (id, generation, envelope) VALUES (?, ?, ?)",
                one.number(),
                kept.generation(),
                kept.envelope());
        assertNamed(one);
        run(
                "INSERT INTO authority (kind, name, generation, body, mac) VALUES ('case', ?, ?, ?, ?)",
                one.toString(),
                kept.rowGeneration(),
                kept.body(),
                kept.mac());
        assertThat(look(one).state()).isEqualTo(CaseState.REFERRED);
    }

    @Test
    void copyUnderAnotherNumberIsNoCase() {
        Kept kept = keep(one);
        CaseId made = new CaseId(4711);
        run(
                "INSERT INTO case_cell (id, generation, envelope) VALUES (?, ?, ?)",
                made.number(),
                kept.generation(),
                kept.envelope());
        assertThatThrownBy(() -> look(made)).isInstanceOf(Refused.class);
        run(
                "INSERT INTO authority (kind, name, generation, body, mac) VALUES ('case', ?, ?, ?, ?)",
                made.toString(),
                kept.rowGeneration(),
                kept.body(),
                kept.mac());
        assertNamed(made);
        run("DELETE FROM authority WHERE kind = 'case' AND name = ?", made.toString());
        run("DELETE FROM case_cell WHERE id = ?", made.number());
    }

    Map<Integer, KeyState> states() {
        Map<Integer, KeyState> states = new java.util.TreeMap<>();
        vault.vault().custody().keys().inventory().stream()
                .filter(key -> key.name().equals("case"))
                .forEach(key -> states.put(key.version(), key.state()));
        return states;
    }

    private long hanging(int version) {
        return vault.vault().store().read(tx -> tx.cases().count(version));
    }

    int primary() {
        return vault.vault().custody().keys().cases().primaryVersion();
    }

    @Test
    void rotationOfItsKeyAndOfAllOfThemRewrapsEachCellAndRetiresTheVersionBefore() {
        counsel(one);
        for (String name : List.of("case", "all")) {
            int before = primary();
            long cells = hanging(before);
            assertThat(cells).isPositive();
            vault.vault()
                    .rotations()
                    .begin(OpenVault.person("custodian"), name, 0, Optional::empty, AuditLog.newRequest())
                    .forEach(begun -> assertThat(
                                    vault.vault().operations().await(begun.id()).state())
                            .isEqualTo(Operation.DONE));
            assertThat(primary()).as(name).isEqualTo(before + 1);
            assertThat(hanging(before)).as(name).isZero();
            assertThat(hanging(primary())).as(name).isEqualTo(cells);
            assertThat(states()).as(name).containsEntry(before, KeyState.RETIRED);
            assertThat(look(one).state()).isEqualTo(CaseState.COUNSELLED);
            assertThat(look(other).state()).isEqualTo(CaseState.REFERRED);
            vault.restart();
            assertThat(look(one).intake().text(DisclosureCase.AGENCY)).contains(AGENCY);
        }
        assertThat(counsel(other).state()).isEqualTo(CaseState.COUNSELLED);
    }

    @Test
    void stepsGoOnWhileTheKeyIsRotated() throws Exception {
        AtomicBoolean rotating = new AtomicBoolean(true);
        ExecutorService people = Executors.newSingleThreadExecutor();
        try {
            Future<Integer> steps = people.submit(() -> {
                int taken = 0;
                while (rotating.get() || taken == 0) {
                    gag(one, taken++ % 2 == 0);
                }
                return taken;
            });
            for (int i = 0; i < 5; i++) {
                assertThat(vault.rotate("case").state()).isEqualTo(Operation.DONE);
            }
            rotating.set(false);
            int taken = steps.get(30, TimeUnit.SECONDS);
            assertThat(look(one).taken().size()).isEqualTo(1 + taken);
            assertThat(hanging(primary()))
                    .isEqualTo(vault.vault().store().read(tx -> tx.cases().count()));
        } finally {
            rotating.set(false);
            people.shutdown();
        }
    }

    @Test
    void damagedCellStaysAsItIsAndTheRotationSaysSo() {
        Kept kept = keep(one);
        int before = primary();
        byte[] edited = kept.envelope().clone();
        edited[20] ^= 1;
        run("UPDATE case_cell SET envelope = ? WHERE id = ?", edited, one.number());
        Operation ended = vault.rotate("case");
        assertThat(ended.state()).isEqualTo(Operation.FAILED);
        assertThat(states()).containsEntry(before, KeyState.ACTIVE);
        assertThat(look(other).state()).isEqualTo(CaseState.REFERRED);
        putCell(one, kept);
        assertThat(look(one).state()).isEqualTo(CaseState.REFERRED);
        assertThat(vault.rotate("case").state()).isEqualTo(Operation.DONE);
    }

    @Test
    void checkNamesTheOneThatIsDamagedOrWasTakenAwayAndNoOther() {
        assertThat(damaged()).isEmpty();
        Kept kept = keep(one);
        byte[] edited = kept.envelope().clone();
        edited[20] ^= 1;
        run("UPDATE case_cell SET envelope = ? WHERE id = ?", edited, one.number());
        assertThat(damaged()).containsExactly(one);
        putCell(one, kept);
        run("UPDATE case_cell SET generation = generation + 1 WHERE id = ?", other.number());
        assertThat(damaged()).containsExactly(other);
        putCell(other, keep(other).renumbered(1));
        run("UPDATE authority SET name = 'x' || name WHERE kind = 'case' AND name = ?", other.toString());
        assertThat(found())
                .satisfiesExactlyInAnyOrder(
                        finding -> assertThat(finding.inCase()).contains(other),
                        finding -> assertThat(finding.field() + " " + finding.what())
                                .isEqualTo("authority changed"));
        run("UPDATE authority SET name = ? WHERE kind = 'case' AND name = ?", other.toString(), "x" + other);
        assertThat(damaged()).isEmpty();
    }

    private List<CaseId> damaged() {
        return found().stream()
                .map(finding -> finding.inCase().orElseThrow(() -> new AssertionError(finding)))
                .toList();
    }

    private List<Finding> found() {
        Check.Report report = vault.vault().check().run(OpenVault.person("custodian"), Progress.UNSEEN);
        assertThat(report.findings()).isEqualTo(report.listed().size());
        return report.listed();
    }

    @Test
    void ofTwoWhoTakeTheSameStepAtOnceExactlyOneDoes() throws Exception {
        ExecutorService people = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 20; round++) {
                CaseId id = opened();
                CyclicBarrier together = new CyclicBarrier(2);
                List<Future<String>> both = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    both.add(people.submit(() -> outcome(id, together)));
                }
                List<String> outcomes = List.of(
                        both.get(0).get(30, TimeUnit.SECONDS), both.get(1).get(30, TimeUnit.SECONDS));
                assertThat(outcomes).containsExactlyInAnyOrder("taken", "case-state");
                assertThat(look(id).taken()).hasSize(2);
            }
        } finally {
            people.shutdown();
        }
    }

    /** Both have read before either writes. */
    private String outcome(CaseId id, CyclicBarrier together) {
        try {
            disclosures().acts().counsel(by(id), () -> {
                try {
                    together.await(30, TimeUnit.SECONDS);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
                return said(Map.of("counsel", "L. Exner", "advice", ADVICE));
            });
            return "taken";
        } catch (Refused e) {
            return e.problem().slug();
        }
    }

    @Test
    void noTableShowsWhatWasSaid() throws SQLException {
        counsel(one);
        for (String table : List.of("case_cell", "authority", "access_log", "idempotency")) {
            assertThat(everything(table)).as(table).doesNotContain(AGENCY, ADVICE, "court-order");
        }
    }

    private String everything(String table) throws SQLException {
        StringBuilder all = new StringBuilder();
        try (Connection connection = vault.connect();
                PreparedStatement statement = connection.prepareStatement("SELECT * FROM " + table);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
                    Object cell = rows.getObject(column);
                    all.append(
                                    cell instanceof byte[] bytes
                                            ? new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1)
                                            : String.valueOf(cell))
                            .append('\n');
                }
            }
        }
        return all.toString();
    }
}
