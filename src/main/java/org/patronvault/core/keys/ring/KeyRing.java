package org.patronvault.core.keys.ring;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.model.IntegrityException;

/** One immutable state of the key ring: a change makes a new state with the next revision. */
public final class KeyRing {
    private static final int MAX_KEYS = 100_000;

    private final String vaultId;
    private final long revision;
    private final boolean commissioned;
    private final List<RingKey> keys;

    private KeyRing(String vaultId, long revision, boolean commissioned, List<RingKey> keys) {
        this.vaultId = vaultId;
        this.revision = revision;
        this.commissioned = commissioned;
        this.keys = List.copyOf(keys);
    }

    /** Makes a first ring with version 1 of every key. */
    public static KeyRing create(String vaultId, SecureRandom random, Clock clock) {
        List<RingKey> keys = new ArrayList<>();
        for (String name : KeyName.all()) {
            keys.add(fresh(name, 1, random, clock));
        }
        return new KeyRing(vaultId, 1, false, keys);
    }

    private static RingKey fresh(String name, int version, SecureRandom random, Clock clock) {
        byte[] secret = new byte[KeyName.sizeBytes(name)];
        random.nextBytes(secret);
        return fresh(name, version, secret, KeyState.PRIMARY, clock);
    }

    private static RingKey fresh(String name, int version, byte[] secret, KeyState state, Clock clock) {
        return new RingKey(
                name, version, state, Instant.ofEpochSecond(clock.instant().getEpochSecond()), secret);
    }

    String vaultId() {
        return vaultId;
    }

    public long revision() {
        return revision;
    }

    public List<RingKey> keys() {
        return keys;
    }

    /** Whether a patron was ever stored. */
    public boolean isCommissioned() {
        return commissioned;
    }

    /** Returns this ring with commissioning ended for ever: a patron was stored. */
    public KeyRing commissioned() {
        return new KeyRing(vaultId, revision + 1, true, keys);
    }

    /** Returns the version that encrypts now. */
    RingKey primary(String name) {
        return keys.stream()
                .filter(k -> k.name().equals(name) && k.state() == KeyState.PRIMARY)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the ring has no primary " + name));
    }

    /** Returns that version; empty if it never existed or is destroyed. */
    public Optional<RingKey> version(String name, int version) {
        return keys.stream()
                .filter(k -> k.name().equals(name) && k.version() == version && k.state() != KeyState.DESTROYED)
                .findFirst();
    }

    /** Returns these keys in the next state of the ring, to be sealed under another root. */
    public KeyRing again() {
        return new KeyRing(vaultId, revision + 1, commissioned, keys);
    }

    /**
     * Returns the month (yyyymm) whose content key encrypts entries of {@code month}. It is that month while its key is
     * open, or if it never had a key. A clock that was set back can show a month whose key was destroyed, or one before
     * all months with a key. Such a month gets no key of its own, which would be a second one or due at once. The
     * newest month's key is used.
     */
    int contentMonth(int month) {
        List<RingKey> months =
                keys.stream().filter(k -> k.name().equals(KeyName.LOG_CONTENT)).toList();
        boolean had = months.stream().anyMatch(k -> k.version() == month);
        boolean isFirst = months.stream().noneMatch(k -> k.version() < month);
        boolean isOpen = months.stream().anyMatch(k -> k.version() == month && isOpen(k));
        if (isOpen || months.isEmpty() || !(had || isFirst)) {
            return month;
        }
        return months.stream()
                .filter(KeyRing::isOpen)
                .mapToInt(RingKey::version)
                .max()
                .orElseGet(() ->
                        after(months.stream().mapToInt(RingKey::version).max().orElseThrow()));
    }

    private static boolean isOpen(RingKey month) {
        return month.state() == KeyState.PRIMARY || month.state() == KeyState.ACTIVE;
    }

