package org.patronvault.custody.destroy;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.patronvault.access.Access;
import org.patronvault.access.KeyVersionUsage;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.keys.KeysCopy;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.keys.ring.RingKey;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.Tx;
import org.patronvault.custody.rotate.Operations;
import org.patronvault.custody.rotate.Rotations;

/**
 * A key version that is to be destroyed.
 *
 * @param field the name in {@code keys status}: a patron field, {@code case}, {@code search}, {@code log},
 *     {@code pairwise}, {@code log-view}, or one of those that {@code keys rotate rest} rotates
 */
record KeyVersionToDestroy(String field, int version) {
    static final String SEARCH = "search";

    /** Makes it from a request; refuses with {@code not-found} a name that no destructible key has. */
    static KeyVersionToDestroy of(String field, int version) {
        boolean known = field.equals(SEARCH)
                || field.equals(KeyName.LOG_SIGNING)
                || field.equals(KeyName.CASE)
                || field.equals(KeyName.PAIRWISE)
                || field.equals(KeyName.LOG_VIEW)
                || KeyName.rest().contains(field)
                || PatronField.ofWireName(field).isPresent();
        if (!known || version < 1) {
            throw unknown();
        }
        return new KeyVersionToDestroy(field, version);
    }

    private static Refused unknown() {
        return new Refused(Problem.NOT_FOUND, "There is no such key, or no such version of it.");
    }

    /** Returns all versions that wait to be destroyed, or are being destroyed. */
    static List<KeyVersionToDestroy> all(Operations operations, Tx tx) {
        return operations.held(tx).stream()
                .map(Authority.Versioned::body)
                .filter(one -> one.kind().equals(KeyDestruction.KIND) && !one.ended())
                .map(one -> ofName(one.field()))
                .toList();
    }

    /** Whether backups need it to open. */
    boolean isOfBackups() {
        return List.of(KeyName.ROW, KeyName.FINGERPRINT, KeyName.STATEMENT).contains(field);
    }

    /** Returns its name in the log and in the operation's row. */
    String name() {
        return field + "-" + version;
    }

    static KeyVersionToDestroy ofName(String name) {
        int at = name.lastIndexOf('-');
        return new KeyVersionToDestroy(name.substring(0, at), Integer.parseInt(name.substring(at + 1)));
    }

    /** Returns the ring's keys that belong to it. */
    List<String> ringKeys() {
        return field.equals(SEARCH) ? List.of(KeyName.INDEX_LABEL, KeyName.INDEX_VALUE) : List.of(field);
    }

    /** Returns the ring's key versions that belong to it, as {@link KeysCopy#version} writes them. */
    Stream<String> versions() {
        return ringKeys().stream().map(key -> KeysCopy.version(key, version));
    }

    /** Returns the name that {@code keys rotate} takes for a key of the ring. */
    static String fieldOf(String ringKey) {
        return ringKey.equals(KeyName.INDEX_LABEL) || ringKey.equals(KeyName.INDEX_VALUE) ? SEARCH : ringKey;
    }

    /** Whether it is destroyed; false for a ring that never had it. */
    boolean isDestroyed(UnsealedKeys keys) {
        return isAll(KeyState.DESTROYED, keys);
    }

    /** Whether no value needs it. */
    boolean isRetired(UnsealedKeys keys) {
        return isAll(KeyState.RETIRED, keys);
    }

    private boolean isAll(KeyState state, UnsealedKeys keys) {
        List<RingKey> versions = inRing(keys);
        return !versions.isEmpty() && versions.stream().allMatch(key -> key.state() == state);
    }

    private List<RingKey> inRing(UnsealedKeys keys) {
        return keys.inventory().stream()
                .filter(key -> ringKeys().contains(key.name()) && key.version() == version)
                .toList();
    }

    /** Counts the values that need this version; empty for a key whose values cannot be counted. */
    private Optional<Long> values(Tx tx, Access access) {
        return switch (field) {
            case KeyName.CASE -> Optional.of(tx.cases().count(version));
            case KeyName.ROW ->
                Optional.of(access.authority().renewal().versions(tx).getOrDefault(version, 0L));
            case KeyName.TOKEN, KeyName.PEPPER, KeyName.FINGERPRINT ->
                Optional.of(access.keptUntilUsed().count(tx, field, version));
            default -> PatronField.ofWireName(field).map(known -> tx.wraps().count(known, version));
        };
    }

    /** Returns the name that {@code keys rotate} takes to move its values. */
    private String rotation() {
        return isOfRest() ? Rotations.REST : field;
    }

    private boolean isOfRest() {
        return KeyName.rest().contains(field);
    }

    /** Until a rotation of the rest has succeeded, rows may need any of its keys. */
    private static boolean isAnyActive(UnsealedKeys keys, String name) {
        return keys.inventory().stream().anyMatch(key -> key.name().equals(name) && key.state() == KeyState.ACTIVE);
    }

    /**
     * Refuses with {@code key-in-use} and the count while any value needs this version. Client keys and passwords that
     * stay until they are used need it for {@link KeyVersionUsage#KEPT} only.
     */
    void requireUnused(Tx tx, UnsealedKeys keys, Access access, Instant now) {
        List<RingKey> versions = inRing(keys);
        if (versions.isEmpty() || isDestroyed(keys)) {
            throw unknown();
        }
        if (field.equals(KeyName.LOG_VIEW)) {
            // Out of use, so its primary version too.
            return;
        }
        if (versions.stream().anyMatch(key -> key.state() == KeyState.PRIMARY)) {
            throw new Refused(
                    Problem.KEY_IN_USE,
                    "Version " + version + " is the one in use; rotate first: `keys rotate " + rotation() + "`.");
        }
        Optional<Long> values = values(tx, access);
        long count = values.orElse(0L);
        Optional<Instant> until = access.keptUntilUsed().until(field, version);
        boolean moving = isOfRest() && isAnyActive(keys, KeyName.ROW);
        if (count > 0 && isOfRest() && !moving) {
            if (until.filter(now::isBefore).isPresent()) {
                throw new Refused(
                        Problem.KEY_IN_USE,
                        count + " client keys, passwords or people who sign on by a provider are under version "
                                + version
                                + " of " + field + ". Each moves when it is next used. After "
                                + LocalDate.ofInstant(until.get(), ZoneOffset.UTC)
                                + " the version can be destroyed; those that are left are then given anew.");
            }
            return;
        }
        boolean active =
                (values.isEmpty() || moving) && versions.stream().anyMatch(key -> key.state() == KeyState.ACTIVE);
        if (count > 0) {
            throw new Refused(
                    Problem.KEY_IN_USE,
                    count + " values still hang on version " + version + " of " + field + ": `keys rotate " + rotation()
                            + "` moves them; what it could not open comes back by `restore`, or goes with the patron.");
        }
        if (active) {
            throw new Refused(
                    Problem.KEY_IN_USE,
                    "Something still hangs on version " + version + "; `keys rotate " + rotation() + "` moves it.");
        }
    }
}
