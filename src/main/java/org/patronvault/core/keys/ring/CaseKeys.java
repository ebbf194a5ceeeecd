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
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.IntegrityException;

/**
 * The envelope encryption of texts in disclosure cases and permissions. An envelope is bound to the case's number and
 * to its generation. Thread-safe.
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

    /** Encrypts under a fresh DEK and the primary KEK. */
    public byte[] seal(CaseId id, long generation, byte[] value) {
        return EnvelopeCipher.seal(primary, context(id, generation), value, PADDING);
    }

    /**
     * Decrypts an envelope.
     *
     * @throws IntegrityException if it was not written there, or its KEK version is destroyed
     */
    public byte[] open(CaseId id, long generation, byte[] envelope) {
        return EnvelopeCipher.open(kekOf(envelope), context(id, generation), envelope, PADDING);
    }

    /** Rewraps an envelope: its DEK is wrapped under the primary KEK, and its payload does not change. */
    public byte[] rewrap(CaseId id, long generation, byte[] envelope) {
        return EnvelopeCipher.rewrap(kekOf(envelope), primary, context(id, generation), envelope);
    }

    /**
     * Returns the hash of a write for its authority row. Rewrap does not change it. It needs no key and reveals
     * nothing.
     */
    public byte[] rowHash(CaseId id, long generation, byte[] envelope) {
        return EnvelopeCipher.rowHash(context(id, generation), envelope);
    }

    /** Returns the KEK version that encrypts new values. */
    public int primaryVersion() {
        return primary.version();
    }

    /** Returns the longest value that can be encrypted, in bytes. */
    public static int maxValueBytes() {
        return PADDING.maxValueBytes();
    }

    /** Returns the possible lengths of envelopes, in bytes, the shortest first. */
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
