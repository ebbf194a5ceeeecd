package org.patronvault.keys;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.crypto.Envelope;
import org.patronvault.crypto.EnvelopeCipher;
import org.patronvault.crypto.EnvelopeContext;
import org.patronvault.crypto.Kek;
import org.patronvault.crypto.Padding;
import org.patronvault.model.CaseId;
import org.patronvault.model.IntegrityException;

/**
 * The envelopes of what is known of disclosure cases and permissions, bound to the number of the case and to which write
 * of it this is. Safe for use by many threads.
 */
public final class CaseKeys {
    private static final Padding PADDING = Padding.of(4_096, 16_384, 65_536);
    private static final byte[] UNBOUND = {};

    private final String vaultId;
    private final Supplier<CaseKeys> newest;
    private final Map<Integer, Kek> versions = new HashMap<>();
    private final Kek primary;

    CaseKeys(KeyRing ring, Supplier<CaseKeys> newest) {
        this.newest = newest;
        this.vaultId = ring.vaultId();
        for (RingKey key : ring.keys()) {
            if (key.name().equals(KeyName.CASE) && key.state() != KeyState.DESTROYED) {
                versions.put(key.version(), Kek.of(key.version(), key.secret()));
            }
        }
        this.primary = versions.get(ring.primary(KeyName.CASE).version());
    }

    /** Seals under a fresh DEK and the primary KEK. */
    public byte[] seal(CaseId id, long generation, byte[] value) {
        return EnvelopeCipher.seal(primary, context(id, generation), value, PADDING);
    }

    /**
     * Opens.
     *
     * @throws IntegrityException if it is not what was sealed there, or its KEK version is destroyed
     */
    public byte[] open(CaseId id, long generation, byte[] envelope) {
        return EnvelopeCipher.open(kekOf(envelope), context(id, generation), envelope, PADDING);
    }

    /** The same with its DEK wrapped under the primary KEK; the payload's bytes stay. */
    public byte[] rewrap(CaseId id, long generation, byte[] envelope) {
        return EnvelopeCipher.rewrap(kekOf(envelope), primary, context(id, generation), envelope);
    }

    /** What the row that carries authority says of a write. Unchanged by rewrap; needs no key and says nothing. */
    public byte[] rowHash(CaseId id, long generation, byte[] envelope) {
        return EnvelopeCipher.rowHash(context(id, generation), envelope);
    }

    /** The KEK version that is sealed under. */
    public int primaryVersion() {
        return primary.version();
    }

    /** The longest value that can be sealed, in bytes. */
    public static int maxValueBytes() {
        return PADDING.maxValueBytes();
    }

    /** How long envelopes can be, in bytes, the shortest first. */
    public static List<Integer> envelopeSizesBytes() {
        return PADDING.sizesBytes().stream()
                .map(size -> size + Envelope.OVERHEAD_BYTES)
                .toList();
    }

    private Kek kekOf(byte[] envelope) {
        int version = Envelope.parse(envelope).kekVersion();
        return Optional.ofNullable(versions.get(version))
                .or(() -> Optional.ofNullable(newest.get().versions.get(version)))
                .orElseThrow(() -> new IntegrityException("envelope: KEK version"));
    }

    private EnvelopeContext context(CaseId id, long generation) {
        return new EnvelopeContext(vaultId, KeyName.CASE, id.toString(), generation, UNBOUND);
    }
}
