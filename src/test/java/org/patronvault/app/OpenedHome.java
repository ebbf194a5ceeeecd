package org.patronvault.app;

import java.time.Clock;
import java.util.Optional;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Actor;

/** Vaults on keys that are open already. */
public final class OpenedHome {
    private OpenedHome() {}

    /** The vault of a home, unsealed. */
    public static VaultInstance open(Home home, KeyCustody custody, Clock clock) {
        VaultInstance vault = before(home, custody, clock);
        try {
            vault.seal().begin(Actor.VAULT);
            return vault;
        } catch (RuntimeException | Error e) {
            vault.close();
            throw e;
        }
    }

    /** The vault of a home, before anybody is served and before anything is taken up that was left. */
    public static VaultInstance before(Home home, KeyCustody custody, Clock clock) {
        return VaultInstance.open(home, custody, clock, OpenedHome::broken);
    }

    /** Begins a vault under these keys, with its first administrator, in the database of that URL or in the home. */
    public static VaultInstance begin(
            Home home, KeyCustody custody, Optional<String> database, String admin, String password, Clock clock) {
        database.ifPresent(url -> DatabaseSettings.put(home, DatabaseSettings.named(url, Optional.empty())));
        return NewVault.populate(home, custody, admin, password, clock, OpenedHome::broken);
    }

    /** Nothing may be acknowledged any more: a server would end itself. */
    public static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1;

        private Broken(String why) {
            super(why);
        }
    }

    private static void broken(String why) {
        throw new Broken(why);
    }
}
