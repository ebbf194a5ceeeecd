package org.patronvault.app;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.access.QuickAccess;
import org.patronvault.access.account.Accounts;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.KeyRingFactory;
import org.patronvault.core.keys.share.Share;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Role;

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

    /** Opens the vault of a home, before it serves and before leftover work resumes. */
    public static VaultInstance before(Home home, KeyCustody custody, Clock clock) {
        return VaultInstance.open(home, custody, clock, OpenedHome::broken);
    }

    /** Begins a vault under these keys, with its first administrator, in the database of that URL or in the home. */
    public static VaultInstance begin(
            Home home, KeyCustody custody, Optional<String> database, String admin, String password, Clock clock) {
        database.ifPresent(url -> DatabaseSettings.put(home, DatabaseSettings.named(url, Optional.empty())));
        return VaultFactory.populate(home, custody, admin, password, clock, OpenedHome::broken);
    }

    /**
     * Creates a vault as {@code init} does, with slots for a passphrase and for two shares, and accounts with cheap
     * password hashes.
     *
     * @param staff each account's role
     * @return the words of the shares
     */
    public static List<String> prepare(
            Home home, Optional<String> database, String passphrase, Map<String, String> staff, String password) {
        Clock clock = Clock.systemUTC();
        home.create(clock);
        database.ifPresent(url -> DatabaseSettings.put(home, DatabaseSettings.named(url, Optional.empty())));
        try (SlotMaker slots = VaultFactory.slotsOfNew(clock)) {
            slots.addPassphrase(passphrase.getBytes(StandardCharsets.UTF_8));
            List<Share> shares = slots.addShares(2, 2);
            shares.forEach(slots::prove);
            KeyCustody custody = KeyRingFactory.create(home.keys(), slots, clock);
            String admin = Role.ADMIN.name();
            try (VaultInstance vault = VaultFactory.begin(home, custody, admin, clock, OpenedHome::broken)) {
                Accounts accounts = QuickAccess.accounts(vault, clock);
                accounts.createFirst(admin, password);
                Approvals.Requester asking = Approvals.Requester.alone(new Actor(Actor.Kind.STAFF, admin, admin, ""));
                staff.forEach((name, role) -> accounts.add(asking, name, List.of(new Role(role)), "NC", password));
            }
            return shares.stream().map(Share::words).toList();
        }
    }

    /** The vault may acknowledge nothing any more. A server would end itself. */
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
