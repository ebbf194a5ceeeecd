package org.patronvault.app;

import java.time.Clock;
import java.time.ZoneId;
import java.util.function.Predicate;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** The unsealed keys of a home for this process alone, with or without a database. Closing seals them. */
public final class StandaloneKeys implements AutoCloseable {
    private final Home.Lock lock;
    private final KeyCustody custody;

    private StandaloneKeys(Home.Lock lock, KeyCustody custody) {
        this.lock = lock;
        this.custody = custody;
    }

    /**
     * Opens the keys.
     *
     * @param opener opens the keys
     * @throws Refused if it does not, or another process uses the home
     */
    public static StandaloneKeys open(Home home, Predicate<KeyCustody> opener) {
        KeyCustody custody = VaultInstance.keysOf(home, Clock.system(ZoneId.systemDefault()));
        StandaloneKeys keys = new StandaloneKeys(home.lock(), custody);
        try {
            if (!opener.test(custody)) {
                throw new Refused(Problem.SEALED, "What was given opens none of the slots in keys/.");
            }
            return keys;
        } catch (RuntimeException e) {
            keys.close();
            throw e;
        }
    }

    public UnsealedKeys keys() {
        return custody.keys();
    }

    @Override
    public void close() {
        custody.seal();
        lock.close();
    }
}
