package org.patronvault.upkeep.doctor;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.custody.destroy.KeySchedule;

/** The doctor's check of due keys. It reads rows without verifying their MACs, so nothing is decided by it. */
public final class ScheduleLook implements Doctor.Look {
    private static final String CHECK = "rotation";

    private final Supplier<StoreSettings> settings;
    private final IntSupplier rotateAfter;
    private final IntSupplier destroyWait;
    private final Supplier<List<String>> kept;
    private final Path keys;
    private final Clock clock;

    /**
     * Creates the check.
     *
     * @param settings reads vault.yaml, and throws Refused if it is wrong
     * @param rotateAfter reads the days between rotations from it, and throws Refused if it is wrong
     * @param kept sentences on older key versions that owners of passwords and client keys did not use in time
     * @param destroyWait reads the days in which a destruction can be canceled, and throws Refused if it is wrong
     */
    public ScheduleLook(
            Supplier<StoreSettings> settings,
            IntSupplier rotateAfter,
            IntSupplier destroyWait,
            Supplier<List<String>> kept,
            Path keys,
            Clock clock) {
        this.settings = settings;
        this.rotateAfter = rotateAfter;
        this.destroyWait = destroyWait;
        this.kept = kept;
        this.keys = keys;
        this.clock = clock;
    }

    @Override
    public List<Doctor.Line> look() {
        return List.of(line());
    }

    Doctor.Line line() {
        try (Store store = Store.openToRead(settings.get())) {
            int days = rotateAfter.getAsInt();
            Instant made = KeyCustody.at(keys, clock).slots().stream()
                    .map(SlotFacts::created)
                    .min(Comparator.naturalOrder())
                    .orElse(clock.instant());
            return line(
                    days,
                    destroyWait.getAsInt(),
                    kept.get(),
                    store.read(tx -> KeySchedule.late(tx, days, made, clock.instant())));
        } catch (Refused | StoreException | IntegrityException e) {
            return new Doctor.Line(
                    CHECK, Doctor.Verdict.WRONG, "What is due cannot be read; see settings, database and keys.");
        }
    }

    private static Doctor.Line line(int days, int wait, List<String> kept, KeySchedule.Late late) {
        String says = (late.failed().isEmpty()
                        ? ""
                        : "Failed, with old versions of keys still in use: " + String.join(", ", late.failed())
                                + ". `keys status` says how much of each, and the cure. ")
                + (days == 0
                        ? "No key is rotated by itself (keys.rotateAfter is 0 in vault.yaml): use `keys rotate`. "
                        : "")
                + (wait == 0
                        ? "Nobody can call off the destruction of a key (keys.destroyWait is 0 in vault.yaml): what two"
                                + " custodians agree to is done at once. "
                        : "")
                + (late.rotation().isEmpty()
                        ? ""
                        : "Not rotated for more than " + days + " days: " + String.join(", ", late.rotation())
                                + ". A vault that is unsealed does it by itself within minutes; else use `keys rotate`. ")
                + (late.destruction().isEmpty()
                        ? ""
                        : "Old versions ought to be destroyed of " + String.join(", ", late.destruction())
                                + ": `keys status` marks them, two custodians do it with `keys destroy`. ")
                + String.join(" ", kept);
        return says.isEmpty()
                ? new Doctor.Line(
                        CHECK,
                        Doctor.Verdict.FINE,
                        "Keys are rotated every " + days + " days; no old version is overdue to be destroyed.")
                : new Doctor.Line(
                        CHECK, late.failed().isEmpty() ? Doctor.Verdict.NOTE : Doctor.Verdict.WRONG, says.strip());
    }
}
