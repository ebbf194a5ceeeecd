package org.patronvault.keys;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
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

    private final long number = MADE.incrementAndGet();
    private final KeyRing ring;
    private final Supplier<UnsealedKeys> newest;
    private final FieldKeys fields;
    private final CaseKeys cases;
    private final Map<Integer, Prf> indexLabels = new HashMap<>();
    private final Map<Integer, SivBox> indexValues = new HashMap<>();
    private final List<SigningKey> logSigners;
    private final SigningKey statements;
    private final RowMac rows;
    private final Prf pairwise;
    private final Prf tokens;
    private final SivBox unsubscribing;
    private final Prf pepper;
    private final SealedBox.Key totp;
    private final Prf fingerprints;
    private final SealedBox.Key authorityDigest;
    private final Prf logView;
    private final Map<Integer, Prf> viewLabels = new HashMap<>();
    private final Map<Integer, SivBox> viewValues = new HashMap<>();
    private final Map<Integer, SealedBox.Key> logContent = new HashMap<>();

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
        this.logSigners = signers(ring);
        this.statements = SigningKey.ofSeed(secret(KeyName.STATEMENT));
        this.rows = RowMac.of(secret(KeyName.ROW));
        this.pairwise = Prf.of(secret(KeyName.PAIRWISE));
        this.tokens = Prf.of(secret(KeyName.TOKEN));
        this.unsubscribing = derivedSiv(tokens, "unsubscribe");
        this.pepper = Prf.of(secret(KeyName.PEPPER));
        this.totp = SealedBox.Key.of(secret(KeyName.TOTP));
        this.fingerprints = Prf.of(secret(KeyName.FINGERPRINT));
        this.authorityDigest = SealedBox.Key.of(derived(fingerprints, "authority-digest"));
        this.logView = Prf.of(secret(KeyName.LOG_VIEW));
        // All at once: made later, one could be made of bytes that sealing has wiped meanwhile.
        for (RingKey key : ring.keys()) {
            if (key.state() != KeyState.DESTROYED) {
                addVersion(key);
            }
        }
    }

    private static List<SigningKey> signers(KeyRing ring) {
        return ring.keys().stream()
                .filter(key -> key.name().equals(KeyName.LOG_SIGNING))
                .filter(key -> key.state() == KeyState.ACTIVE || key.state() == KeyState.PRIMARY)
                .sorted(Comparator.comparingInt(RingKey::version))
                .map(key -> SigningKey.ofSeed(key.secret()))
                .toList();
    }

    private void addVersion(RingKey key) {
        switch (key.name()) {
            case KeyName.INDEX_LABEL -> indexLabels.put(key.version(), Prf.of(key.secret()));
            case KeyName.INDEX_VALUE -> indexValues.put(key.version(), SivBox.of(key.secret()));
            case KeyName.LOG_CONTENT -> addMonth(key);
            default -> {
                // One at a time: its primary.
            }
        }
    }

    /** With a month's content key dies what finds a patron's entries of that month: it takes both to make a label. */
    private void addMonth(RingKey key) {
        logContent.put(key.version(), SealedBox.Key.of(key.secret()));
        Prf month = Prf.of(logView.full(CanonicalBytes.begin("pv1.view")
                .u32(key.version())
                .raw(key.secret())
                .bytes()));
        viewLabels.put(key.version(), Prf.of(derived(month, "label")));
        viewValues.put(key.version(), derivedSiv(month, "value"));
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

    private byte[] secret(String name) {
        return ring.primary(name).secret();
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
        return here(keys -> keys.indexLabels.get(version)).isPresent();
    }

    /** Labels of that version of the search index. */
    public Prf indexLabels(int version) {
        return there(keys -> keys.indexLabels.get(version));
    }

    /** Values of that version of the search index. */
    public SivBox indexValues(int version) {
        return there(keys -> keys.indexValues.get(version));
    }

    private <T> T there(Function<UnsealedKeys, T> version) {
        return here(version).orElseThrow(() -> new IntegrityException("search index: key version"));
    }

    private <T> Optional<T> here(Function<UnsealedKeys, T> version) {
        return Optional.ofNullable(version.apply(this)).or(() -> Optional.ofNullable(version.apply(newest.get())));
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

    /** Signs erasure certificates and other statements. */
    public SigningKey statements() {
        return statements;
    }

    /** MACs of rows that carry authority. */
    public RowMac rows() {
        return rows;
    }

    /** Subjects that two clients cannot compare. */
    public Prf pairwise() {
        return pairwise;
    }

    /** What is stored of session tokens and client keys. */
    public Prf tokens() {
        return tokens;
    }

    /** What stands in the unsubscribe links of mailings. */
    public SivBox unsubscribing() {
        return unsubscribing;
    }

    /** What is mixed into passwords before Argon2id. */
    public Prf pepper() {
        return pepper;
    }

    /** Seals seeds of second factors. */
    public SealedBox.Key totp() {
        return totp;
    }

    /** What is stored in place of a value that must only be recognised again. */
    public Prf fingerprints() {
        return fingerprints;
    }

    /** Seals the running digest of the rows that carry authority. */
    public SealedBox.Key authorityDigest() {
        return authorityDigest;
    }

    /** Labels of the view by patron, of entries of that month (yyyymm). */
    public Prf viewLabels(int month) {
        return ofMonth(keys -> keys.viewLabels.get(month));
    }

    /** Values of the view by patron, of entries of that month (yyyymm). */
    public SivBox viewValues(int month) {
        return ofMonth(keys -> keys.viewValues.get(month));
    }

    /** Whether there is a content key of the log for that month (yyyymm). */
    public boolean hasContentKey(int month) {
        return logContent.containsKey(month);
    }

    /** The month (yyyymm) whose content key seals subjects of entries of that month: mostly the same. */
    public int contentMonth(int month) {
        return hasContentKey(month) ? month : ring.contentMonth(month);
    }

    /** Seals and opens subjects of log entries of that month (yyyymm). */
    public SealedBox.Key logContent(int month) {
        return ofMonth(keys -> keys.logContent.get(month));
    }

    private <T> T ofMonth(Function<UnsealedKeys, T> month) {
        return here(month).orElseThrow(() -> new IntegrityException("log: content key"));
    }
}
