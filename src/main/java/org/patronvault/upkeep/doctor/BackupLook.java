package org.patronvault.upkeep.doctor;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.custody.rotate.BackupRegister;
import org.patronvault.upkeep.backup.BackupPlan;

/** The doctor's check of backups. If vault.yaml asks for backups, an overdue one is wrong. */
public final class BackupLook implements Doctor.Look {
    private static final String CHECK = "backup";
    private static final Duration AGE = Duration.ofDays(7);

    private final Supplier<StoreSettings> settings;
    private final Supplier<Optional<BackupPlan>> plan;
    private final Clock clock;

    /**
     * Creates the check.
     *
     * @param settings reads vault.yaml, and throws Refused if it is wrong
     * @param plan reads the plan of automatic backups from vault.yaml, and throws Refused if it is wrong
     */
    public BackupLook(Supplier<StoreSettings> settings, Supplier<Optional<BackupPlan>> plan, Clock clock) {
        this.settings = settings;
        this.plan = plan;
        this.clock = clock;
    }

    @Override
    public List<Doctor.Line> look() {
        return List.of(line());
    }

    Doctor.Line line() {
        Optional<BackupPlan> asked;
        try {
            asked = plan.get();
        } catch (Refused e) {
            return new Doctor.Line(CHECK, Doctor.Verdict.WRONG, e.getMessage());
        }
        Optional<Doctor.Line> nowhere = asked.flatMap(one -> nowhere(one, database()));
        if (nowhere.isPresent()) {
            return nowhere.get();
        }
        try (Store store = Store.openToRead(settings.get())) {
            Optional<BackupRegister.VerifiedBackup> newest = store.read(BackupRegister::newestWritten);
            Optional<Instant> begun = store.read(LogReader::begun);
            return newest.isPresent() || asked.isEmpty()
                    ? line(newest, asked, clock.instant())
                    : never(asked.get(), begun, clock.instant());
        } catch (Refused | StoreException | IntegrityException e) {
            return new Doctor.Line(
                    CHECK, Doctor.Verdict.WRONG, "The register of backups cannot be read; see database.");
        }
    }

    /** Returns the line for a target that can take no backup at all. */
    public static Optional<Doctor.Line> nowhere(BackupPlan plan, Optional<Path> database) {
        return plan.fault(database)
                .map(fault -> new Doctor.Line(
                        CHECK, Doctor.Verdict.WRONG, "No backup can be made: backup.directory " + fault));
    }

    /** The database's file. Empty if it is on a server, or the settings are wrong, which their own line reports. */
    private Optional<Path> database() {
        try {
            return settings.get().file().map(Path::toAbsolutePath);
        } catch (Refused e) {
            return Optional.empty();
        }
    }

    /** Returns the line for a plan that never made a backup. The first one is due at the first unseal. */
    public static Doctor.Line never(BackupPlan plan, Optional<Instant> begun, Instant now) {
        boolean late = begun.filter(
                        from -> Duration.between(from, now).compareTo(Duration.ofDays(plan.everyDays() + 1L)) > 0)
                .isPresent();
        return new Doctor.Line(
                CHECK,
                late ? Doctor.Verdict.WRONG : Doctor.Verdict.NOTE,
                "There is no proved backup yet: a vault that is unsealed makes one by itself within minutes."
                        + (late
                                ? " This one had its time: see on its standard error what stands in the way, or run"
                                        + " `backup DIR`."
                                : ""));
    }

    public static Doctor.Line line(
            Optional<BackupRegister.VerifiedBackup> newest, Optional<BackupPlan> plan, Instant now) {
        if (newest.isEmpty()) {
            return new Doctor.Line(
                    CHECK,
                    Doctor.Verdict.NOTE,
                    "There is no proved backup: run `backup DIR`, to another disk, and keep keys/ elsewhere.");
        }
        if (newest.get().isAheadOf(now)) {
            return new Doctor.Line(
                    CHECK,
                    Doctor.Verdict.WRONG,
                    "The last proved backup is dated " + newest.get().made()
                            + ", which is still to come, so nobody knows"
                            + " how old it is: the clock was wrong when it was made, or is wrong now. Set the clock"
                            + " right, and make a backup now: `backup DIR`.");
        }
        Duration age = Duration.between(newest.get().made(), now);
        // One day of grace: a backup starts when the vault opens, and a night may lie between.
        boolean old = age.compareTo(plan.map(asked -> Duration.ofDays(asked.everyDays() + 1L))
                        .orElse(AGE))
                > 0;
        boolean near = newest.get().ownDisk();
        Doctor.Verdict late = plan.isPresent() ? Doctor.Verdict.WRONG : Doctor.Verdict.NOTE;
        return new Doctor.Line(
                CHECK,
                old ? late : near ? Doctor.Verdict.NOTE : Doctor.Verdict.FINE,
                "The last proved backup is " + age.toDays() + " days old."
                        + (old ? cure(plan) : "")
                        + (near ? " It was written to the home's own disk: copy it to another one." : ""));
    }

    private static String cure(Optional<BackupPlan> plan) {
        return plan.map(asked -> " vault.yaml asks for one every "
                        + (asked.everyDays() == 1 ? "day" : asked.everyDays() + " days")
                        + ": unseal the vault, or see on its standard error what stands in the way.")
                .orElse(" Run `backup DIR`.");
    }
}
