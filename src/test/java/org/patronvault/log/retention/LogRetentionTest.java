package org.patronvault.log.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.keys.Waits;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.MissingContentKeys;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.patron.check.PatronIntegrityCheck.Finding;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;

/** Tests of when a month is forgotten, of the obstacles, and of an interruption in the middle. */
final class LogRetentionTest extends LogRetentionContract {
    private static final String SHIPPED = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);

    @Override
    OpenVault open() {
        return OpenVault.onSqlite();
    }

    private Set<String> waiting() {
        return Waits.unproven(vault.home().node().resolve(LogRetention.WAITS)).keySet();
    }

    /** Runs that on the database, outside the vault. */
    private void run(String sql, Object... parameters) {
        try (Connection connection = vault.connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            statement.execute();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Copies some rows as they are, to be restored. */
    private void keep(String rows) {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE kept AS " + rows);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Appends so many entries without a patron. */
    private void fill(int n) {
        AuditLog log = vault.vault().log();
        List<CompletableFuture<AuditReceipt>> all = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            all.add(log.submit(
                    AuditLog.entry(log.event(Actor.VAULT, ActKind.FACTS, Outcome.COUNTED, AuditLog.newRequest())),
                    Lane.DESK));
        }
        all.forEach(AuditLog::await);
    }

    private RowHashRelog carry(int atMost, Runnable rest) {
        return new RowHashRelog(vault.vault().log(), Set.of(202611), atMost, rest);
    }

    @Test
    void monthIsForgottenAfterAWeekOfServiceThatARestartTakesAlong() {
        register("A1");
        at("2028-11-30T23:59:59Z");
        try (Forgetting forgetting = new Forgetting(vault)) {
            forgetting.turn();
            forgetting.serve(Duration.ofDays(60));
            assertThat(waiting()).isEmpty();
            at("2028-12-01T00:00:00Z");
            forgetting.turn();
            forgetting.serve(Duration.ofDays(6));
            assertThat(waiting()).containsExactly("202611");
            assertThat(forgotten()).isEmpty();
        }
        vault.restart();
        try (Forgetting forgetting = new Forgetting(vault)) {
            forgetting.serve(Duration.ofHours(23));
            forgetting.sealedFor(Duration.ofDays(30));
            forgetting.turn();
            assertThat(forgotten()).isEmpty();
            forgetting.serve(Duration.ofHours(1));
            assertThat(forgotten()).containsExactly(202611);
            forgetting.turn();
            assertThat(waiting()).isEmpty();
        }
    }

    @Test
    void clockThatJumpsAheadByThreeYearsForADayForgetsNothingAndTheWaitBeginsAnew() {
        PatronId ann = register("A1");
        try (Forgetting forgetting = new Forgetting(vault)) {
            for (int jump = 0; jump < 9; jump++) {
                at("2029-11-25T00:00:00Z");
                forgetting.turn();
                assertThat(waiting()).containsExactly("202611");
                forgetting.serve(Duration.ofDays(1));
                at("2026-11-25T00:00:00Z");
                forgetting.turn();
                assertThat(waiting()).isEmpty();
            }
        }
        assertThat(forgotten()).isEmpty();
        assertThat(entries(ActKind.CARRY)).isEmpty();
        assertThat(vault.vault().log().reader().about(ann)).hasSize(1);
    }

    @Test
    void clockThatIsSetBackToTheBeginningMakesNoKeyThatWouldBeDueAtOnce() {
        PatronId ann = register("A1");
        at("1970-01-01T00:00:10Z");
        PatronId bob = registeredLongAgo();
        at("2027-01-01T00:00:00Z");
        PatronId cat = register("C1");
        Forgetting.ofWhatIsDue(vault);
        assertThat(forgotten()).isEmpty();
        assertThat(vault.vault().custody().keys().inventory())
                .filteredOn(key -> key.name().equals(KeyName.LOG_CONTENT))
                .extracting(key -> key.version())
                .containsExactly(202611, 202701);
        for (PatronId patron : List.of(ann, bob, cat)) {
            assertThat(vault.vault().log().reader().about(patron)).hasSize(1);
        }
    }

    /** A patron who consented in 1970. */
    private PatronId registeredLongAgo() {
        JsonNode patron = OpenVault.json("{'card':'B1','name':{'family':'Old'},'library':'NC','category':'adult',"
                + "'consent':{'policy':'2018-05','given':'1970-01-01','channel':'desk'}}");
        return vault.patrons()
                .registration()
                .register(
                        OpenVault.person("circulation"),
                        vault.patrons().json().parse(patron),
                        Optional.empty(),
                        AuditLog.newRequest())
                .id();
    }

    @Test
    void whatThePolicyKeepsForEverIsNeverDueAndAShorterTimeIsThatMuchShorter() {
        register("A1");
        vault.restartUnder(SHIPPED.replace("accessLog: 24", "accessLog: forever"));
        at("2036-01-01T00:00:00Z");
        Forgetting.ofWhatIsDue(vault);
        assertThat(forgotten()).isEmpty();
        assertThat(waiting()).isEmpty();

        vault.close();
        vault = OpenVault.under(SHIPPED.replace("accessLog: 24", "accessLog: 12"));
        register("A1");
        at("2027-11-30T23:59:59Z");
        Forgetting.ofWhatIsDue(vault);
        assertThat(forgotten()).isEmpty();
        at("2027-12-01T00:00:00Z");
        Forgetting.ofWhatIsDue(vault);
        assertThat(forgotten()).containsExactly(202611);
    }

    @Test
    void policyThatKeepsForLongerEndsTheWait() {
        register("A1");
        at("2029-01-01T00:00:00Z");
        try (Forgetting forgetting = new Forgetting(vault)) {
            forgetting.turn();
            forgetting.serve(Duration.ofDays(6));
            assertThat(waiting()).isNotEmpty();
        }
        vault.restartUnder(SHIPPED.replace("accessLog: 24", "accessLog: 36"));
        try (Forgetting forgetting = new Forgetting(vault)) {
            forgetting.serve(Duration.ofDays(6));
            assertThat(waiting()).isEmpty();
            assertThat(forgotten()).isEmpty();
        }
    }

    @Test
    void severalMonthsGoOldestFirstAndNothingIsCarriedFromOneToTheNext() {
        PatronId ann = register("A1");
        at("2026-12-10T00:00:00Z");
        register("B1");
        at("2027-01-10T00:00:00Z");
        vault.patch(ann, 1, "{'phone':['203-555-0177']}");
        at("2029-06-01T00:00:00Z");
        Forgetting.ofWhatIsDue(vault);
        assertThat(forgotten()).containsExactly(202611, 202612, 202701);
        assertThat(entries(ActKind.DESTROY))
                .extracting(entry -> entry.about().orElseThrow())
                .containsExactly(
                        "log-content 202611",
                        "log-content 202611",
                        "log-content 202612",
                        "log-content 202612",
                        "log-content 202701",
                        "log-content 202701");
        assertThat(carried(Outcome.WRITTEN))
                .hasSize(2)
                .allMatch(one -> one.writes().size() == 7);
        assertThat(check()).isEmpty();
    }

    @Test
    void vaultNobodyUsesForgetsItsLastMonthTooAndMakesAKeyWhenItIsUsedAgain() {
        assertThat(vault.find("A1").hits()).isEmpty();
        at("2029-01-01T00:00:00Z");
        Forgetting.ofWhatIsDue(vault);
        assertThat(forgotten()).containsExactly(202611);
        assertThat(entries(ActKind.CARRY)).isEmpty();
        PatronId ann = register("A1");
        assertThat(vault.vault().log().reader().about(ann)).hasSize(1);
        assertThat(check()).isEmpty();
    }

    @Test
    void whatWasPutBackBeforeIsNotTakenForCurrent() {
        PatronId ann = register("A1");
        keep("SELECT * FROM cell");
        vault.patch(ann, 1, "{'phone':['203-555-0177']}");
        run("UPDATE cell SET (generation, envelope) = (SELECT generation, envelope FROM kept k"
                + " WHERE k.patron = cell.patron AND k.field = cell.field) WHERE field = 'phone'");
        at("2029-01-01T00:00:00Z");
        Forgetting.ofWhatIsDue(vault);
        assertThat(forgotten()).containsExactly(202611);
        assertThat(check()).containsExactly(new Finding(Optional.of(ann), "phone", "rolled-back"));
    }

    @Test
    void copyOfTheDatabaseSaysWithTheKeysOfNowNoLongerWhomTheMonthWasAbout(@TempDir Path directory)
            throws SQLException {
        PatronId ann = register("A1");
        vault.reveal(ann);
        Path copy = directory.resolve("copy.db");
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("VACUUM INTO '" + copy + "'");
        }
        assertThat(namedIn(copy, directory)).contains(ann);
        at("2029-01-01T00:00:00Z");
        Forgetting.ofWhatIsDue(vault);
        assertThat(namedIn(copy, directory)).isEmpty();
        vault.restart();
        assertThat(namedIn(copy, directory)).isEmpty();
    }

    private List<PatronId> namedIn(Path copy, Path directory) {
        try (Store store = Store.open(StoreSettings.sqlite(copy));
                AuditLog log =
                        AuditLog.open(store, vault.vault().custody(), vault.clock(), directory, directory, why -> {})) {
            return log.reader().entries(0, LogReader.MAX_ENTRIES).entries().stream()
                    .flatMap(entry -> entry.event().subjects().stream())
                    .map(Subject::patron)
                    .toList();
        }
    }

    @Test
    void whoIsWrittenAfterTheLogWasReadIsLeftOutInTheUnitItself() {
        PatronId ann = register("A1");
        PatronId bob = register("B1");
        PatronId cat = register("C1");
        at("2029-01-01T00:00:00Z");
        AtomicBoolean first = new AtomicBoolean(true);
        carry(1_000, () -> {
                    if (first.getAndSet(false)) {
                        vault.patch(ann, 1, "{'phone':['203-555-0177']}");
                        erase(bob);
                    }
                })
                .run();
        assertThat(first).isFalse();
        assertThat(carried(Outcome.WRITTEN)).extracting(Subject::patron).containsExactlyInAnyOrder(ann, cat);
        assertThat(carried(Outcome.WRITTEN))
                .filteredOn(one -> one.patron().equals(ann))
                .allMatch(one -> one.writes().stream().noneMatch(write -> write.generation() > 1))
                .allMatch(one -> one.writes().size() == 4);
        assertThat(check()).isEmpty();
    }

    @Test
    void stopAnywhereIsGoneOnWithAndNothingIsCarriedTwice() {
        vault.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(1_100), false, n -> {});
        PatronId ann = register("A1");
        erase(ann);
        at("2029-01-01T00:00:00Z");
        boolean ended = false;
        int stops = 0;
        while (!ended) {
            AtomicInteger left = new AtomicInteger(1 + stops);
            try {
                carry(1_000, () -> {
                            if (left.decrementAndGet() == 0) {
                                throw new Refused(Problem.BUSY, "Killed.");
                            }
                        })
                        .run();
                ended = true;
            } catch (Refused killed) {
                stops++;
                vault.restart();
            }
        }
        assertThat(stops).isGreaterThan(1);
        assertThat(carried(Outcome.WRITTEN))
                .hasSize(1_100)
                .extracting(Subject::patron)
                .doesNotHaveDuplicates();
        assertThat(carried(Outcome.ERASED)).extracting(Subject::patron).containsExactly(ann);
        Forgetting.ofWhatIsDue(vault);
        assertThat(carried(Outcome.WRITTEN)).hasSize(1_100);
        assertThat(forgotten()).containsExactly(202611);
        assertThat(check()).isEmpty();
    }

    @Test
    void patronsOfWhomNotAllFitIntoMemoryAreCarriedOneLotAfterTheOther() {
        PatronId ann = register("A1");
        PatronId bob = register("B1");
        fill(LogReader.MAX_ENTRIES);
        vault.patch(ann, 1, "{'phone':['203-555-0177']}");
        PatronId cat = register("C1");
        fill(LogReader.MAX_ENTRIES);
        erase(bob);
        PatronId dan = register("D1");
        at("2029-01-01T00:00:00Z");
        carry(1, () -> {}).run();
        assertThat(carried(Outcome.WRITTEN))
                .extracting(one -> one.patron() + " " + one.writes().size())
                .containsExactly(ann + " 4", ann + " 3", cat + " 7", dan + " 7");
        assertThat(carried(Outcome.ERASED)).extracting(Subject::patron).containsExactly(bob);
        Forgetting.ofWhatIsDue(vault);
        assertThat(entries(ActKind.CARRY)).as("and no more").hasSize(4);
        assertThat(check()).isEmpty();
    }

    @Test
    void afterAKillBetweenTheRingAndItsEntryNothingIsLeftToDoAndTheLogKnowsTheRing() {
        register("A1");
        at("2029-01-01T00:00:00Z");
        try (Forgetting forgetting = new Forgetting(vault)) {
            forgetting.turn();
            forgetting.serve(Duration.ofDays(6));
        }
        carry(1_000, () -> {}).run();
        AuditLog log = vault.vault().log();
        log.record(log.event(Actor.VAULT, ActKind.DESTROY, Outcome.KEY, AuditLog.newRequest())
                .about(MissingContentKeys.about(202611)));
        vault.vault().custody().destroy(KeyName.LOG_CONTENT, 202611);
        vault.restart();
        AccessEvent unsealed = vault.logSince(vault.logSize() - 1).get(0);
        assertThat(unsealed.act()).isEqualTo(ActKind.UNSEAL);
        assertThat(unsealed.mark().orElseThrow().revision())
                .isEqualTo(vault.vault().custody().mark().revision());
        Forgetting.ofWhatIsDue(vault);
        assertThat(vault.logSince(vault.logSize() - 1).get(0).act()).isEqualTo(ActKind.UNSEAL);
        assertThat(waiting()).isEmpty();
        assertThat(check()).isEmpty();
    }

    @Test
    void ringThatCannotBeWrittenIsWrittenByALaterTurn() throws IOException {
        register("A1");
        at("2029-01-01T00:00:00Z");
        // The new month has its key before the disk is full.
        register("B1");
        try (Forgetting forgetting = new Forgetting(vault)) {
            forgetting.turn();
            Path inTheWay = Files.createDirectories(vault.home().keys().resolve("ring.json.new/in-the-way"));
            forgetting.serve(Duration.ofDays(7));
            assertThat(forgotten()).isEmpty();
            assertThat(entries(ActKind.DESTROY))
                    .extracting(AccessEvent::outcome)
                    .containsExactly(Outcome.KEY, Outcome.REFUSED);
            Files.delete(inTheWay);
            forgetting.turn();
            assertThat(forgotten()).containsExactly(202611);
            assertThat(carried(Outcome.WRITTEN)).hasSize(1);
        }
    }

    @Test
    void nothingIsCarriedOutOfALogThatSomebodyWroteIntoAndItIsTriedAgainADayLater() {
        PatronId ann = register("A1");
        at("2027-01-01T00:00:00Z");
        vault.patch(ann, 1, "{'phone':['203-555-0177']}");
        long last = vault.logSize() - 1;
        vault.vault().log().checkpoint();
        keep("SELECT * FROM access_log WHERE idx = " + last);
        overwrite(last);
        at("2028-12-15T00:00:00Z");
        try (Forgetting forgetting = new Forgetting(vault)) {
            forgetting.turn();
            forgetting.serve(Duration.ofDays(7));
            // So that entries which no caller waits for are in the log.
            fill(1);
            assertThat(entries(ActKind.CARRY))
                    .extracting(AccessEvent::outcome)
                    .containsExactly(Outcome.FAILED, Outcome.ALERT);
            assertThat(entries(ActKind.CARRY).get(1).about()).contains("check-found");
            putBackLeaf(last);
            forgetting.serve(Duration.ofHours(23));
            assertThat(forgotten()).isEmpty();
            forgetting.serve(Duration.ofHours(1));
            assertThat(forgotten()).containsExactly(202611);
        }
        assertThat(check()).isEmpty();
    }

    /** Overwrites that entry with entry 0. */
    private void overwrite(long entry) {
        run("UPDATE access_log SET leaf = (SELECT leaf FROM access_log WHERE idx = 0) WHERE idx = ?", entry);
    }

    private void putBackLeaf(long entry) {
        run("UPDATE access_log SET leaf = (SELECT leaf FROM kept) WHERE idx = ?", entry);
    }

    @Test
    void olderRowIsNotCarriedThoughTheEntryOfTheNewerIsHiddenOnlyWhileTheLogIsRead() {
        PatronId ann = register("A1");
        vault.patch(ann, 1, "{'phone':['203-555-0177']}");
        long last = vault.logSize() - 1;
        vault.vault().log().checkpoint();
        keep("SELECT * FROM access_log WHERE idx = " + last);
        at("2029-01-01T00:00:00Z");
        RowHashRelog carry = carry(1_000, () -> putBackLeaf(last));
        overwrite(last);
        assertThatThrownBy(carry::run).isInstanceOf(IntegrityException.class);
        assertThat(entries(ActKind.CARRY)).isEmpty();
    }

    @Test
    void olderRowIsNotCarriedThoughTheEntryOfTheNewerIsHiddenWhileANextLotIsRead() {
        PatronId ann = register("A1");
        fill(LogReader.MAX_ENTRIES);
        PatronId bob = register("B1");
        vault.patch(bob, 1, "{'phone':['203-555-0177']}");
        long last = vault.logSize() - 1;
        vault.vault().log().checkpoint();
        keep("SELECT * FROM access_log WHERE idx = " + last);
        at("2029-01-01T00:00:00Z");
        AtomicInteger pages = new AtomicInteger();
        RowHashRelog carry = carry(1, () -> {
            int page = pages.incrementAndGet();
            // Ann is logged again by then, and Bob is about to be added.
            if (page == 3) {
                overwrite(last);
            } else if (page == 4) {
                putBackLeaf(last);
            }
        });
        assertThatThrownBy(carry::run).isInstanceOf(IntegrityException.class);
        assertThat(carried(Outcome.WRITTEN)).extracting(Subject::patron).containsExactly(ann);
    }

    @Test
    void entryThatIsHiddenFromTheUnitItselfIsRefusedThere() {
        PatronId ann = register("A1");
        at("2029-01-01T00:00:00Z");
        RowHashRelog carry = carry(1_000, () -> {});
        carry.run();
        at("2026-11-30T00:00:00Z");
        vault.patch(ann, 1, "{'phone':['203-555-0177']}");
        long last = vault.logSize() - 1;
        keep("SELECT * FROM access_log WHERE idx = " + last);
        overwrite(last);
        assertThatThrownBy(() -> isDone(carry)).isInstanceOf(IntegrityException.class);
        putBackLeaf(last);
    }

    @Test
    void whatIsLoggedWhileTheLogIsReadIsReadBeforeTheUnitAndNotInIt() {
        register("A1");
        at("2029-01-01T00:00:00Z");
        AtomicInteger pages = new AtomicInteger();
        AtomicInteger before = new AtomicInteger();
        carry(1_000, () -> {
                    if (pages.getAndIncrement() == 0) {
                        fill(2 * LogReader.MAX_ENTRIES);
                        fill(2 * LogReader.MAX_ENTRIES);
                    }
                    before.addAndGet(carried(Outcome.WRITTEN).isEmpty() ? 1 : 0);
                })
                .run();
        assertThat(before).hasValueGreaterThanOrEqualTo(5);
    }

    @Test
    void entryThatComesIntoADueMonthAtTheLastMomentIsNotLost() {
        register("A1");
        at("2029-01-01T00:00:00Z");
        RowHashRelog carry = carry(1_000, () -> {});
        carry.run();
        assertThat(isDone(carry)).isTrue();
        at("2026-11-30T00:00:00Z");
        PatronId bob = register("B1");
        at("2029-01-01T00:00:00Z");
        assertThat(isDone(carry)).isFalse();
        Forgetting.ofWhatIsDue(vault);
        assertThat(carried(Outcome.WRITTEN)).extracting(Subject::patron).contains(bob);
        assertThat(check()).isEmpty();
    }

    private boolean isDone(RowHashRelog carry) {
        return vault.vault().store().read(carry::isDone);
    }

    @Test
    void waitThatIsEditedBeginsAnew() throws IOException {
        register("A1");
        at("2029-01-01T00:00:00Z");
        try (Forgetting forgetting = new Forgetting(vault)) {
            forgetting.turn();
            forgetting.serve(Duration.ofDays(1));
        }
        Path file = vault.home().node().resolve(LogRetention.WAITS);
        String edited = Files.readString(file).replaceFirst(": [0-9]+", ": 99999999999999999");
        assertThat(edited).isNotEqualTo(Files.readString(file));
        Files.writeString(file, edited);
        try (Forgetting forgetting = new Forgetting(vault)) {
            forgetting.turn();
            forgetting.serve(Duration.ofDays(6));
            assertThat(forgotten()).isEmpty();
        }
    }
}
