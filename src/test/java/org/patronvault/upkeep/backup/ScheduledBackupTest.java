package org.patronvault.upkeep.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.custody.rotate.BackupRegister;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.doctor.StoreGauges;

/** Tests of automatic backups and their removal. */
final class ScheduledBackupTest {
    private final AtomicLong nanos = new AtomicLong();
    /** The time that passes with each read of the monotonic clock. */
    private volatile long eachLook;

    @TempDir
    private Path directory;

    private OpenVault vault;
    private Path backups;
    private ScheduledBackup scheduled;

    @BeforeEach
    void open() throws IOException {
        vault = OpenVault.onSqlite();
        backups = Files.createDirectory(directory.resolve("backups"));
        vault.register("'card':'A1','name':{'family':'Ann'}");
    }

    @AfterEach
    void close() {
        if (scheduled != null) {
            scheduled.close();
        }
        vault.close();
    }

    private void plan(int every, int keep) {
        plan(Optional.of(new BackupPlan(backups, every, keep, true)));
    }

    private void plan(Optional<BackupPlan> plan) {
        if (scheduled != null) {
            scheduled.close();
        }
        scheduled = new ScheduledBackup(
                plan, vault.backup(), vault.home().node(), vault.clock(), () -> nanos.addAndGet(eachLook));
    }

    private void turn() throws Exception {
        scheduled.turn();
        scheduled.settle();
    }

    private void later(Duration time) throws Exception {
        nanos.addAndGet(time.toNanos());
        vault.clock().advance(time);
        turn();
    }

    private void days(int days) throws Exception {
        for (int day = 0; day < days; day++) {
            later(Duration.ofDays(1));
        }
    }

    private List<Path> made() throws IOException {
        try (var all = Files.list(backups)) {
            return all.sorted().toList();
        }
    }

    private Optional<BackupRegister.VerifiedBackup> newest() {
        return vault.backup().register().newestProven();
    }

    private List<String> alerts() {
        return vault.logSince(0).stream()
                .filter(event -> event.outcome() == Outcome.ALERT)
                .map(event -> event.about().orElse(""))
                .toList();
    }

