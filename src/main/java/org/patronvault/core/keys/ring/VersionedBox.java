package org.patronvault.core.keys.ring;

import java.util.List;
import java.util.Optional;
import org.patronvault.core.crypto.SealedBox;
import org.patronvault.core.model.IntegrityException;

/**
 * Authenticated encryption under a versioned ring key: the newest version encrypts, any version decrypts. Thread-safe.
 */
public final class VersionedBox {
    private final KeyVersions<SealedBox.Key> keys;

    VersionedBox(KeyVersions<SealedBox.Key> keys) {
        this.keys = keys;
    }

    KeyVersions<SealedBox.Key> versions() {
        return keys;
    }

    /** Encrypts {@code plaintext}, bound to {@code aad}, under the newest version. */
    public byte[] seal(byte[] aad, byte[] plaintext) {
        return keys.newest().seal(aad, plaintext);
    }

    /**
     * Decrypts a result of {@link #seal} of any version. A box commits to its key, so no other version opens it.
     *
     * @throws IntegrityException if no version fits, {@code aad} is wrong, or any bit was changed
     */
    public byte[] open(byte[] aad, byte[] stored) {
        return opened(keys.all(), aad, stored)
                .or(() -> keys.newer().flatMap(newer -> opened(newer.all(), aad, stored)))
                .orElseThrow(() -> new IntegrityException("sealed box: no version of its key opens it"));
    }

    private static Optional<byte[]> opened(List<SealedBox.Key> versions, byte[] aad, byte[] stored) {
        for (SealedBox.Key version : versions) {
            try {
                return Optional.of(version.open(aad, stored));
            } catch (IntegrityException e) {
                // It may be of another version.
            }
        }
        return Optional.empty();
    }
}