    /** Returns the months whose own content key encrypts their entries. */
    Set<Integer> openMonths() {
        return keys.stream()
                .filter(key -> key.name().equals(KeyName.LOG_CONTENT) && isOpen(key))
                .map(RingKey::version)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Returns this ring with every content key of the log closed: new entries use another key. */
    public KeyRing withClosedMonths() {
        List<RingKey> changed = keys.stream()
                .map(key -> key.name().equals(KeyName.LOG_CONTENT) && isOpen(key) ? key.in(KeyState.RETIRED) : key)
                .toList();
        return new KeyRing(vaultId, revision + 1, commissioned, changed);
    }

    private static int after(int month) {
        return month % 100 == 12 ? month + 89 : month + 1;
    }

    /** Returns this ring with a next primary version of each of those keys; the old primaries stay active. */
    public KeyRing withNewVersions(List<String> names, SecureRandom random, Clock clock) {
        Map<String, Integer> next = new LinkedHashMap<>();
        names.forEach(name -> next.put(name, primary(name).version() + 1));
        return withNewVersions(next, random, clock);
    }

    /** Returns this ring with a content key of the log for that month (yyyymm), or itself if it has one. */
    public KeyRing withContentKey(int month, SecureRandom random, Clock clock) {
        return version(KeyName.LOG_CONTENT, month).isPresent()
                ? this
                : withNewVersions(Map.of(KeyName.LOG_CONTENT, month), random, clock);
    }

    private KeyRing withNewVersions(Map<String, Integer> next, SecureRandom random, Clock clock) {
        List<RingKey> changed = new ArrayList<>();
        for (RingKey key : keys) {
            boolean steps = next.containsKey(key.name());
            if (steps && key.version() == next.get(key.name())) {
                throw new IllegalStateException("the ring has had a version " + key.version() + " of " + key.name());
            }
            changed.add(steps && key.state() == KeyState.PRIMARY ? key.in(KeyState.ACTIVE) : key);
        }
        next.forEach((name, version) -> changed.add(fresh(name, version, random, clock)));
        return new KeyRing(vaultId, revision + 1, commissioned, changed);
    }

    /** Returns this ring with one version in another state; a destroyed version loses its secret. */
    public KeyRing withState(String name, int version, KeyState state) {
        List<RingKey> changed = new ArrayList<>();
        for (RingKey key : keys) {
            changed.add(key.name().equals(name) && key.version() == version ? key.in(state) : key);
        }
        return new KeyRing(vaultId, revision + 1, commissioned, changed);
    }

    /** Returns this state of the ring without the secrets of those keys, or itself if it has none of them. */
    public KeyRing without(Predicate<RingKey> left) {
        if (keys.stream().noneMatch(left)) {
            return this;
        }
        List<RingKey> kept = keys.stream()
                .map(key -> left.test(key) ? key.in(KeyState.DESTROYED) : key)
                .toList();
        return new KeyRing(vaultId, revision, commissioned, kept);
    }

    /** Returns this ring with missing versions of a key added as destroyed. */
    public KeyRing withLost(String name, Set<Integer> versions, Clock clock) {
        List<RingKey> changed = new ArrayList<>(keys);
        versions.stream()
                .filter(version -> keys.stream().noneMatch(key -> key.name().equals(name) && key.version() == version))
                .map(version -> fresh(name, version, new byte[0], KeyState.DESTROYED, clock))
                .forEach(changed::add);
        return new KeyRing(vaultId, revision + 1, commissioned, changed);
    }

    /** Whether the search index may still have entries under that version. */
    public boolean hasActiveIndex(int version) {
        return version(KeyName.INDEX_LABEL, version)
                .filter(key -> key.state() == KeyState.ACTIVE)
                .isPresent();
    }

    /** Returns this ring after the search index's last entry under that version was removed. */
    public KeyRing withIndexRetired(int version) {
        List<RingKey> changed = new ArrayList<>();
        for (RingKey key : keys) {
            boolean is = key.name().equals(KeyName.INDEX_LABEL) || key.name().equals(KeyName.INDEX_VALUE);
            changed.add(is && key.version() == version ? key.in(KeyState.RETIRED) : key);
        }
        return new KeyRing(vaultId, revision + 1, commissioned, changed);
    }

    public byte[] encode() {
        CanonicalBytes out = CanonicalBytes.begin("pv1.ring.payload")
                .lp(vaultId)
                .u64(revision)
                .u8(commissioned ? 1 : 0)
                .u32(keys.size());
        for (RingKey key : keys) {
            out.lp(key.name())
                    .u32(key.version())
                    .u8(key.state().code())
                    .u64(key.created().getEpochSecond())
                    .lp(key.secret());
        }
        return out.bytes();
    }

    static KeyRing decode(byte[] payload) {
        CanonicalReader in = CanonicalReader.begin(payload, "pv1.ring.payload");
        String vaultId = in.lpString();
        long revision = in.u64();
        int commissioned = in.u8();
        if (commissioned > 1) {
            throw new IntegrityException("key ring: latch");
        }
        long count = in.u32();
        if (count > MAX_KEYS) {
            throw new IntegrityException("key ring: count");
        }
        List<RingKey> keys = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            String name = in.lpString();
            long version = in.u32();
            KeyState state = KeyState.ofCode(in.u8());
            Instant created = second(in.u64());
            byte[] secret = in.lp();
            if (state != KeyState.DESTROYED && secret.length != KeyName.sizeBytes(name)) {
                throw new IntegrityException("key ring: size");
            }
            if (version > Integer.MAX_VALUE) {
                throw new IntegrityException("key ring: version");
            }
            keys.add(new RingKey(name, (int) version, state, created, secret));
        }
        in.end();
        return new KeyRing(vaultId, revision, commissioned == 1, keys);
    }

    private static Instant second(long sinceEpoch) {
        try {
            return Instant.ofEpochSecond(sinceEpoch);
        } catch (DateTimeException e) {
            throw new IntegrityException("key ring: time", e);
        }
    }

    /** Wipes the secrets that {@code next} does not share, including those it has destroyed. */
    public void wipeBut(KeyRing next) {
        IdentityHashMap<byte[], RingKey> shared = new IdentityHashMap<>();
        next.keys.forEach(key -> shared.put(key.secret(), key));
        keys.stream().filter(key -> !shared.containsKey(key.secret())).forEach(RingKey::wipe);
    }

    public void wipe() {
        keys.forEach(RingKey::wipe);
    }
}
