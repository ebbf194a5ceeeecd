package org.patronvault.custody.destroy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.access.Access;
import org.patronvault.access.KeyVersionUsage;
import org.patronvault.core.index.IndexVersions;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.keys.ring.RingKey;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.table.Tx;
import org.patronvault.custody.rotate.LogKeyRotation;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.custody.rotate.Operations;
import org.patronvault.custody.rotate.Rotations;
import org.patronvault.patron.record.IndexVersionsRow;

/** The status of the keys: their versions, the number of values that need each, the slots, and the exported copies. */
public final class KeyStatus {

    /**
     * One version of a key.
     *
     * @param retired since when no value needs it, so that its destruction is due; empty if a value needs it
     */
    public record Version(int version, String state, Instant created, long values, Optional<Instant> retired) {}

    /**
     * A key.
     *
     * @param command its name in {@code keys rotate} and {@code keys destroy}
     * @param versions oldest first
     * @param nextRotation when the vault next rotates it automatically, if it does
     */
    public record Key(String field, String command, List<Version> versions, Optional<Instant> nextRotation) {}

    /**
     * An operation, with an outlook that its row does not have.
     *
     * @param remainingSeconds until its end at the present rate; for a destruction, in seconds of service
     * @param hindrance why a waiting destruction cannot be carried out now; for a failed operation, how much failed and
     *     the remedy
     */
    public record Outlook(Operation operation, OptionalLong remainingSeconds, Optional<String> hindrance) {}

    /**
     * The full status for a custodian.
     *
     * @param at the time of the status, by the vault's clock
     */
    public record Status(List<Key> keys, List<Slot> slots, List<KeyCopies.Copy> copies, boolean sealed, Instant at) {}

    /** A retired version, as {@code keys destroy} takes it. */
    public record RetiredVersion(String field, int version) {
        @Override
        public String toString() {
            return field + " " + version;
        }
    }

    /** A way to recover the root key, also in words; {@code threshold} of {@code shares}, 0 without shares. */
    public record Slot(int id, String kind, String openedBy, Instant created, int threshold, int shares) {}

    /**
     * A summary of rotations, for monitoring.
     *
     * @param running the running operations
     * @param failed how many keys' newest operation ended without moving everything
     * @param made when the newest version of each key was made
     */
    public record RotationSummary(List<Operation> running, int failed, Map<String, Instant> made) {}

    private static final List<String> KEPT = List.of(KeyName.TOKEN, KeyName.PEPPER, KeyName.FINGERPRINT);

    private final Store store;
    private final KeyCustody custody;
    private final IndexVersionsRow indexRow;
    private final KeyCopies copies;
    private final Operations operations;
    private final KeyDestruction destruction;
    private final KeySchedule schedule;

    /** Makes the status of that ring and store. */
    public KeyStatus(
            Store store,
            KeyCustody custody,
            IndexVersionsRow indexRow,
            KeyCopies copies,
            Operations operations,
            KeyDestruction destruction,
            KeySchedule schedule) {
        this.store = store;
        this.custody = custody;
        this.indexRow = indexRow;
        this.copies = copies;
        this.operations = operations;
        this.destruction = destruction;
        this.schedule = schedule;
    }

    /** Returns the status now; without the keys while sealed. */
    public Status now() {
        if (custody.isSealed()) {
            return new Status(List.of(), slots(), List.of(), true, schedule.now());
        }
        Map<PatronField, Map<Integer, Long>> counts =
                store.read(tx -> tx.wraps().counted());
        Map<Integer, Long> indexed = store.read(this::indexed);
        Map<Integer, Long> cases = store.read(tx -> tx.cases().versions().stream()
                .collect(Collectors.toMap(
                        version -> version, version -> tx.cases().count(version))));
        Map<String, Map<Integer, Long>> rest = store.read(this::ofTheRest);
        List<Operation> all = operations.all();
        Map<String, List<Version>> keys = new LinkedHashMap<>();
        Map<String, Instant> next = new HashMap<>();
        for (RingKey key : custody.keys().inventory()) {
            long values = key.name().equals(KeyName.CASE)
                    ? cases.getOrDefault(key.version(), 0L)
                    : rest.containsKey(key.name())
                            ? rest.get(key.name()).getOrDefault(key.version(), 0L)
                            : values(key, counts, indexed);
            keys.computeIfAbsent(key.name(), n -> new ArrayList<>()).add(version(key, values, all));
            schedule.nextRotation(key).ifPresent(when -> next.put(key.name(), when));
        }
        return new Status(
                keys.entrySet().stream()
                        .map(e -> new Key(
                                e.getKey(),
                                KeyVersionToDestroy.fieldOf(e.getKey()),
                                e.getValue(),
                                Optional.ofNullable(next.get(e.getKey()))))
                        .toList(),
                slots(),
                copies.all(),
                false,
                schedule.now());
    }

    /** Returns the summary without counting values; empty while sealed, or if the database cannot be read. */
    public Optional<RotationSummary> rotating() {
        try {
            Map<String, Instant> made = new HashMap<>();
            for (RingKey key : custody.keys().inventory()) {
                if (key.state() == KeyState.PRIMARY) {
                    made.put(KeyVersionToDestroy.fieldOf(key.name()), key.created());
                }
            }
            List<Operation> all = operations.all();
            return Optional.of(new RotationSummary(
                    all.stream().filter(Operation::isRunning).toList(),
                    KeySchedule.failed(all).size(),
                    made));
        } catch (Refused | StoreException | IntegrityException e) {
            return Optional.empty();
        }
    }

