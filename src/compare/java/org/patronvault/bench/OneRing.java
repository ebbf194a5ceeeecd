package org.patronvault.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.keys.ring.UnsealedKeys;

/** Keys of a vault that there is no more of. */
final class OneRing {
    private OneRing() {}

    /** New ones, in memory. */
    static UnsealedKeys keys() {
        try {
            Path directory = Files.createTempDirectory("bench-keys");
            try {
                return OpenedKeys.create(directory, "vault-a", Clock.systemUTC())
                        .keys();
            } finally {
                Trees.delete(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
