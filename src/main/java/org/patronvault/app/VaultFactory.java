package org.patronvault.app;

import java.time.Clock;
import java.util.Optional;
import java.util.function.Consumer;
import org.patronvault.access.account.Accounts;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.KeyRingFactory;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.log.LogInitializer;
import org.patronvault.core.model.Actor;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreSettings;

/** The factory of new vaults. */
public final class VaultFactory {
    private VaultFactory() {}

    /**
     * Creates a new vault behind these slots, with its first administrator.
     *
     * @param database its location, or empty for SQLite in the home
     */
    public static void create(
            Home home,
            Optional<StoreSettings> database,
            SlotMaker slots,
            String admin,
            String adminPassword,
            Clock clock) {
        Accounts.requireGood(admin, adminPassword);
        home.create(clock);
        database.ifPresent(where -> DatabaseSettings.put(home, where));
        KeyCustody custody = KeyRingFactory.create(home.keys(), slots, clock);
        populate(home, custody, admin, adminPassword, clock, why -> {}).close();
    }

    /** The maker of slots for a vault that does not exist yet. */
    public static SlotMaker slotsOfNew(Clock clock) {
        return SlotMaker.forNewVault(java.util.UUID.randomUUID().toString().replace("-", ""), clock);
    }

    /** Creates the log and the accounts under the unsealed keys of a new home, and opens it. */
    static VaultInstance populate(
            Home home, KeyCustody custody, String admin, String password, Clock clock, Consumer<String> onBroken) {
        VaultInstance vault = begin(home, custody, admin, clock, onBroken);
        try {
            vault.access().accounts().createFirst(admin, password);
            return vault;
        } catch (RuntimeException e) {
            vault.close();
            throw e;
        }
    }

    /**
     * Starts the log of a new home, whose first entry names its first administrator, and opens it. No account exists
     * yet.
     */
    static VaultInstance begin(Home home, KeyCustody custody, String admin, Clock clock, Consumer<String> onBroken) {
        try (Store store = Store.open(Settings.read(home).store(home))) {
            LogInitializer.create(store, custody, clock, home.node(), admin);
        }
        VaultInstance vault = VaultInstance.open(home, custody, clock, onBroken);
        try {
            vault.seal().begin(Actor.VAULT);
            return vault;
        } catch (RuntimeException e) {
            vault.close();
            throw e;
        }
    }
}
