package org.patronvault.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.patronvault.keys.DurableFile;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * The keys that everybody has, because they are in the repository: good for a demonstration, and refused everywhere
 * else. They are known by their vault id, which the ring is bound to.
 */
final class ExampleKeys {
    /** The id of the vault these keys are of. */
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
