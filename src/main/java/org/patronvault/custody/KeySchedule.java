package org.patronvault.custody;

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
import org.patronvault.access.Authority;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.KeyName;
import org.patronvault.keys.KeyState;
import org.patronvault.keys.RingKey;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Tx;

/**
 * When keys are due: those of patron fields, of cases and of the search index are rotated by the vault itself once their primary version is
 * so many days old, and a version is due to be destroyed from the moment it is retired: the waiting time of a destruction
 * is the rest of the horizon that erasure certificates name. Safe for use by many threads.
 */
public final class KeySchedule {
    private static final Duration LATE = Duration.ofDays(1);

    private final KeyCustody custody;
    private final Rotations rotations;
    private final Clock clock;
    private final int days;

    /** A schedule by which keys are rotated every {@code days} days; 0 for never. */
    public KeySchedule(KeyCustody custody, Rotations rotations, int days, Clock clock) {
        this.custody = custody;
        this.rotations = rotations;
        this.days = days;
        this.clock = clock;
    }

    /**
     * Begins to rotate the key that is due longest, or those of all patron fields at once if most are due, which is less
     * work and lets them fall due together again; none while any operation runs, so that a desk has one beside it at most.
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

    /** What another server has rotated meanwhile is not due, though the ring in memory may not know it yet. */
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

    /** As a rebuild that failed and was begun once more may be, long after its key was made. */
    private boolean isBegunLately(List<Operation> all, String field) {
        return all.stream().filter(rotationOf(field)).anyMatch(one -> !isOld(Instant.ofEpochSecond(one.started())));
    }

    private static Predicate<Operation> rotationOf(String field) {
        return one -> one.isAbout(field) && !one.kind().equals(FieldReencryption.KIND);
    }

    /** The time that ages are counted by. */
    Instant now() {
        return clock.instant();
    }

    /** Whether that was so long ago. What lies as far ahead was made by a clock that was wrong, and counts the same. */
    private boolean isOld(Instant since) {
        return Duration.between(since, clock.instant()).abs().compareTo(Duration.ofDays(days)) >= 0;
    }

    /** When the vault rotates a key by itself, if that is its primary version and it ever does. */
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
     * Since when nothing hangs on a retired version. The ring does not say it: it is when the first rotation ended well
     * that ended after the next version was made.
     */
    Optional<Instant> retired(RingKey key, List<Operation> operations) {
        if (key.state() != KeyState.RETIRED) {
            return Optional.empty();
        }
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

    /** The newest of each kind on each key, of those where that failed: what has ended well since is no matter any more. */
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
     * What is late.
     *
     * @param rotation keys that should have been rotated
     * @param destruction keys with versions that should be destroyed
     * @param failed what to type for each operation that failed and was not begun anew
     */
    public record Late(List<String> rotation, List<String> destruction, List<String> failed) {}

    /**
     * What is late as the rows of operations say, read without their MAC: for who has no key and decides nothing by it.
     *
     * @param made when the vault was made, about
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
