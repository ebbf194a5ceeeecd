package org.patronvault.upkeep;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.custody.Backups;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.StoreException;
import org.patronvault.store.StoreSettings;

/** What the doctor says of backups. */
final class BackupLook {
    private static final String CHECK = "backup";
    private static final Duration AGE = Duration.ofDays(7);

    private final Supplier<StoreSettings> settings;
    private final Clock clock;

    BackupLook(Supplier<StoreSettings> settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
    }

    Doctor.Line look() {
        try (Store store = Store.openToRead(settings.get())) {
            return line(store.read(Backups::newestWritten), clock.instant());
        } catch (Refused | StoreException | IntegrityException e) {
            return new Doctor.Line(
                    CHECK, Doctor.Verdict.WRONG, "The register of backups cannot be read; see database.");
        }
    }

    static Doctor.Line line(Optional<Backups.Proven> newest, Instant now) {
        if (newest.isEmpty()) {
            return new Doctor.Line(
                    CHECK,
                    Doctor.Verdict.NOTE,
                    "There is no proved backup: run `backup DIR`, to another disk, and keep keys/ elsewhere.");
        }
        Duration age = Duration.between(newest.get().made(), now);
        boolean old = age.compareTo(AGE) > 0;
        boolean near = newest.get().ownDisk();
        return new Doctor.Line(
                CHECK,
                old || near ? Doctor.Verdict.NOTE : Doctor.Verdict.FINE,
                "The last proved backup is " + age.toDays() + " days old."
                        + (old ? " Run `backup DIR`." : "")
                        + (near ? " It was written to the home's own disk: copy it to another one." : ""));
    }
}
