package org.patronvault.custody.destroy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.keys.ring.RingKey;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.Tx;
import org.patronvault.custody.rotate.FieldReencryption;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.custody.rotate.Rotations;

/**
 * The schedule of automatic key rotations. The vault rotates keys of patron fields, of cases and of the search index
 * once their primary version has a certain age. A retired version is due for destruction at once: its waiting time is
 * the rest of the horizon that erasure certificates name. Thread-safe.
 */
public final class KeySchedule {
    private static final Duration LATE = Duration.ofDays(1);

    private final KeyCustody custody;
    private final Rotations rotations;
    private final Clock clock;
    private final int days;

    /** Makes a schedule that rotates keys every {@code days} days; 0 for never. */
    public KeySchedule(KeyCustody custody, Rotations rotations, int days, Clock clock) {
        this.custody = custody;
        this.rotations = rotations;
        this.days = days;
        this.clock = clock;
    }

    /**
     * Starts to rotate the key that is due longest. If most patron fields are due, it rotates all of them together,
     * which is less work and keeps their dates together. It starts nothing while any operation runs, so a desk has at
     * most one beside it.
     *
     * @throws Refused if another server was first
     */
    public void turn() {
        List<Operation> all = rotations.operations().all();
        if (all.stream().anyMatch(Operation::isRunning)) {
            return;
        }
        List<String> due = custody.keys().inventory().stream()
                .filter(key -> nextRotation(key).isPresent() && isOld(key.created()))
                .sorted(Comparator.comparing(RingKey::created))
                .map(key -> KeyVersionToDestroy.fieldOf(key.name()))
                .filter(field -> !isBegunLately(all, field))
                .toList();
        Optional<String> next =
                areMost(due) ? Optional.of(Rotations.ALL) : due.stream().findFirst();
        next.ifPresent(name -> rotations.beginByItself(name, tx -> requireDue(tx, name)));
    }

    private static boolean areMost(List<String> keys) {
        return keys.stream().filter(Rotations.FIELDS::contains).count() > Rotations.FIELDS.size() / 2;
    }

    /** A key that another server rotated meanwhile is not due, even if the ring in memory does not show it yet. */
    void requireDue(Tx tx, String field) {
        List<Operation> all = rotations.operations().held(tx).stream()
                .map(Authority.Versioned::body)
                .toList();
        List<String> due = Rotations.keys(field).stream()
                .filter(key -> !isBegunLately(all, key))
                .toList();
        if (due.isEmpty() || (field.equals(Rotations.ALL) && !areMost(due))) {
            throw new Refused(Problem.CHANGED_MEANWHILE, "That key was rotated meanwhile.");
        }
    }

    /** For a rebuild that failed and was started again, long after its key was made. */
    private boolean isBegunLately(List<Operation> all, String field) {
        return all.stream().filter(rotationOf(field)).anyMatch(one -> !isOld(Instant.ofEpochSecond(one.started())));
    }

    private static Predicate<Operation> rotationOf(String field) {
        return one -> one.isAbout(field) && !one.kind().equals(FieldReencryption.KIND);
    }

    /** Returns the time by which ages are counted. */
    Instant now() {
        return clock.instant();
    }

    /** Whether {@code since} is at least that long ago, or as far ahead, by a clock that was wrong. */
    private boolean isOld(Instant since) {
        return Duration.between(since, clock.instant()).abs().compareTo(Duration.ofDays(days)) >= 0;
    }

    /**
     * Returns when the vault next rotates a key automatically; empty if the version is not primary or it never does.
     */
    Optional<Instant> nextRotation(RingKey key) {
        boolean rotates = days > 0
                && key.state() == KeyState.PRIMARY
                && scheduled().anyMatch(KeyVersionToDestroy.fieldOf(key.name())::equals);
        return rotates ? Optional.of(key.created().plus(Duration.ofDays(days))) : Optional.empty();
    }

    private static Stream<String> scheduled() {
        return Stream.concat(Rotations.FIELDS.stream(), Stream.of(KeyName.CASE, KeyVersionToDestroy.SEARCH));
    }

    /**
     * Returns since when no value needs an older version, if that is known. The ring does not record this. It is the end
     * of the first successful rotation after the next version was made.
     */
    Optional<Instant> retired(RingKey key, List<Operation> operations) {
        Optional<Instant> next = custody.keys().inventory().stream()
                .filter(other -> other.name().equals(key.name()) && other.version() > key.version())
                .min(Comparator.comparingInt(RingKey::version))
                .map(RingKey::created);
        return next.flatMap(made -> operations.stream()
                .filter(rotationOf(KeyVersionToDestroy.fieldOf(key.name())))
                .filter(one -> one.ended() && one.finished() >= made.getEpochSecond())
                .min(Comparator.comparing((Operation one) -> !one.isWell(KeyVersionToDestroy.fieldOf(key.name())))
                        .thenComparing(Operation::finished))
                .map(one -> Instant.ofEpochSecond(one.finished())));
    }

    /** Returns the newest failed operation of each kind on each key, unless a later one succeeded. */
    static List<Operation> failed(List<Operation> operations) {
        Map<String, Operation> newest = new LinkedHashMap<>();
        List<Operation> failed = new ArrayList<>();
        operations.stream()
                .sorted(Comparator.comparing(Operation::started)
                        .reversed()
                        .thenComparing(one -> one.state().equals(Operation.FAILED)))
                .forEach(one -> Rotations.keys(one.field()).forEach(key -> {
                    boolean isNewest = newest.putIfAbsent(one.kind() + " " + key, one) == null;
                    if (isNewest && one.notWell().contains(key) && !failed.contains(one)) {
                        failed.add(one);
                    }
                }));
        return failed;
    }

    /**
     * The overdue work.
     *
     * @param rotation keys that should have been rotated
     * @param destruction keys with versions that should be destroyed
     * @param failed the command for each operation that failed and was not started again
     */
    public record Late(List<String> rotation, List<String> destruction, List<String> failed) {}

    /**
     * Returns the overdue work from the rows of operations, without checking their MACs; for readers that have no key
     * and decide nothing by it.
     *
     * @param made about when the vault was made
     */
    public static Late late(Tx tx, int days, Instant made, Instant now) {
        List<Operation> all = Operation.written(tx).toList();
        Duration age = Duration.ofDays(days).plus(LATE);
        return new Late(
                scheduled()
                        .filter(field ->
                                days > 0 && newest(all, field, made).plus(age).isBefore(now))
                        .toList(),
                scheduled().filter(field -> isDestructionLate(all, field, now)).toList(),
                failed(all).stream().map(Operation::command).toList());
    }

    private static Instant newest(List<Operation> all, String field, Instant made) {
        return all.stream()
                .filter(rotationOf(field))
                .map(one -> Instant.ofEpochSecond(one.started()))
                .max(Comparator.naturalOrder())
                .orElse(made);
    }

    private static boolean isDestructionLate(List<Operation> all, String field, Instant now) {
        Optional<Long> retired = all.stream()
                .filter(rotationOf(field))
                .filter(one -> one.isWell(field))
                .map(Operation::finished)
                .filter(ended -> !Instant.ofEpochSecond(ended).plus(LATE).isAfter(now))
                .max(Comparator.naturalOrder());
        return retired.filter(ended -> all.stream()
                        .filter(one -> one.kind().equals(KeyDestruction.KIND)
                                && KeyVersionToDestroy.ofName(one.field())
                                        .field()
                                        .equals(field))
                        .noneMatch(one -> one.started() >= ended
                                && (!one.ended() || one.state().equals(Operation.DONE))))
                .isPresent();
    }
}
