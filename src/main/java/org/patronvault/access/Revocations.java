package org.patronvault.access;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.access.account.Accounts;
import org.patronvault.access.account.StaffAccount;
import org.patronvault.access.client.ClientRows;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.keys.LedgerLine.Revoked;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Role;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The repetition, in a restored database, of revocations that {@code keys/ledger} remembers. Sessions and requests of
 * the backup are void. An account or client that lost a right since is locked out until an administrator has checked
 * it. The vault does not know which rights it was granted again meanwhile. Accounts needed to reopen others stay open.
 * For one thread, while no requests are served.
 */
public final class Revocations {
    /**
     * The fewest open accounts in these roles. With fewer, nobody could carry out acts that need two people, or open an
     * account.
     */
    private static final List<Group> NEEDED = List.of(
            new Group(Set.of(Role.ADMIN.name()), 1),
            new Group(SecondPerson.ADMINISTRATION.roles(), 2),
            new Group(SecondPerson.CUSTODY.roles(), 2));

    private record Group(Set<String> roles, int atLeast) {
        boolean has(Authority.Versioned<StaffAccount> held) {
            return held.body().roles().stream().anyMatch(roles::contains);
        }

        long others(Tx tx, Authority.Versioned<StaffAccount> than, Authority authority) {
            return authority.all(tx, StaffAccount.KIND, StaffAccount.class).stream()
                    .filter(other -> has(other)
                            && !other.name().equals(than.name())
                            && !other.body().disabled()
                            && !other.body().activation())
                    .count();
        }
    }

    private final Store store;
    private final AuditLog log;
    private final Authority authority;
    private final Accounts accounts;
    private final ClientRows clients;
    private final Approvals approvals;

    Revocations(
            Store store,
            AuditLog log,
            Authority authority,
            Accounts accounts,
            ClientRows clients,
            Approvals approvals) {
        this.store = store;
        this.log = log;
        this.authority = authority;
        this.accounts = accounts;
        this.clients = clients;
        this.approvals = approvals;
    }

    /** Voids open sessions and requests, and locks out the owners of {@code revoked}. */
    public void repeat(List<Revoked> revoked) {
        voidWhatIsOpen();
        revoked.forEach(this::lockOut);
    }

    private void voidWhatIsOpen() {
        AccessEvent event = log.event(Actor.VAULT, ActKind.SIGN_OUT, Outcome.SESSION, AuditLog.newRequest());
        log.call(event, now -> {
            WriteTx tx = now.tx();
            authority.all(tx, StaffAccount.KIND, StaffAccount.class).forEach(held -> accounts.endSessions(tx, held));
            approvals.forget(tx);
            return Decision.done(event);
        });
    }

    private static ActKind act(Revoked one) {
        return one.whose() == Revoked.Owner.CLIENT ? ActKind.CLIENT : ActKind.STAFF;
    }

    private void lockOut(Revoked one) {
        if (store.read(tx -> isOpen(tx, one))) {
            AccessEvent event = log.event(Actor.VAULT, act(one), Outcome.REVOKED, AuditLog.newRequest())
                    .about(one.name());
            log.call(event, now -> {
                lockOut(now.tx(), one);
                return Decision.done(event);
            });
        }
    }

    private boolean isOpen(Tx tx, Revoked one) {
        return one.whose() == Revoked.Owner.CLIENT
                ? clients.find(tx, one.name())
                        .filter(client -> !client.revoked())
                        .isPresent()
                : account(tx, one).isPresent();
    }

    /** Returns the account; empty if it is closed, or closing it would leave too few who could reopen it. */
    private Optional<Authority.Versioned<StaffAccount>> account(Tx tx, Revoked one) {
        return accounts.find(tx, one.name())
                .filter(held -> !held.body().disabled())
                .filter(held -> NEEDED.stream()
                        .allMatch(group -> !group.has(held) || group.others(tx, held, authority) >= group.atLeast()));
    }

    private void lockOut(WriteTx tx, Revoked one) {
        if (one.whose() == Revoked.Owner.CLIENT) {
            clients.revoke(tx, one.name());
        } else {
            account(tx, one)
                    .ifPresent(held -> authority.replace(
                            tx, StaffAccount.KIND, held, held.body().withDisabled(true)));
        }
    }
}
