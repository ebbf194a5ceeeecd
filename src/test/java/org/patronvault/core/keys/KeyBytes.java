package org.patronvault.core.keys;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.keys.ring.RingKey;

/** The key bytes in a directory, for a test that looks for them; only this package can read them. */
public final class KeyBytes {
    private KeyBytes() {}

    /** Each key that a passphrase leads to, the root among them. */
    public static Map<String, byte[]> behind(Path directory, String passphrase) {
        KeyFiles files = new KeyFiles(directory);
        byte[] root = files.behind(passphrase.getBytes(StandardCharsets.UTF_8)).rootKey();
        Map<String, byte[]> keys = new LinkedHashMap<>();
        keys.put("root", root);
        for (RingKey key : files.ring().open(root).keys()) {
            if (key.state() != KeyState.DESTROYED) {
                keys.put(key.name() + " " + key.version(), key.secret());
            }
        }
        return keys;
    }
}
