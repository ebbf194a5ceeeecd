package org.patronvault.upkeep.doctor;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.patronvault.core.index.IndexVersions;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.KeysCopy;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.Tx;
import org.patronvault.custody.destroy.KeyCopies;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.custody.rotate.Rotations;
import org.patronvault.patron.record.IndexVersionsRow;

/**
 * The doctor's check of key copies: whether a held copy opens the present data. Without one no backup opens once keys/
 * is lost. It reads rows without verifying their MACs, so nothing is decided by it.
 */
public final class KeyCopiesLook implements Doctor.Look {
    private static final String CHECK = "key copies";

    /** More than a quarter of a year. Even without rotations it lacks the keys of the log's newest months. */
    private static final Duration OLD = Duration.ofDays(100);

    private final Supplier<StoreSettings> settings;
    private final Path keys;
    private final Clock clock;

    public KeyCopiesLook(Supplier<StoreSettings> settings, Path keys, Clock clock) {
        this.settings = settings;
        this.keys = keys;
        this.clock = clock;
    }

    @Override
    public List<Doctor.Line> look() {
        return List.of(line());
    }

    Doctor.Line line() {
        try (Store store = Store.openToRead(settings.get())) {
            List<Integer> slots = KeyCustody.at(keys, clock).slots().stream()
                    .map(SlotFacts::id)
                    .toList();
            return store.read(tx -> line(tx, KeyCopies.heldWritten(tx), isAnyStored(tx), slots));
        } catch (Refused | StoreException | IntegrityException e) {
            return new Doctor.Line(
                    CHECK, Doctor.Verdict.WRONG, "The register of copies cannot be read; see database and keys.");
        }
    }

    /** The last rotation of the other keys. A copy from before lacks the keys of later data. */
    private static Instant restRotated(Tx tx) {
        return Operation.written(tx)
                .filter(one -> one.field().equals(Rotations.REST))
                .map(one -> Instant.ofEpochSecond(one.started()))
                .max(Comparator.naturalOrder())
                .orElse(Instant.EPOCH);
    }

    /** The key versions of stored data, and the versions in use for new data. */
    private static List<String> used(Tx tx) {
        IndexVersions index = IndexVersionsRow.unproven(tx);
        return Stream.of(
                        tx.wraps().counted().entrySet().stream()
                                .flatMap(field -> versions(
                                        field.getKey().wireName(),
                                        field.getValue().keySet())),
                        versions(KeyName.CASE, tx.cases().versions()),
                        versions(KeyName.INDEX_LABEL, index.written()),
                        versions(KeyName.INDEX_VALUE, index.written()),
                        versions(KeyName.LOG_SIGNING, List.of(LogReader.signingVersion(tx))))
                .flatMap(Function.identity())
                .toList();
    }

    private static Stream<String> versions(String name, Collection<Integer> numbers) {
        return numbers.stream().map(number -> KeysCopy.version(name, number));
    }

    private static boolean isAnyStored(Tx tx) {
        return !tx.cases().versions().isEmpty() || !tx.wraps().counted().isEmpty();
    }

    private Doctor.Line line(Tx tx, List<KeyCopies.UnverifiedCopy> held, boolean anyStored, List<Integer> slots) {
        List<String> used = used(tx);
        if (held.isEmpty()) {
            return new Doctor.Line(
                    CHECK,
                    anyStored ? Doctor.Verdict.WRONG : Doctor.Verdict.NOTE,
                    "None is held: once keys/ is lost nothing opens any more, and no backup does. Two custodians make one"
                            + " with `keys export`, to be kept in another house.");
        }
        Instant rotated = restRotated(tx);
        List<KeyCopies.UnverifiedCopy> open = held.stream()
                .filter(copy -> !copy.made().isBefore(rotated)
                        && slots.stream().anyMatch(copy.slots()::contains)
                        && copy.versions().containsAll(used))
                .toList();
        Optional<KeyCopies.UnverifiedCopy> newest = open.stream()
                .filter(copy -> copy.slots().containsAll(slots))
                .findFirst()
                .or(() -> open.stream().findFirst());
        if (newest.isEmpty()) {
            return new Doctor.Line(
                    CHECK,
                    Doctor.Verdict.WRONG,
                    "None that is held opens all that is stored now: keys were rotated since, or what opens the vault was"
                            + " replaced. Two custodians make another with `keys export`, and destroy those before.");
        }
        long days = Duration.between(newest.get().made(), clock.instant()).toDays();
        boolean old = days >= OLD.toDays();
        boolean lacksSlot = !newest.get().slots().containsAll(slots);
        return new Doctor.Line(
                CHECK,
                old || lacksSlot ? Doctor.Verdict.NOTE : Doctor.Verdict.FINE,
                "The newest that opens what is stored now is " + days + " days old."
                        + (lacksSlot ? " By what was added since with `keys slot add` it does not open." : "")
                        + (old || lacksSlot
                                ? " Make one each quarter, and after each added slot, with `keys export`, and destroy those"
                                        + " before."
                                : ""));
    }
}
