package org.patronvault.access.account;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.patronvault.access.session.SessionPace;
import org.patronvault.access.signon.SignOn;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.CanonicalName;
import org.patronvault.core.policy.Policy;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The check of a person's name, password and, if enrolled, second factor. An unknown name, a wrong password, a wrong,
 * missing or used code and a disabled account get one answer in the same time.
 */
public final class SignIn {
    /** The subject of a sign-in's log entry if a recovery code was used up for it. */
    static final String RECOVERY_CODE = "recovery-code";

    /** The credentials of a person; {@code otp} is a code of the second factor, or empty. */
    public record Credentials(String name, String password, String otp) {
        @Override
        public String toString() {
            return "[REDACTED]";
        }
    }

    /**
     * A person who proved who they are: canonical name, own library, roles in their order, and the account's epoch. It
     * also says whether a second factor was proved, and whether a provider proved it all.
     */
    public record Identity(
            String name,
            String library,
            List<String> roles,
            int epoch,
            boolean mustSetPassword,
            boolean secondFactor,
            boolean signOn) {

        /** Makes an identity that name and password proved. */
        public Identity(
                String name,
                String library,
                List<String> roles,
                int epoch,
                boolean mustSetPassword,
                boolean secondFactor) {
            this(name, library, roles, epoch, mustSetPassword, secondFactor, false);
        }

        /** Returns that event, with the method of proof if it was not a password. */
        public AccessEvent told(AccessEvent event) {
            return signOn ? event.about(SignOn.HOW) : event;
        }

        /** Returns this person acting in {@code role}, or in the first role if none is named. */
        public Actor acting(Optional<String> role) {
            if (role.isPresent() && !roles.contains(role.get())) {
                throw new Refused(Problem.ROLE_NOT_HELD, "This account does not hold that role.");
            }
            if (roles.isEmpty()) {
                throw new Refused(Problem.NOT_ALLOWED, "This account holds no role.");
            }
            return new Actor(Actor.Kind.STAFF, name, role.orElse(roles.get(0)), library);
        }

        /**
         * Returns this person as {@link #acting(Optional)} does, if the policy allows the role with the factors that
         * were proved.
         */
        public Actor acting(Optional<String> role, Policy policy) {
            Actor actor = acting(role);
            if (!mayAct(actor.role(), policy)) {
                throw new Refused(
                        Problem.SECOND_FACTOR_REQUIRED,
                        "That role needs a second factor and this account has none: enrol one with `staff second-factor"
                                + " NAME` or POST /v1/second-factor, then sign in with its code.");
            }
            return actor;
        }

        /** Whether the proved factors are enough for that role. */
        public boolean mayAct(String role, Policy policy) {
            return secondFactor || !policy.secondFactor().contains(role);
        }

        public void requireOwnPassword() {
            if (mustSetPassword) {
                throw new Refused(
                        Problem.NOT_ALLOWED,
                        "Set a password of your own first, at /password or with `staff password NAME --new-password-file F`.");
            }
        }
    }

    /** Finds the match of a code. */
    private interface CodeMatcher {
        SecondFactor.CodeMatch fit(Tx tx, String name, String code);
    }

    private record AccountState(
            Optional<StaffAccount> account, SecondFactor.CodeMatch fit, Lockouts.Precedence precedence) {}

    /**
     * A try to sign in.
     *
     * @param lockName the name that wrong tries are counted for: the canonical name if it has one
     * @param known whether such an account exists
     * @param account the account if its password was right and it is open
     */
    private record Attempt(
            String lockName, boolean known, Optional<StaffAccount> account, SecondFactor.CodeMatch fit) {}

    private final Store store;
    private final AuditLog log;
    private final Accounts accounts;
    private final Passwords passwords;
    private final Lockouts lockouts;
    private final SecondFactor factor;
    private final SessionPace pace;

    public SignIn(
            Store store,
            AuditLog log,
            Accounts accounts,
            Passwords passwords,
            Lockouts lockouts,
            SecondFactor factor,
            SessionPace pace) {
        this.store = store;
        this.log = log;
        this.accounts = accounts;
        this.passwords = passwords;
        this.lockouts = lockouts;
        this.factor = factor;
        this.pace = pace;
    }

    /** Signs in without a code; see {@link #prove(Credentials, SignInOrigin)}. */
    public Identity prove(String name, String password, SignInOrigin origin) {
        return prove(new Credentials(name, password, ""), origin);
    }

    /**
     * Checks the credentials; refuses with {@code invalid-credentials} or {@code too-many-attempts}. A person with a
     * second factor needs a code of it, which is used up.
     *
     * @param origin where the call came from
     */
    public Identity prove(Credentials given, SignInOrigin origin) {
        Attempt tried = attempt(given, origin, factor::fit);
        // Most people have no factor and mistyped nothing: then there is nothing to write.
        boolean plain = tried.account().isPresent()
                && store.read(tx -> {
                    lockouts.requireOpen(tx, tried.lockName(), origin);
                    return !lockouts.anyWrong(tx, tried.lockName(), origin) && !factor.isEnrolled(tx, tried.lockName());
                });
        SecondFactor.Result taken = plain ? SecondFactor.Result.NOT_ENROLLED : take(tried, origin);
        StaffAccount known = tried.account().orElseThrow();
        renewHash(tried.lockName(), known.password(), given.password());
        return new Identity(
                tried.lockName(),
                known.library(),
                known.roles(),
                known.epoch(),
                known.activation(),
                taken != SecondFactor.Result.NOT_ENROLLED);
    }

