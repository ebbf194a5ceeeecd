package org.patronvault.access.signon;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.patronvault.access.account.Accounts;
import org.patronvault.access.account.Passwords;
import org.patronvault.access.account.StaffAccount;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.CanonicalName;
import org.patronvault.core.policy.CurrentPolicy;
import org.patronvault.core.policy.SignOnPolicy;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The accounts of people who sign on by a provider. They are found by the identity at the provider, never by name. They
 * have only the roles that the policy gives their groups, and no password. A powerful account is never one of them.
 */
public final class SignOnAccounts {
    private static final int PERSON_BYTES = 16;
    private static final Pattern PERSON = Pattern.compile("(?:[0-9]{1,9}-)?[0-9a-f]{" + 2 * PERSON_BYTES + "}");

    /**
     * The account of a person, and the change it needs.
     *
     * @param account the account as it must become; empty if none exists and none is made
     * @param held the stored account; empty if there is none
     * @param refused the reason to refuse the sign-on, if there is one
     */
    record AccountMatch(
            String name,
            Optional<StaffAccount> account,
            Optional<Authority.Versioned<StaffAccount>> held,
            Optional<Refused> refused) {
        private static AccountMatch nobody(Refused refused) {
            return new AccountMatch("", Optional.empty(), Optional.empty(), Optional.of(refused));
        }

        private boolean isChanged() {
            return !account.equals(held.map(Authority.Versioned::body));
        }
    }

    private final Store store;
    private final AuditLog log;
    private final Authority authority;
    private final Accounts accounts;
    private final Passwords passwords;
    private final CurrentPolicy policy;
    private final KeyCustody custody;

    public SignOnAccounts(
            Store store,
            AuditLog log,
            Authority authority,
            Accounts accounts,
            Passwords passwords,
            CurrentPolicy policy,
            KeyCustody custody) {
        this.store = store;
        this.log = log;
        this.authority = authority;
        this.accounts = accounts;
        this.passwords = passwords;
        this.policy = policy;
        this.custody = custody;
    }

    /** Returns a person's account as it is from now on. It is made or changed if needed, which is logged. */
    AccountMatch find(SignOnIdentity identity) {
        List<String> persons = persons(identity);
        AccountMatch found = store.read(tx -> find(tx, identity, persons));
        return found.isChanged() ? write(identity, persons) : found;
    }

    /** Decides and writes in one act, by the current rows. */
    private AccountMatch write(SignOnIdentity identity, List<String> persons) {
        AccessEvent event = log.event(Actor.VAULT, ActKind.STAFF, Outcome.CONFIGURATION, AuditLog.newRequest());
        return log.call(event, now -> {
            AccountMatch found = find(now.tx(), identity, persons);
            AccessEvent done = event.about(found.name());
            List<AccessEvent> entries = new ArrayList<>(List.of(done));
            if (found.isChanged()) {
                put(now.tx(), found).stream().sorted().map(done::alerting).forEach(entries::add);
            }
            return Decision.done(entries, found);
        });
    }

    /** Returns the alerts to raise. */
    private Set<Alert> put(WriteTx tx, AccountMatch found) {
        StaffAccount account = found.account().orElseThrow();
        if (found.held().isPresent()) {
            authority.replace(tx, StaffAccount.KIND, found.held().get(), account);
            return Set.of();
        }
        authority.insert(tx, StaffAccount.KIND, found.name(), account, Accounts.taken());
        return accounts.alertsOfNew(tx, account);
    }

    private AccountMatch find(Tx tx, SignOnIdentity identity, List<String> persons) {
        List<String> roles = policy.now().signOn().roles(identity.groups());
        if (identity.library()
                .filter(library -> !PatronAttributes.isLibrary(library))
                .isPresent()) {
            return AccountMatch.nobody(
                    no("The provider names no library as there are here; it is to be put right there."));
        }
        String person = persons.get(0);
        return linked(tx, persons)
                .map(held -> known(held, roles, identity, person))
                .orElseGet(() -> unknown(tx, roles, identity, person));
    }

    private Optional<Authority.Versioned<StaffAccount>> linked(Tx tx, List<String> persons) {
        return authority.all(tx, StaffAccount.KIND, StaffAccount.class).stream()
                .filter(held -> persons.contains(held.body().signOn()))
                .findFirst();
    }

