package org.patronvault.core.keys.ring;

import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.crypto.RowMac;
import org.patronvault.core.crypto.SealedBox;
import org.patronvault.core.crypto.SigningKey;
import org.patronvault.core.crypto.SivBox;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.model.IntegrityException;

/**
 * The primitives made from one state of the ring, one for each duty, so that no key serves two. Thread-safe. Callers
 * ask {@link KeyCustody#keys} for each act, since a sealed vault has none.
 */
public final class UnsealedKeys {
    private static final AtomicLong MADE = new AtomicLong();
    private static final int NAME_BYTES = 16;

    private final long number = MADE.incrementAndGet();
    private final KeyRing ring;
    private final Supplier<UnsealedKeys> newest;
    private final FieldKeys fields;
    private final CaseKeys cases;
    private final KeyVersions<Prf> indexLabels;
    private final KeyVersions<SivBox> indexValues;
    private final List<SigningKey> logSigners;
    private final KeyVersions<SigningKey> statements;
    private final KeyVersions<RowMac> rows;
    private final Prf pairwise;
    private final KeyVersions<Prf> tokens;
    private final SivBox unsubscribing;
    private final KeyVersions<Prf> peppers;
    private final VersionedBox totp;
    private final KeyVersions<Prf> fingerprints;
    private final VersionedBox authorityDigest;
    private final KeyVersions<Month> months;
    private final Set<Integer> openMonths;

    /**
     * The keys of one month. All follow from the content key. So destroying that key also ends finding a patron's
     * entries of that month.
     */
    private record Month(SealedBox.Key content, SealedBox.Key viewPages, Prf viewPatrons) {}

    /**
     * Makes the primitives of a ring.
     *
     * @param newest returns the keys with a version that the ring lacks, which another process may have made
     */
    public UnsealedKeys(KeyRing ring, Supplier<UnsealedKeys> newest) {
        this.ring = ring;
        this.newest = newest;
        this.fields = new FieldKeys(ring, () -> newest.get().fields());
        this.cases = new CaseKeys(ring, () -> newest.get().cases());
        this.indexLabels = versions(KeyName.INDEX_LABEL, key -> Prf.of(key.secret()), keys -> keys.indexLabels);
        this.indexValues = versions(KeyName.INDEX_VALUE, key -> SivBox.of(key.secret()), keys -> keys.indexValues);
        this.logSigners = signers(ring);
        this.statements = versions(KeyName.STATEMENT, key -> SigningKey.ofSeed(key.secret()), UnsealedKeys::statements);
        this.rows = versions(KeyName.ROW, key -> RowMac.of(key.secret()), UnsealedKeys::rows);
        this.pairwise = Prf.of(ring.primary(KeyName.PAIRWISE).secret());
        this.tokens = versions(KeyName.TOKEN, key -> Prf.of(key.secret()), UnsealedKeys::tokens);
        this.unsubscribing = derivedSiv(tokens.newest(), "unsubscribe");
        this.peppers = versions(KeyName.PEPPER, key -> Prf.of(key.secret()), UnsealedKeys::peppers);
        this.totp = new VersionedBox(
                versions(KeyName.TOTP, key -> SealedBox.Key.of(key.secret()), keys -> keys.totp.versions()));
        this.fingerprints = versions(KeyName.FINGERPRINT, key -> Prf.of(key.secret()), UnsealedKeys::fingerprints);
        this.authorityDigest =
                boxOfFingerprint(CanonicalBytes.begin("authority-digest").bytes());
        this.months = versions(KeyName.LOG_CONTENT, this::month, keys -> keys.months);
        this.openMonths = ring.openMonths();
    }

    // All at once, and none later: sealing may wipe the bytes of a late one.
    private <T> KeyVersions<T> versions(
            String name, Function<RingKey, T> ready, Function<UnsealedKeys, KeyVersions<T>> there) {
        Map<Integer, T> versions = ring.keys().stream()
                .filter(key -> key.name().equals(name) && key.state() != KeyState.DESTROYED)
                .collect(Collectors.toMap(RingKey::version, ready));
        return new KeyVersions<>(versions, () -> there.apply(newest.get()));
    }

    private static List<SigningKey> signers(KeyRing ring) {
        return ring.keys().stream()
                .filter(key -> key.name().equals(KeyName.LOG_SIGNING))
                .filter(key -> key.state() == KeyState.ACTIVE || key.state() == KeyState.PRIMARY)
                .sorted(Comparator.comparingInt(RingKey::version))
                .map(key -> SigningKey.ofSeed(key.secret()))
                .toList();
    }

    private Month month(RingKey key) {
        return new Month(
                SealedBox.Key.of(key.secret()),
                SealedBox.Key.of(ofView(key, "pv2.view.seal")),
                Prf.of(ofView(key, "pv2.view.patron")));
    }

    private static byte[] ofView(RingKey month, String duty) {
        return Prf.once(
                month.secret(), CanonicalBytes.begin(duty).u32(month.version()).bytes());
    }

    private static SivBox derivedSiv(Prf from, String duty) {
        return SivBox.of(CanonicalBytes.plain()
                .raw(derived(from, duty + ".1"))
                .raw(derived(from, duty + ".2"))
                .bytes());
    }

    private static byte[] derived(Prf from, String duty) {
        return from.full(CanonicalBytes.begin(duty).bytes());
    }

    public KeyRing ring() {
        return ring;
    }

    /** Returns the number of these keys in this process; no other keys have it, before or after a seal. */
    public long number() {
        return number;
    }

    /** Returns the vault's ID. */
    public String vaultId() {
        return ring.vaultId();
    }

