package org.patronvault.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The example keys from the repository, which everybody has. They suit a demonstration and are refused everywhere else.
 * Their vault ID, to which the ring is bound, identifies them.
 */
final class ExampleKeys {
    /** The vault ID of the example keys. */
    static final String VAULT_ID = "example0keys0are0known0to0all000";

    private static final List<String> FILES = List.of("ring.json", "slots.json");

    private ExampleKeys() {}

    static void refuse(KeyCustody custody) {
        if (custody.vaultId().equals(VAULT_ID)) {
            throw new Refused(
                    Problem.KEYS_REFUSED,
                    "keys/ holds the example keys, which everybody has; they serve `demo` only. Make a home with"
                            + " `init`.");
        }
    }

    static void copyTo(Path keys) {
        for (String file : FILES) {
            DurableFile.write(keys.resolve(file), read(file));
        }
    }

    static byte[] passphrase() {
        return new String(read("passphrase"), java.nio.charset.StandardCharsets.UTF_8)
                .strip()
                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    private static byte[] read(String file) {
        try (InputStream in = ExampleKeys.class.getResourceAsStream("keys-example/" + file)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
