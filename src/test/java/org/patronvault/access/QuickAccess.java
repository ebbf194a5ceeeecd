package org.patronvault.access;

import java.time.Clock;
import java.util.function.LongSupplier;
import org.patronvault.audit.AuditLog;
import org.patronvault.crypto.Argon2Parameters;
import org.patronvault.keys.KeyCustody;
import org.patronvault.store.Store;
import org.patronvault.testing.OpenVault;

/** Access with little work for a password, and with clocks that tests set. */
public final class QuickAccess {
    private static final Argon2Parameters LITTLE_WORK = new Argon2Parameters(256, 1, 1);

    private QuickAccess() {}

    /** Access over that store, log and ring. */
    public static Access of(
            Store store, AuditLog log, KeyCustody custody, PolicyHolder policy, Clock clock, LongSupplier nanoTime) {
        return new Access(store, log, custody, policy, clock, nanoTime, LITTLE_WORK);
    }

    /** Accounts of that vault whose passwords cost little; they are believed as well as others. */
    public static Accounts accounts(OpenVault vault) {
        return of(
                        vault.vault().store(),
                        vault.vault().log(),
                        vault.vault().custody(),
                        new PolicyHolder(vault.vault().access().policy()),
                        vault.clock(),
                        System::nanoTime)
                .accounts();
    }
}