    /** Returns the revision of the ring. */
    public long revision() {
        return ring.revision();
    }

    /** Whether commissioning is over: a patron was stored once. */
    public boolean isCommissioned() {
        return ring.isCommissioned();
    }

    /** Returns every key version, without its secret. */
    public List<RingKey> inventory() {
        return ring.keys();
    }

    /** Returns the envelope encryption of patron fields. */
    public FieldKeys fields() {
        return fields;
    }

    /** Returns the envelope encryption of disclosure cases. */
    public CaseKeys cases() {
        return cases;
    }

    /** Returns the newest version of the search index. The database knows which versions are read and written. */
    public int newestIndexVersion() {
        return ring.primary(KeyName.INDEX_LABEL).version();
    }

    /** Whether the ring has a key of that version of the search index. */
    public boolean hasIndexVersion(int version) {
        return indexLabels.version(version).isPresent();
    }

    /** Returns the PRF for labels of that version of the search index. */
    public Prf indexLabels(int version) {
        return indexLabels.version(version).orElseThrow(UnsealedKeys::noSuchIndex);
    }

    /** Returns the encryption of values of that version of the search index. */
    public SivBox indexValues(int version) {
        return indexValues.version(version).orElseThrow(UnsealedKeys::noSuchIndex);
    }

    private static IntegrityException noSuchIndex() {
        return new IntegrityException("search index: key version");
    }

    /** Returns the newest key that signs checkpoints. */
    public SigningKey logSigning() {
        return logSigners.get(logSigners.size() - 1);
    }

    /** Returns the version of the newest key that signs checkpoints. */
    public int logSigningVersion() {
        return ring.primary(KeyName.LOG_SIGNING).version();
    }

    /** Returns all keys that sign checkpoints, oldest first; two while one hands the log over to the other. */
    public List<SigningKey> logSigners() {
        return logSigners;
    }

    /** Returns the public keys of all versions that ever signed checkpoints, except destroyed ones. */
    public List<byte[]> logVerifiers() {
        return ring.keys().stream()
                .filter(key -> key.name().equals(KeyName.LOG_SIGNING) && key.state() != KeyState.DESTROYED)
                .map(key -> SigningKey.ofSeed(key.secret()).publicKey())
                .toList();
    }

    /** Returns the keys that sign erasure certificates and other statements. */
    public KeyVersions<SigningKey> statements() {
        return statements;
    }

    /** Returns the MACs of rows that carry authority. */
    public KeyVersions<RowMac> rows() {
        return rows;
    }

    /** Whether a rotation found no more rows under that version of {@link #rows}. */
    public boolean isRetiredForRows(int version) {
        return ring.version(KeyName.ROW, version)
                .filter(key -> key.state() == KeyState.RETIRED)
                .isPresent();
    }

    /** Returns the PRF for subjects that two clients cannot compare. */
    public Prf pairwise() {
        return pairwise;
    }

    /** Returns the PRF for stored session tokens and client keys. */
    public KeyVersions<Prf> tokens() {
        return tokens;
    }

    /** Returns the encryption of the unsubscribe links in mailings. */
    public SivBox unsubscribing() {
        return unsubscribing;
    }

    /** Returns the pepper that is mixed into passwords before Argon2id. */
    public KeyVersions<Prf> peppers() {
        return peppers;
    }

    /** Returns the encryption of seeds of second factors. */
    public VersionedBox totp() {
        return totp;
    }

    /** Returns the PRF for values that must only be recognized again. */
    public KeyVersions<Prf> fingerprints() {
        return fingerprints;
    }

    /** Returns names of a row, 16 bytes of a fingerprint in hex, by each version of the key, the newest first. */
    public List<String> fingerprintNames(byte[] input) {
        return fingerprints.all().stream()
                .map(prf -> HexFormat.of().formatHex(prf.truncated(input, NAME_BYTES)))
                .toList();
    }

    /** Returns encryption under a key derived from the fingerprint key by that label, canonical bytes. */
    public VersionedBox boxOfFingerprint(byte[] label) {
        return new VersionedBox(fingerprints.derive(prf -> SealedBox.Key.of(prf.full(label))));
    }

    /** Returns the encryption of the running digest of authority rows. */
    public VersionedBox authorityDigest() {
        return authorityDigest;
    }

    /** Returns the encryption of pages of the view by patron, for entries of that month (yyyymm). */
    public SealedBox.Key viewPages(int month) {
        return ofMonth(month).viewPages();
    }

    /** Returns the PRF that stands for a patron in the view by patron, for entries of that month (yyyymm). */
    public Prf viewPatrons(int month) {
        return ofMonth(month).viewPatrons();
    }

    /** Returns the newest month (yyyymm) with a content key of the log; 0 if none has one. */
    public int newestContentMonth() {
        return ring.keys().stream()
                .filter(key -> key.name().equals(KeyName.LOG_CONTENT) && key.state() != KeyState.DESTROYED)
                .mapToInt(RingKey::version)
                .max()
                .orElse(0);
    }

    /** Whether there is a content key of the log for that month (yyyymm). */
    public boolean hasContentKey(int month) {
        return months.isHere(month);
    }

    /** Returns the month (yyyymm) whose content key encrypts subjects of entries of that month; mostly that month. */
    public int contentMonth(int month) {
        return openMonths.contains(month) ? month : ring.contentMonth(month);
    }

    /** Returns the encryption of subjects of log entries of that month (yyyymm). */
    public SealedBox.Key logContent(int month) {
        return ofMonth(month).content();
    }

    private Month ofMonth(int month) {
        return months.version(month).orElseThrow(() -> new IntegrityException("log: content key"));
    }
}
