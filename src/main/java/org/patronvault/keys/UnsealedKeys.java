package org.patronvault.keys;

import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.crypto.Prf;
import org.patronvault.crypto.RowMac;
import org.patronvault.crypto.SealedBox;
import org.patronvault.crypto.SigningKey;
import org.patronvault.crypto.SivBox;
import org.patronvault.model.IntegrityException;

/**
 * Ready primitives from one state of the ring, one for each duty, so that no key serves two. Safe for use by many
 * threads. Holders ask {@link KeyCustody#keys} anew for each act: after sealing there is nothing to ask.
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
    private final Prf logView;
    private final KeyVersions<Month> months;
    private final Set<Integer> openMonths;

    /** With a month's content key dies what finds a patron's entries of that month: it takes both to make a label. */
    private record Month(SealedBox.Key content, Prf viewLabels, SivBox viewValues) {}

    /**
     * Those of that ring.
     *
     * @param newest asked for a version that it lacks, which another process that shares the ring may have made
     */
    UnsealedKeys(KeyRing ring, Supplier<UnsealedKeys> newest) {
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
        this.logView = Prf.of(ring.primary(KeyName.LOG_VIEW).secret());
        this.months = versions(KeyName.LOG_CONTENT, this::month, keys -> keys.months);
        this.openMonths = ring.openMonths();
    }

    // All at once, and none later: one could be made of bytes that sealing has wiped meanwhile.
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
        Prf month = Prf.of(logView.full(CanonicalBytes.begin("pv1.view")
                .u32(key.version())
                .raw(key.secret())
                .bytes()));
        return new Month(SealedBox.Key.of(key.secret()), Prf.of(derived(month, "label")), derivedSiv(month, "value"));
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

    KeyRing ring() {
        return ring;
    }

    /** Which keys of this process they are: no others have this number, and none after a seal. */
    public long number() {
        return number;
    }

    /** Which vault. */
    public String vaultId() {
        return ring.vaultId();
    }

    /** Which state of the ring. */
    public long revision() {
        return ring.revision();
    }

    /** Whether commissioning is over: a patron was stored once. */
    public boolean isCommissioned() {
        return ring.isCommissioned();
    }

    /** Every key version, without its secret. */
    public List<RingKey> inventory() {
        return ring.keys();
    }

    /** Envelopes of patron fields. */
    public FieldKeys fields() {
        return fields;
    }

    /** Envelopes of disclosure cases. */
    public CaseKeys cases() {
        return cases;
    }

    /** The newest version of the search index; which is read and which are written, the database says. */
    public int newestIndexVersion() {
        return ring.primary(KeyName.INDEX_LABEL).version();
    }

    /** Whether there is still a key of that version of the search index, or there is one already. */
    public boolean hasIndexVersion(int version) {
        return indexLabels.version(version).isPresent();
    }

    /** Labels of that version of the search index. */
    public Prf indexLabels(int version) {
        return indexLabels.version(version).orElseThrow(UnsealedKeys::noSuchIndex);
    }

    /** Values of that version of the search index. */
    public SivBox indexValues(int version) {
        return indexValues.version(version).orElseThrow(UnsealedKeys::noSuchIndex);
    }

    private static IntegrityException noSuchIndex() {
        return new IntegrityException("search index: key version");
    }

    /** The newest key that signs checkpoints. */
    public SigningKey logSigning() {
        return logSigners.get(logSigners.size() - 1);
    }

    /** Which version of its key that is. */
    public int logSigningVersion() {
        return ring.primary(KeyName.LOG_SIGNING).version();
    }

    /** All that sign checkpoints, oldest first: two while one hands the log over to the other. */
    public List<SigningKey> logSigners() {
        return logSigners;
    }

    /** The public keys of all versions that ever signed checkpoints, except destroyed ones. */
    public List<byte[]> logVerifiers() {
        return ring.keys().stream()
                .filter(key -> key.name().equals(KeyName.LOG_SIGNING) && key.state() != KeyState.DESTROYED)
                .map(key -> SigningKey.ofSeed(key.secret()).publicKey())
                .toList();
    }

    /** Sign erasure certificates and other statements. */
    public KeyVersions<SigningKey> statements() {
        return statements;
    }

    /** MACs of rows that carry authority. */
    public KeyVersions<RowMac> rows() {
        return rows;
    }

    /** Whether a rotation found nothing more under that version of the key of {@link #rows}. */
    public boolean isRetiredForRows(int version) {
        return ring.version(KeyName.ROW, version)
                .filter(key -> key.state() == KeyState.RETIRED)
                .isPresent();
    }

    /** Subjects that two clients cannot compare. */
    public Prf pairwise() {
        return pairwise;
    }

    /** What is stored of session tokens and client keys. */
    public KeyVersions<Prf> tokens() {
        return tokens;
    }

    /** What stands in the unsubscribe links of mailings. */
    public SivBox unsubscribing() {
        return unsubscribing;
    }

    /** What is mixed into passwords before Argon2id. */
    public KeyVersions<Prf> peppers() {
        return peppers;
    }

    /** Seals seeds of second factors. */
    public VersionedBox totp() {
        return totp;
    }

    /** What is stored in place of a value that must only be recognised again. */
    public KeyVersions<Prf> fingerprints() {
        return fingerprints;
    }

    /** Names of a row, 16 bytes of a fingerprint in hex, by each version of the key, the newest first. */
    public List<String> fingerprintNames(byte[] input) {
        return fingerprints.all().stream()
                .map(prf -> HexFormat.of().formatHex(prf.truncated(input, NAME_BYTES)))
                .toList();
    }

    /** Boxes whose key is derived from the fingerprint key by that label, canonical bytes. */
    public VersionedBox boxOfFingerprint(byte[] label) {
        return new VersionedBox(fingerprints.derive(prf -> SealedBox.Key.of(prf.full(label))));
    }

    /** Seals the running digest of the rows that carry authority. */
    public VersionedBox authorityDigest() {
        return authorityDigest;
    }

    /** Which versions of keys the view by patron is made with; one of other versions is made again. */
    public byte[] viewVersions() {
        int row = rows.newestVersion();
        int view = ring.primary(KeyName.LOG_VIEW).version();
        return row == 1 && view == 1
                ? new byte[0]
                : CanonicalBytes.plain().u32(row).u32(view).bytes();
    }

    /** Labels of the view by patron, of entries of that month (yyyymm). */
    public Prf viewLabels(int month) {
        return ofMonth(month).viewLabels();
    }

    /** Values of the view by patron, of entries of that month (yyyymm). */
    public SivBox viewValues(int month) {
        return ofMonth(month).viewValues();
    }

    /** Whether there is a content key of the log for that month (yyyymm). */
    public boolean hasContentKey(int month) {
        return months.isHere(month);
    }

    /** The month (yyyymm) whose content key seals subjects of entries of that month: mostly the same. */
    public int contentMonth(int month) {
        return openMonths.contains(month) ? month : ring.contentMonth(month);
    }

    /** Seals and opens subjects of log entries of that month (yyyymm). */
    public SealedBox.Key logContent(int month) {
        return ofMonth(month).content();
    }

    private Month ofMonth(int month) {
        return months.version(month).orElseThrow(() -> new IntegrityException("log: content key"));
    }
}