    /** After a rotation of the pepper, a password moves when its owner next types it. */
    private void renewHash(String name, Passwords.Hash proved, String password) {
        if (!passwords.isOlder(proved)) {
            return;
        }
        try {
            Passwords.Hash again = passwords.hash(password);
            AccessEvent event = log.event(Actor.VAULT, ActKind.STAFF, Outcome.CONFIGURATION, AuditLog.newRequest())
                    .about(name);
            log.call(event, now -> {
                accounts.rehash(now.tx(), name, proved, again);
                return Decision.done(event);
            });
        } catch (Refused e) {
            // Many people are signing in just now; the next sign-in does it.
        }
    }

    /**
     * Confirms a second factor by name, password and its first code; refuses any wrong one like a sign-in.
     *
     * @return the recovery codes, each good for one sign-in, to be shown once
     */
    public List<String> confirm(Credentials given, SignInOrigin origin) {
        Attempt tried = attempt(given, origin, factor::fitPending);
        List<String> recoveryCodes = SecondFactor.newRecoveryCodes();
        AccessEvent confirmed = factor.event(tried.lockName());
        return end(tried, origin, confirmed, tx -> {
            if (tried.account().isEmpty() || !factor.confirm(tx, tried.lockName(), tried.fit(), recoveryCodes)) {
                return Optional.empty();
            }
            // Sessions begun with the password alone end here.
            accounts.endSessions(tx, tried.lockName());
            return Optional.of(Decision.done(confirmed, recoveryCodes));
        });
    }

    /** Compares password and code with the stored ones; takes the same time for every name. */
    private Attempt attempt(Credentials given, SignInOrigin origin, CodeMatcher fitting) {
        if (given.password().length() > Passwords.MAX_BYTES) {
            throw invalid();
        }
        Optional<String> canonical = CanonicalName.of(given.name());
        String name = given.name();
        String lockName = canonical.orElse(name.length() > 200 ? name.substring(0, 200) : name);
        AccountState read = store.read(tx -> {
            lockouts.requireOpen(tx, lockName, origin);
            return new AccountState(
                    canonical.flatMap(n -> accounts.find(tx, n)).map(Authority.Versioned::body),
                    fitting.fit(tx, canonical.orElse(""), given.otp()),
                    lockouts.precedence(tx, lockName, origin));
        });
        String network = origin.network().orElse("");
        Lockouts.Precedence precedence = read.precedence();
        boolean right = pace.attempt(
                lockName,
                network,
                precedence.delay(),
                () -> isRight(given.password(), read.account(), network, precedence.wrong()));
        return new Attempt(lockName, read.account().isPresent(), right ? read.account() : Optional.empty(), read.fit());
    }

    private boolean isRight(String password, Optional<StaffAccount> account, String network, int wrong) {
        if (account.isPresent() && !account.get().disabled()) {
            return passwords.matches(password, account.get().password(), network, wrong);
        }
        passwords.matchNothing(password, network, wrong);
        return false;
    }

    /** Takes the code. If two calls send one code, the later fails. */
    private SecondFactor.Result take(Attempt tried, SignInOrigin origin) {
        String library = tried.account().map(StaffAccount::library).orElse("");
        Actor person = new Actor(Actor.Kind.STAFF, tried.lockName(), "", library);
        AccessEvent passed = log.event(person, ActKind.SIGN_IN, Outcome.SESSION, AuditLog.newRequest());
        return end(tried, origin, passed, tx -> {
            SecondFactor.Result taken = tried.account().isPresent()
                    ? factor.take(tx, tried.lockName(), tried.fit())
                    : SecondFactor.Result.REFUSED;
            return switch (taken) {
                case REFUSED -> Optional.empty();
                case RECOVERY_CODE -> Optional.of(Decision.done(passed.about(RECOVERY_CODE), taken));
                case CODE, NOT_ENROLLED -> Optional.of(Decision.done(passed, taken));
            };
        });
    }

    /**
     * Ends a try in one act: if it passes, wrong tries are forgotten; if not, one more is counted, and it is refused.
     *
     * @param check returns how the act ends if the try passes; empty if it was wrong
     */
    private <T> T end(
            Attempt tried, SignInOrigin origin, AccessEvent attempt, Function<WriteTx, Optional<Decision<T>>> check) {
        AccessEvent failed = log.event(Actor.NOBODY, ActKind.SIGN_IN, Outcome.FAILED, attempt.request());
        AccessEvent named = tried.known() ? failed.about(tried.lockName()) : failed;
        return log.call(named, now -> {
            WriteTx tx = now.tx();
            // Parallel guesses all found the account open; only those before the lock get an answer.
            lockouts.requireOpen(tx, tried.lockName(), origin);
            Optional<Decision<T>> passed = check.apply(tx);
            if (passed.isPresent()) {
                lockouts.clear(tx, tried.lockName(), origin);
                return passed.get();
            }
            boolean alerts = lockouts.wrong(tx, tried.lockName(), origin);
            return Decision.<T>refusing(invalid(), named).alerting(alerts ? Set.of(Alert.LOCKED_OUT) : Set.of());
        });
    }

    private static Refused invalid() {
        return new Refused(Problem.INVALID_CREDENTIALS, "The user name, the password or the one-time code is wrong.");
    }
}