    private Version version(RingKey key, long values, List<Operation> all) {
        Optional<Instant> retired = isUnused(key, values) ? schedule.retired(key, all) : Optional.empty();
        return new Version(key.version(), key.state().wireName(), key.created(), values, retired);
    }

    /** Also once the last owner of a password or a client key has used it, which the ring does not say. */
    private boolean isUnused(RingKey key, long values) {
        boolean moved = KEPT.contains(key.name())
                && custody.keys().inventory().stream()
                        .noneMatch(row -> row.name().equals(KeyName.ROW) && row.state() == KeyState.ACTIVE);
        return key.state() == KeyState.RETIRED || (key.state() == KeyState.ACTIVE && values == 0 && moved);
    }

    /** Returns the retired versions of the keys with that name in {@code keys rotate}. */
    public List<RetiredVersion> retired(String name) {
        List<String> fields = Rotations.keys(name);
        return custody.keys().inventory().stream()
                .filter(key -> key.state() == KeyState.RETIRED)
                .map(key -> new RetiredVersion(KeyVersionToDestroy.fieldOf(key.name()), key.version()))
                .filter(key -> fields.contains(key.field()))
                .distinct()
                .toList();
    }

    /** Older versions with passwords, client keys and people who sign on that nobody used yet; none while sealed. */
    public List<KeptVersion> kept() {
        return custody.isSealed() ? List.of() : store.read(this::kept);
    }

    private List<KeptVersion> kept(Tx tx) {
        List<RingKey> ring = custody.keys().inventory();
        List<KeptVersion> kept = new ArrayList<>();
        for (RingKey key : ring) {
            List<String> owners = operations.access().keptUntilUsed().owners(tx, key.name(), key.version());
            Optional<Instant> since = ring.stream()
                    .filter(next -> next.name().equals(key.name()) && next.version() == key.version() + 1)
                    .map(RingKey::created)
                    .findFirst();
            if (!owners.isEmpty() && since.isPresent()) {
                boolean destroyed = key.state() == KeyState.DESTROYED;
                kept.add(new KeptVersion(key.name(), key.version(), owners, since.get(), destroyed));
            }
        }
        return kept;
    }

    /** Returns sentences on the versions that their owners did not use within {@link KeyVersionUsage#KEPT}. */
    public List<String> keptTooLong() {
        Instant now = schedule.now();
        return kept().stream()
                .filter(one -> one.isDue(now))
                .map(one -> one.says(now))
                .toList();
    }

    /** Operations that run or wait, the newest first; after them the newest of each kind on a key, where that failed. */
    public List<Outlook> unsettled() {
        List<Operation> all = operations.all();
        return Stream.concat(all.stream().filter(one -> !one.ended()), KeySchedule.failed(all).stream())
                .map(this::outlook)
                .toList();
    }

    /** Returns the outlook of an operation. */
    public Outlook outlook(Operation operation) {
        if (operation.state().equals(KeyDestruction.WAITING)) {
            return new Outlook(
                    operation,
                    OptionalLong.of(destruction.remainingSeconds(operation)),
                    destruction.hindrance(operation));
        }
        if (operation.state().equals(Operation.FAILED)) {
            return new Outlook(operation, OptionalLong.empty(), Optional.of(cure(operation)));
        }
        double pace = operations.pace(operation);
        long left = Math.max(0, operation.total() - operation.done());
        boolean known = operation.isRunning() && pace > 0;
        return new Outlook(
                operation,
                known ? OptionalLong.of((long) Math.ceil(left / pace)) : OptionalLong.empty(),
                Optional.empty());
    }

    private static String cure(Operation failed) {
        if (failed.failed() == 0 || failed.kind().equals(LogKeyRotation.KIND)) {
            return "It broke off; `" + failed.command() + "` begins it once more.";
        }
        return failed.failed() + " could not be moved (" + String.join(", ", failed.notWell())
                + "). `check` says whose they are. Put back what a backup has of it with `restore`, or erase the patron and register them anew; then `"
                + failed.command() + "`.";
    }

    private Map<String, Map<Integer, Long>> ofTheRest(Tx tx) {
        Access access = operations.access();
        Map<String, Map<Integer, Long>> counts = new HashMap<>();
        counts.put(KeyName.ROW, access.authority().renewal().versions(tx));
        for (String key : KEPT) {
            counts.put(key, access.keptUntilUsed().counts(tx, key));
        }
        return counts;
    }

    /** Counts the entries of the search index under each version. */
    private Map<Integer, Long> indexed(Tx tx) {
        IndexVersions versions = indexRow.at(tx);
        Map<Integer, Long> counts = new HashMap<>();
        counts.put(versions.other(), tx.otherIndex().count());
        counts.put(versions.live(), tx.index().count());
        return counts;
    }

    /** Returns the slots that open the vault. */
    public List<Slot> slots() {
        return custody.slots().stream()
                .map(s -> new Slot(s.id(), s.kind(), s.openedBy(), s.created(), s.threshold(), s.count()))
                .toList();
    }

    private static long values(RingKey key, Map<PatronField, Map<Integer, Long>> counts, Map<Integer, Long> indexed) {
        boolean index = key.name().equals(KeyName.INDEX_LABEL) || key.name().equals(KeyName.INDEX_VALUE);
        return index
                ? indexed.getOrDefault(key.version(), 0L)
                : PatronField.ofWireName(key.name())
                        .map(field -> counts.getOrDefault(field, Map.of()).getOrDefault(key.version(), 0L))
                        .orElse(0L);
    }
}
