package org.patronvault.app;

import java.time.Clock;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Actor;

/** Vaults on keys that are open already. */
public final class OpenedHome {
    private OpenedHome() {}

    /** The vault of a home, unsealed. */
    public static VaultInstance open(Home home, KeyCustody custody, Clock clock) {
        VaultInstance vault = VaultInstance.open(home, custody, clock, OpenedHome::broken);
        vault.seal().begin(Actor.VAULT);
        return vault;
    }

    /** Begins another vault under the same keys, in a database of its own, with its first administrator. */
    public static VaultInstance begin(
            Home home, KeyCustody custody, String database, String admin, String password, Clock clock) {
        Settings.putDatabase(home, database);
        return VaultInstance.populate(home, custody, admin, password, clock, OpenedHome::broken);
    }

    private static void broken(String why) {
        throw new AssertionError(why);
    }
}