    private void run(String sql) throws SQLException {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void oneIsMadeByTheVaultWhenTheNewestIsAsOldAsAskedForAndNoneBefore() throws Exception {
        plan(2, 37);
        turn();
        assertThat(made()).hasSize(1);
        assertThat(made().get(0).getFileName().toString()).matches("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{6}Z");
        assertThat(newest().orElseThrow().by()).isEqualTo(Actor.VAULT.name());
        assertThat(vault.logSince(0))
                .filteredOn(event -> event.act() == ActKind.BACKUP)
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.actor()).isEqualTo(Actor.VAULT);
                    assertThat(event.outcome()).isEqualTo(Outcome.WRITTEN);
                });
        later(Duration.ofHours(47));
        assertThat(made()).hasSize(1);
        // A backup on demand counts too.
        vault.backup().make(OpenVault.person("custodian"), directory.resolve("by-hand"), Progress.UNSEEN);
        later(Duration.ofHours(47));
        assertThat(made()).hasSize(1);
        later(Duration.ofHours(1));
        assertThat(made()).hasSize(2);
        // A clock that was wrong does not keep one from being made.
        vault.clock().advance(Duration.ofDays(-40));
        later(Duration.ofHours(1));
        assertThat(made()).hasSize(3);
        assertThat(alerts()).isEmpty();
    }

    @Test
    void newProcessMakesNoneWhileTheNewestIsYoungAndWithoutAPlanNoneIsMade() throws Exception {
        plan(Optional.empty());
        turn();
        assertThat(newest()).isEmpty();
        plan(1, 37);
        turn();
        plan(1, 37);
        turn();
        assertThat(made()).hasSize(1);
    }

    @Test
    void thoseKeptLongEnoughAreRemovedAndNothingElseIs() throws Exception {
        Path text = Files.writeString(backups.resolve("0-text"), "x");
        Path foreign = Files.createDirectory(backups.resolve("1-foreign"));
        Files.writeString(foreign.resolve("manifest.json"), "{}");
        Path unfinished = Files.createDirectory(backups.resolve("2-unfinished"));
        Files.writeString(unfinished.resolve("vault.db.sealed"), "x");
        Path changed = backups.resolve("3-changed");
        vault.backup().make(OpenVault.person("custodian"), changed, Progress.UNSEEN);
        Path manifest = changed.resolve("manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replaceFirst("\"patrons\" : 1", "\"patrons\" : 2"));
        Path elsewhere = directory.resolve("elsewhere");
        vault.backup().make(OpenVault.person("custodian"), elsewhere, Progress.UNSEEN);
        Files.createSymbolicLink(backups.resolve("4-link"), elsewhere);
        plan(1, 2);
        for (int day = 0; day < 5; day++) {
            later(Duration.ofDays(1));
        }
        assertThat(made()).hasSize(5 + 3).contains(text, foreign, unfinished, changed, backups.resolve("4-link"));
        assertThat(elsewhere.resolve("vault.db.sealed")).exists();
        assertThat(changed.resolve("vault.db.sealed")).exists();
        assertThat(alerts()).isEmpty();
    }

    @Test
    void newestStaysHoweverOldItIs() throws Exception {
        plan(30, 1);
        turn();
        later(Duration.ofDays(29));
        assertThat(made()).hasSize(1);
        later(Duration.ofDays(1));
        assertThat(made()).hasSize(1);
        assertThat(newest().orElseThrow().made())
                .isEqualTo(vault.clock().instant().truncatedTo(java.time.temporal.ChronoUnit.SECONDS));
    }

    @Test
    void thoseKeptLongEnoughAreRemovedThoughNoOtherCanBeMade() throws Exception {
        plan(1, 2);
        for (int day = 0; day < 2; day++) {
            later(Duration.ofDays(1));
        }
        run("UPDATE cell SET envelope = zeroblob(length(envelope)) WHERE field = 'name'");
        assertThat(made()).hasSize(2);
        for (int day = 0; day < 3; day++) {
            later(Duration.ofDays(1));
        }
        assertThat(alerts()).contains("backup-failed");
        assertThat(made()).hasSize(1);
    }

    /** A directory in which a backup was begun, and is not done. */
    private Path begun(String name) throws IOException {
        Path begun = Files.createDirectory(backups.resolve(name));
        Files.writeString(begun.resolve("vault.db.sealed"), "half");
        return begun;
    }

    @Test
    void whatAKilledOneBeganIsRemovedOnceTheVaultHasRunForADaySince() throws Exception {
        plan(1, 37);
        turn();
        Path begun = begun("2026-01-02T030405Z");
        Files.writeString(begun.resolve("manifest.json.new"), "{");
        Path used = begun("2026-01-02T030406Z");
        Files.writeString(used.resolve("notes"), "of somebody");
        Path ahead = begun("2036-01-02T030405Z");
        later(Duration.ofHours(1));
        later(Duration.ofHours(24));
        assertThat(begun).as("somebody may be at it").exists();
        assertThat(ahead).exists();
        later(Duration.ofHours(1));
        later(Duration.ofHours(1));
        assertThat(begun).doesNotExist();
        assertThat(ahead).as("of a clock that was ahead").doesNotExist();
        assertThat(used).exists();
        // A removed backup is forgotten: one with its name is another.
        Path again = begun("2026-01-02T030405Z");
        later(Duration.ofHours(1));
        later(Duration.ofHours(23));
        assertThat(again).exists();
    }

    @Test
    void clockThatIsAheadRemovesNothingThatSomebodyIsMaking() throws Exception {
        plan(1, 37);
        turn();
        Path begun = begun("2026-01-02T030405Z");
        later(Duration.ofHours(1));
        vault.clock().advance(Duration.ofDays(400));
        later(Duration.ofHours(1));
        later(Duration.ofHours(1));
        assertThat(begun).exists();
    }

    @Test
    void clockThatIsAheadForAWhileRemovesNoBackup() throws Exception {
        plan(1, 37);
        days(5);
        List<Path> history = made();
        assertThat(history).hasSize(5);
        vault.clock().advance(Duration.ofDays(400));
        later(Duration.ofHours(1));
        later(Duration.ofHours(1));
        assertThat(made()).hasSize(6).containsAll(history);
        // A process that starts while it is ahead knows no better, and needs not.
        plan(1, 37);
        turn();
        later(Duration.ofHours(1));
        assertThat(made()).hasSize(6).containsAll(history);
        vault.clock().advance(Duration.ofDays(-400));
        later(Duration.ofHours(1));
        assertThat(made()).hasSize(7).containsAll(history);
        plan(1, 37);
        int later = LongRun.times(5, 30);
        days(later);
        assertThat(made()).hasSize(7 + later).containsAll(history);
    }

    @Test
    void clockThatStaysAheadRemovesEachBackupInItsTimeAndThoseMadeMeanwhileGoInTheirs() throws Exception {
        plan(1, 3);
        days(2);
        List<Path> before = made();
        vault.clock().advance(Duration.ofDays(400));
        later(Duration.ofHours(1));
        List<Path> meanwhile =
                made().stream().filter(one -> !before.contains(one)).toList();
        assertThat(meanwhile).hasSize(1);
        days(1);
        assertThat(made()).containsAll(before);
        days(2);
        assertThat(made()).doesNotContainAnyElementsOf(before).hasSize(4);
        vault.clock().advance(Duration.ofDays(-400));
        days(4);
        assertThat(made()).doesNotContainAnyElementsOf(meanwhile).hasSize(4);
    }

    @Test
    void timeInWhichTheVaultDidNotRunDoesNotMakeABackupOldAndThatBeforeARestartCounts() throws Exception {
        plan(1, 3);
        days(1);
        Path first = made().get(0);
        days(2);
        plan(1, 3);
        vault.clock().advance(Duration.ofDays(10));
        turn();
        assertThat(made()).hasSize(4).contains(first);
        later(Duration.ofDays(1));
        assertThat(made()).contains(first);
        later(Duration.ofHours(1));
        later(Duration.ofHours(1));
        assertThat(made()).doesNotContain(first);
    }

    @Test
    void backupOnADiskThatIsAwayGetsOlderAndIsRemovedOnceItIsBack() throws Exception {
        plan(1, 2);
        days(1);
        Path away = Files.move(backups, directory.resolve("away"));
        Files.createDirectory(backups);
        plan(1, 2);
        days(4);
        Path back = away.resolve(made().get(0).getFileName());
        assertThat(back).as("another disk").doesNotExist();
        OpenVault.delete(backups);
        Files.move(away, backups);
        assertThat(made()).hasSize(1);
        later(Duration.ofHours(1));
        assertThat(made()).isEmpty();
        assertThat(alerts()).isEmpty();
    }

    @Test
    void fileOfTheTimesThatIsLostBeginsThemAnew() throws Exception {
        plan(1, 2);
        days(2);
        List<Path> before = made();
        Files.delete(vault.home().node().resolve("backup-waits"));
        plan(1, 2);
        days(3);
        assertThat(made()).containsAll(before);
        days(1);
        assertThat(made()).doesNotContainAnyElementsOf(before);
    }

    @Test
    void oneFromAClockThatWasAheadIsFollowedByAnotherAtOnceAndOneThatIsOffByLittleIsNot() throws Exception {
        plan(2, 37);
        turn();
        vault.clock().advance(Duration.ofMinutes(-90));
        later(Duration.ofHours(1));
        assertThat(made()).hasSize(1);
        vault.clock().advance(Duration.ofMinutes(-150));
        later(Duration.ofHours(1));
        assertThat(made()).hasSize(2);
        later(Duration.ofHours(1));
        assertThat(made()).hasSize(2);
    }

    @Test
    void oneThatTakesLongToFailIsTriedAgainAnHourAfterItsEnd() throws Exception {
        plan(1, 37);
        turn();
        Path inHome = Files.createDirectory(vault.home().directory().resolve("backups"));
        plan(Optional.of(new BackupPlan(inHome, 1, 37, true)));
        vault.clock().advance(Duration.ofDays(1));
        long began = nanos.get();
        eachLook = Duration.ofMinutes(25).toNanos();
        turn();
        eachLook = 0;
        assertThat(tries()).isEqualTo(1);
        assertThat(nanos.get() - began)
                .isGreaterThan(Duration.ofMinutes(60 + 25).toNanos());
        turn();
        assertThat(tries()).isEqualTo(1);
        later(Duration.ofHours(1));
        assertThat(tries()).isEqualTo(2);
    }

    private long tries() {
        return vault.logSince(0).stream()
                .filter(event -> event.act() == ActKind.BACKUP && event.outcome() == Outcome.REFUSED)
                .count();
    }

    @Test
    void missingDirectoryIsNotMadeButSaidAndTriedEachHourUntilItIsThere() throws Exception {
        Files.delete(backups);
        plan(1, 37);
        turn();
        assertThat(backups).doesNotExist();
        assertThat(alerts()).containsExactly("backup-failed");
        later(Duration.ofMinutes(59));
        Files.createDirectory(backups);
        turn();
        assertThat(made()).isEmpty();
        later(Duration.ofMinutes(1));
        assertThat(made()).hasSize(1);
        assertThat(alerts()).hasSize(1);
    }

    @Test
    void oneThatCannotBeProvedLeavesNothingBehindAndIsSaidOnceADay() throws Exception {
        run("UPDATE cell SET envelope = zeroblob(length(envelope)) WHERE field = 'name'");
        plan(1, 37);
        turn();
        later(Duration.ofHours(1));
        assertThat(made()).isEmpty();
        assertThat(newest()).isEmpty();
        assertThat(alerts()).filteredOn("backup-failed"::equals).hasSize(1);
        later(Duration.ofHours(23));
        assertThat(alerts()).filteredOn("backup-failed"::equals).hasSize(2);
        try (var data = Files.list(vault.home().database().getParent())) {
            assertThat(data).noneMatch(file -> file.getFileName().toString().startsWith("backup-"));
        }
    }

    @Test
    void ageIsThatOfTheNewestAndNotANumberWithoutOneOrIfItIsStillToCome() throws Exception {
        StoreGauges gauges = new StoreGauges(vault.vault().store(), vault.clock());
        assertThat(gauges.backupAgeSeconds()).isNaN();
        plan(1, 37);
        turn();
        vault.clock().advance(Duration.ofHours(2));
        assertThat(gauges.backupAgeSeconds()).isBetween(7_200.0, 7_201.0);
        vault.clock().advance(Duration.ofMinutes(-150));
        assertThat(gauges.backupAgeSeconds()).as("off by little").isZero();
        // No number that looks young: the alert rule fires for this one.
        vault.clock().advance(Duration.ofMinutes(-40));
        assertThat(gauges.backupAgeSeconds()).isNaN();
    }

    @Test
    void noneIsMadeOnTheDatabasesOwnDiskAsWhereADiskIsNotMounted() throws Exception {
        plan(Optional.of(new BackupPlan(backups, 1, 37, false)));
        turn();
        assertThat(made()).isEmpty();
        assertThat(alerts()).containsExactly("backup-failed");
    }
}
