package org.patronvault.upkeep;

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
import org.patronvault.audit.Act;
import org.patronvault.audit.Outcome;
import org.patronvault.custody.Backups;
import org.patronvault.model.Actor;
import org.patronvault.testing.OpenVault;

/** Backups that the vault makes, and removes, by itself. */
final class ScheduledBackupTest {
    private final AtomicLong nanos = new AtomicLong();

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
        plan(Optional.of(new ScheduledBackup.Plan(backups, every, keep)));
    }

    private void plan(Optional<ScheduledBackup.Plan> plan) {
        if (scheduled != null) {
            scheduled.close();
        }
        scheduled = new ScheduledBackup(
                plan, vault.backup(), vault.vault().custody(), vault.vault().log(), vault.clock(), nanos::get);
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

    private List<Path> made() throws IOException {
        try (var all = Files.list(backups)) {
            return all.sorted().toList();
        }
    }

    private Optional<Backups.Proven> newest() {
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
                .filteredOn(event -> event.act() == Act.BACKUP)
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.actor()).isEqualTo(Actor.VAULT);
                    assertThat(event.outcome()).isEqualTo(Outcome.WRITTEN);
                });
        later(Duration.ofHours(47));
        assertThat(made()).hasSize(1);
        // One that somebody made counts too.
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
        run("UPDATE patron_value SET envelope = zeroblob(length(envelope)) WHERE field = 'name'");
        assertThat(made()).hasSize(2);
        for (int day = 0; day < 3; day++) {
            later(Duration.ofDays(1));
        }
        assertThat(alerts()).contains("backup-failed");
        assertThat(made()).hasSize(1);
    }

    @Test
    void whatAKilledOneBeganIsRemovedADayLater() throws Exception {
        plan(1, 37);
        turn();
        Path begun = Files.createDirectory(backups.resolve("2026-01-02T030405Z"));
        Files.writeString(begun.resolve("vault.db.sealed"), "half");
        Files.writeString(begun.resolve("manifest.json.new"), "{");
        Path used = Files.createDirectory(backups.resolve("2026-01-02T030406Z"));
        Files.writeString(used.resolve("vault.db.sealed"), "half");
        Files.writeString(used.resolve("notes"), "of somebody");
        Path younger = Files.createDirectory(backups.resolve(
                made().get(made().size() - 1).getFileName().toString().replaceFirst("[0-9]{2}Z$", "59Z")));
        Files.writeString(younger.resolve("vault.db.sealed"), "half");
        later(Duration.ofHours(23));
        assertThat(begun).exists();
        later(Duration.ofHours(1));
        assertThat(begun).doesNotExist();
        assertThat(used).exists();
        assertThat(younger).exists();
        later(Duration.ofDays(1));
        assertThat(younger).doesNotExist();
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
        run("UPDATE patron_value SET envelope = zeroblob(length(envelope)) WHERE field = 'name'");
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
    void ageIsThatOfTheNewestAndNotANumberWithoutOne() throws Exception {
        StoreGauges gauges = new StoreGauges(vault.vault().store(), vault.clock());
        assertThat(gauges.backupAgeSeconds()).isNaN();
        plan(1, 37);
        turn();
        vault.clock().advance(Duration.ofHours(2));
        assertThat(gauges.backupAgeSeconds()).isBetween(7_200.0, 7_201.0);
    }
}
