package org.patronvault.access;

import java.util.List;
import java.util.Optional;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.model.Actor;
import org.patronvault.model.Alert;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;

/**
 * Proves who someone is by name and password. Unknown name, wrong password and disabled account are one answer and
 * take one time.
 */
public final class SignIn {

    /** Who it is: canonical name, own library, roles in the order given, and the account's epoch. */
    public record Proven(String name, String library, List<String> roles, int epoch, boolean mustSetPassword) {

        /** This person acting in {@code role}, or in the first role if none is named. */
        public Actor acting(Optional<String> role) {
            if (role.isPresent() && !roles.contains(role.get())) {
                throw new Refused(Problem.ROLE_NOT_HELD, "This account does not hold that role.");
            }
            if (roles.isEmpty()) {
                throw new Refused(Problem.NOT_ALLOWED, "This account holds no role.");
            }
            return new Actor(Actor.Kind.STAFF, name, role.orElse(roles.get(0)), library);
        }

        void requireOwnPassword() {
            if (mustSetPassword) {
                throw new Refused(
                        Problem.NOT_ALLOWED,
                        "Set a password of your own first: `staff password NAME --new-password-file F`.");
            }
        }
    }

    private final Store store;
    private final AuditLog log;
    private final Accounts accounts;
    private final Passwords passwords;
    private final Lockouts lockouts;

    SignIn(Store store, AuditLog log, Accounts accounts, Passwords passwords, Lockouts lockouts) {
        this.store = store;
        this.log = log;
        this.accounts = accounts;
        this.passwords = passwords;
        this.lockouts = lockouts;
    }

    /**
     * Proves it, or refuses with {@code invalid-credentials} or {@code too-many-attempts}.
     *
     * @param address where the call came from, {@code local} for the command line
     */
    public Proven prove(String name, String password, String address) {
        if (password.length() > Passwords.MAX_BYTES) {
            throw invalid();
        }
        Optional<String> canonical = CanonicalName.of(name);
        String lockName = canonical.orElse(name.length() > 200 ? name.substring(0, 200) : name);
        Optional<StaffAccount> account = store.read(tx -> {
            lockouts.requireOpen(tx, lockName, address);
            return canonical.flatMap(n -> accounts.find(tx, n)).map(Authority.Held::body);
        });
        boolean right;
        if (account.isPresent() && !account.get().disabled()) {
            right = passwords.matches(password, account.get().password());
        } else {
            passwords.matchNothing(password);
            right = false;
        }
        if (!right) {
            AccessEvent failed = log.event(Actor.NOBODY, Act.SIGN_IN, Outcome.FAILED, AuditLog.newRequest());
            AccessEvent named = account.isPresent() ? failed.about(canonical.orElseThrow()) : failed;
            log.appendAndWait(Unit.writingMany(named, tx -> {
                // Guesses sent side by side all found it open; only those before the lock get an answer.
                lockouts.requireOpen(tx, lockName, address);
                return lockouts.wrong(tx, lockName, address)
                        ? List.of(named, named.alerting(Alert.LOCKED_OUT))
                        : List.of(named);
            }));
            throw invalid();
        }
        StaffAccount known = account.get();
        boolean mistyped = store.read(tx -> {
            lockouts.requireOpen(tx, lockName, address);
            return lockouts.anyWrong(tx, lockName);
        });
        if (mistyped) {
            Actor person = new Actor(Actor.Kind.STAFF, lockName, "", known.library());
            AccessEvent cleared = log.event(person, Act.SIGN_IN, Outcome.SESSION, AuditLog.newRequest());
            log.appendAndWait(Unit.writing(cleared, tx -> {
                lockouts.clear(tx, lockName);
                return cleared;
            }));
        }
        return new Proven(canonical.orElseThrow(), known.library(), known.roles(), known.epoch(), known.activation());
    }

    private static Refused invalid() {
        return new Refused(Problem.INVALID_CREDENTIALS, "The user name or the password is wrong.");
    }
}