    private static AccountMatch known(
            Authority.Versioned<StaffAccount> held, List<String> roles, SignOnIdentity identity, String person) {
        // After a rotation, a person moves when they next sign on.
        StaffAccount before = held.body().withPerson(person);
        if (before.disabled() || SignOnPolicy.anyPowerful(before.roles())) {
            return new AccountMatch(
                    held.name(),
                    Optional.of(before),
                    Optional.of(held),
                    Optional.of(
                            no(
                                    before.disabled()
                                            ? "That account is closed; an administrator opens it again."
                                            : "That account has a role for which one signs in by name, password and second factor.")));
        }
        String library = identity.library().orElse(before.library());
        boolean same = before.roles().equals(roles) && before.library().equals(library);
        return new AccountMatch(
                held.name(),
                Optional.of(same ? before : before.withSaid(roles, library)),
                Optional.of(held),
                roles.isEmpty() ? Optional.of(noRole()) : Optional.empty());
    }

    private AccountMatch unknown(Tx tx, List<String> roles, SignOnIdentity identity, String person) {
        Optional<String> name = identity.userName().flatMap(CanonicalName::of);
        if (roles.isEmpty()) {
            return AccountMatch.nobody(noRole());
        }
        if (name.isEmpty()) {
            return AccountMatch.nobody(
                    no("The provider gives you no name that can be a user name here: 1 to 64 letters, digits,"
                            + " dots, hyphens, underscores or at-signs; an administrator names another claim."));
        }
        if (accounts.find(tx, name.get()).isPresent()) {
            return AccountMatch.nobody(
                    no("There is an account of your name here already. If it is yours, give an administrator"
                            + " this code, in person, who runs `staff link " + name.get() + " " + person + "`."));
        }
        StaffAccount made = accounts.account(roles, identity.library().orElse(""), passwords.nobodys(), false);
        return new AccountMatch(
                name.get(), Optional.of(made.withSignOn(person, made.password())), Optional.empty(), Optional.empty());
    }

    private static Refused no(String why) {
        return new Refused(Problem.NOT_ALLOWED, why);
    }

    private static Refused noRole() {
        return no("None of your groups at the provider gives you a role here; whoever keeps the groups, or policy.yaml,"
                + " can give you one.");
    }

    /** Returns codes of the person, by each version of the key, the newest first. */
    private List<String> persons(SignOnIdentity identity) {
        byte[] who = CanonicalBytes.begin("sign-on-person")
                .lp(identity.issuer())
                .lp(identity.subject())
                .bytes();
        List<String> persons = new ArrayList<>();
        custody.keys()
                .fingerprints()
                .forEach((version, prf) -> persons.add((version == 1 ? "" : version + "-")
                        + HexFormat.of().formatHex(prf.truncated(who, PERSON_BYTES))));
        return persons;
    }

    /** Returns the version of the key in a person's code. */
    public static int version(String person) {
        int hyphen = person.indexOf('-');
        return hyphen < 0 ? 1 : Integer.parseInt(person.substring(0, hyphen));
    }

    /**
     * Binds an existing account to the provider: only that person there can enter it, and no password can.
     *
     * @param code what the page showed that person
     */
    public Approvals.Answer link(Approvals.Requester asking, String name, String code) {
        if (!PERSON.matcher(code).matches()) {
            throw new Refused(
                    Problem.INVALID,
                    "The code is the one that the page shows after a sign-on: digits and letters, sometimes with a hyphen.");
        }
        // Its password ends, which restoring a database must not undo.
        return accounts.write(asking, event(asking, name).ending(Outcome.REVOKED), (tx, held) -> {
            StaffAccount account = held.body().requireLocal();
            if (SignOnPolicy.anyPowerful(account.roles())) {
                throw new Refused(
                        Problem.NOT_ALLOWED,
                        "That account has a role that no provider gives: director, custodian, privacy-officer or admin.");
            }
            if (linked(tx, List.of(code)).isPresent()) {
                throw new Refused(Problem.NAME_IN_USE, "That person signs on to another account; unlink it first.");
            }
            authority.replace(tx, StaffAccount.KIND, held, account.withSignOn(code, passwords.nobodys()));
        });
    }

    /** Makes it a local account again, with the roles it has and no password yet. */
    public Approvals.Answer unlink(Approvals.Requester asking, String name) {
        AccessEvent event = event(asking, name).ending(Outcome.REVOKED);
        return accounts.write(asking, event, (tx, held) -> {
            if (held.body().signOn().isEmpty()) {
                throw new Refused(Problem.CHANGED_MEANWHILE, "That account is a local one already.");
            }
            StaffAccount local = held.body().withSignOn("", held.body().password());
            authority.replace(tx, StaffAccount.KIND, held, local);
        });
    }

    private AccessEvent event(Approvals.Requester asking, String name) {
        return accounts.event(asking.by(), CanonicalName.require(name));
    }
}
