package org.patronvault.access;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.patronvault.access.account.Accounts;
import org.patronvault.access.account.SignIn;
import org.patronvault.app.VaultInstance;
import org.patronvault.core.crypto.Argon2Parameters;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.policy.CurrentPolicy;
import org.patronvault.core.store.Store;
import org.patronvault.testing.OpenVault;

/** A factory of access rules with a cheap password hash, and with clocks that tests set. */
public final class QuickAccess {
    private static final Argon2Parameters LITTLE_WORK = new Argon2Parameters(256, 1, 1);

    private QuickAccess() {}

    /** Access over that store, log and ring. */
    public static Access of(
            Store store, AuditLog log, KeyCustody custody, CurrentPolicy policy, Clock clock, LongSupplier nanoTime) {
        return new Access(store, log, custody, policy, clock, nanoTime, LITTLE_WORK);
    }

    /** Accounts of that vault whose passwords cost little; they are believed as well as others. */
    public static Accounts accounts(OpenVault vault) {
        return accounts(vault.vault(), vault.clock());
    }

    /** Access of a vault with the given clock. */
    public static Accounts accounts(VaultInstance vault, Clock clock) {
        CurrentPolicy policy = new CurrentPolicy(vault.access().policy());
        return of(vault.store(), vault.log(), vault.custody(), policy, clock, System::nanoTime)
                .accounts();
    }

    /** Gives each of these people, whose accounts are new, a password that costs little. */
    public static void lessen(
            VaultInstance vault, Clock clock, Map<String, String> roles, UnaryOperator<String> passwordOf) {
        Accounts accounts = accounts(vault, clock);
        roles.forEach((name, role) -> {
            SignIn.Identity who = new SignIn.Identity(name, "NC", List.of(role), 1, false, false, false);
            accounts.setOwnPassword(who, passwordOf.apply(name));
        });
    }
}
