package org.patronvault.upkeep;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.patronvault.custody.KeyCopies;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.KeyName;
import org.patronvault.keys.KeysCopy;
import org.patronvault.keys.SlotFacts;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronField;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.StoreException;
import org.patronvault.store.StoreSettings;
import org.patronvault.store.Tx;

/**
 * What the doctor says of copies of the keys: whether one is held that opens what is stored now, since without it no
 * backup opens once keys/ is lost. The rows are read without their MACs, so nothing is decided by it.
 */
final class KeyCopiesLook {
    private static final String CHECK = "key copies";

    /** More than a quarter of a year; where keys are not rotated it still lacks those of the log's newest months. */
    private static final Duration OLD = Duration.ofDays(100);

    private final Supplier<StoreSettings> settings;
    private final Path keys;
    private final Clock clock;

    KeyCopiesLook(Supplier<StoreSettings> settings, Path keys, Clock clock) {
        this.settings = settings;
        this.keys = keys;
        this.clock = clock;
    }

    Doctor.Line look() {
        try (Store store = Store.openToRead(settings.get())) {
            Instant oldestSlot = KeyCustody.at(keys, clock).slots().stream()
                    .map(SlotFacts::created)
                    .min(Comparator.naturalOrder())
                    .orElse(Instant.MAX);
            return store.read(tx -> line(KeyCopies.heldWritten(tx), used(tx), oldestSlot));
        } catch (Refused | StoreException | IntegrityException e) {
            return new Doctor.Line(
                    CHECK, Doctor.Verdict.WRONG, "The register of copies cannot be read; see database and keys.");
        }
    }

    /** The key versions that what is stored hangs on. */
    private static List<String> used(Tx tx) {
        return Stream.concat(
                        Arrays.stream(PatronField.values())
                                .flatMap(field -> tx.wraps().versions(field).stream()
                                        .map(version -> KeysCopy.version(field.wireName(), version))),
                        tx.cases().versions().stream().map(version -> KeysCopy.version(KeyName.CASE, version)))
                .toList();
    }

    /** @param oldestSlot when it was made: a copy from before it opens by none of the slots there are now */
    private Doctor.Line line(List<KeyCopies.Written> held, List<String> used, Instant oldestSlot) {
        if (held.isEmpty()) {
            return new Doctor.Line(
                    CHECK,
                    used.isEmpty() ? Doctor.Verdict.NOTE : Doctor.Verdict.WRONG,
                    "None is held: once keys/ is lost nothing opens any more, and no backup does. Two custodians make one"
                            + " with `keys export`, to be kept in another house.");
        }
        Optional<KeyCopies.Written> newest = held.stream()
                .filter(copy ->
                        !copy.made().isBefore(oldestSlot) && copy.versions().containsAll(used))
                .findFirst();
        if (newest.isEmpty()) {
            return new Doctor.Line(
                    CHECK,
                    Doctor.Verdict.WRONG,
                    "None that is held opens all that is stored now: keys were rotated since, or what opens the vault was"
                            + " replaced. Two custodians make another with `keys export`, once no key waits to be"
                            + " destroyed, and destroy those before.");
        }
        long days = Duration.between(newest.get().made(), clock.instant()).toDays();
        boolean old = days >= OLD.toDays();
        return new Doctor.Line(
                CHECK,
                old ? Doctor.Verdict.NOTE : Doctor.Verdict.FINE,
                "The newest that opens what is stored now is " + days + " days old."
                        + (old ? " Make one each quarter, with `keys export`, and destroy those before." : ""));
    }
}
