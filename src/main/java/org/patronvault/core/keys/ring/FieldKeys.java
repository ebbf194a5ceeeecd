package org.patronvault.core.keys.ring;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.core.crypto.Envelope;
import org.patronvault.core.crypto.EnvelopeCipher;
import org.patronvault.core.crypto.EnvelopeContext;
import org.patronvault.core.crypto.Kek;
import org.patronvault.core.crypto.Padding;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;

/**
 * The envelope encryption of patron fields: each field's KEK, padding and AAD. {@link #open} is the only call in the
 * program that decrypts a stored value. Only {@code patron.PatronVault} may call it, and a test checks that.
 */
public final class FieldKeys {
    private static final Map<PatronField, Padding> PADDING = Map.of(
            PatronField.CARD, Padding.of(64, 128),
            PatronField.NAME, Padding.of(96, 256, 2048),
            PatronField.ADDRESS, Padding.of(128, 256, 2048),
            PatronField.PHONE, Padding.of(64, 256),
            PatronField.EMAIL, Padding.of(96, 256, 1088),
            PatronField.META, Padding.of(256, 1344),
            PatronField.LABELS, Padding.of(704, 1344));

    private final String vaultId;
    private final Supplier<FieldKeys> newest;
    private final Map<String, Kek> primary = new HashMap<>();
    private final Map<String, Map<Integer, Kek>> versions = new HashMap<>();

    FieldKeys(KeyRing ring, Supplier<FieldKeys> newest) {
        this.newest = newest;
        this.vaultId = ring.vaultId();
        for (PatronField field : PatronField.values()) {
            versions.put(field.wireName(), new HashMap<>());
        }
        for (RingKey key : ring.keys()) {
            Map<Integer, Kek> known = versions.get(key.name());
            if (known != null && key.state() != KeyState.DESTROYED) {
                Kek kek = Kek.of(key.version(), key.secret());
                known.put(key.version(), kek);
                if (key.state() == KeyState.PRIMARY) {
                    primary.put(key.name(), kek);
                }
            }
        }
    }

    /**
     * Encrypts a value under a fresh DEK and the field's primary KEK.
     *
     * @param bound further AAD, canonical; empty for every field but meta
     * @return the envelope to store
     */
    public byte[] seal(PatronField field, PatronId patron, long generation, byte[] bound, byte[] value) {
        return EnvelopeCipher.seal(
                primary.get(field.wireName()), context(field, patron, generation, bound), value, PADDING.get(field));
    }

    /**
     * Decrypts a stored value.
     *
     * @throws IntegrityException if it was not stored there, or its KEK version is destroyed
     */
    public byte[] open(PatronField field, PatronId patron, long generation, byte[] bound, byte[] envelope) {
        return EnvelopeCipher.open(
                kekOf(field, envelope), context(field, patron, generation, bound), envelope, PADDING.get(field));
    }

    /** Rewraps an envelope: its DEK is wrapped under the primary KEK, and its payload does not change. */
    public byte[] rewrap(PatronField field, PatronId patron, long generation, byte[] bound, byte[] envelope) {
        return EnvelopeCipher.rewrap(
                kekOf(field, envelope),
                primary.get(field.wireName()),
                context(field, patron, generation, bound),
                envelope);
    }

    /**
     * Requires that the value's DEK can be unwrapped and matches its commitment.
     *
     * @throws IntegrityException if not, or if its KEK version is destroyed
     */
    public void requireWrapped(PatronField field, PatronId patron, long generation, byte[] bound, byte[] envelope) {
        EnvelopeCipher.requireWrapped(kekOf(field, envelope), context(field, patron, generation, bound), envelope);
    }

    /**
     * Returns the log's hash of a write, by which a row that was rolled back or edited is found. Rewrap does not change
     * it.
     */
    public byte[] rowHash(PatronField field, PatronId patron, long generation, byte[] bound, byte[] envelope) {
        return EnvelopeCipher.rowHash(context(field, patron, generation, bound), envelope);
    }

    /** Returns the KEK version that encrypts new values. */
    public int primaryVersion(PatronField field) {
        return primary.get(field.wireName()).version();
    }

    /** Returns the longest value of a field that can be encrypted, in bytes. */
    public static int maxValueBytes(PatronField field) {
        return PADDING.get(field).maxValueBytes();
    }

    /** Returns the possible lengths of a field's envelopes, in bytes, the shortest first. */
    public static List<Integer> envelopeSizesBytes(PatronField field) {
        return PADDING.get(field).sizesBytes().stream()
                .map(size -> size + Envelope.OVERHEAD_BYTES)
                .toList();
    }

    /** Whether the ring has the KEK version of a stored value; false once it is destroyed. */
    public boolean hasKek(PatronField field, byte[] envelope) {
        return find(field, kekVersion(envelope)).isPresent();
    }

    /** Returns the KEK version of a stored value. */
    public static int kekVersion(byte[] envelope) {
        return Envelope.parse(envelope).kekVersion();
    }

    private Kek kekOf(PatronField field, byte[] envelope) {
        return find(field, kekVersion(envelope)).orElseThrow(() -> new IntegrityException("envelope: KEK version"));
    }

    private Optional<Kek> find(PatronField field, int version) {
        return here(field, version).or(() -> newest.get().here(field, version));
    }

    private Optional<Kek> here(PatronField field, int version) {
        return Optional.ofNullable(versions.get(field.wireName()).get(version));
    }

    private EnvelopeContext context(PatronField field, PatronId patron, long generation, byte[] bound) {
        return new EnvelopeContext(vaultId, field.wireName(), patron.toString(), generation, bound);
    }
}
