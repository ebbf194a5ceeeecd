package org.patronvault.access;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.patronvault.access.account.Accounts;
import org.patronvault.access.account.KnownBrowsers;
import org.patronvault.access.account.Lockouts;
import org.patronvault.access.account.Passwords;
import org.patronvault.access.account.SecondFactor;
import org.patronvault.access.account.SignIn;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.access.client.ClientRows;
import org.patronvault.access.client.Clients;
import org.patronvault.access.limit.Limits;
import org.patronvault.access.posted.PolicyReview;
import org.patronvault.access.posted.PolicyVersions;
import org.patronvault.access.posted.PostedFiles;
import org.patronvault.access.session.SessionPace;
import org.patronvault.access.session.SessionRow;
import org.patronvault.access.session.Sessions;
import org.patronvault.access.signon.SignOn;
import org.patronvault.access.signon.SignOnAccounts;
import org.patronvault.access.watch.PolicyWatch;
import org.patronvault.core.crypto.Argon2Parameters;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.Commissioning;
import org.patronvault.core.dual.EvenClock;
import org.patronvault.core.dual.ExpiredRowCleanup;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Role;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.CanonicalName;
import org.patronvault.core.policy.CurrentPolicy;
import org.patronvault.core.policy.FieldPolicy;
import org.patronvault.core.policy.Grant;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.policy.Policy;
import org.patronvault.core.store.Store;

/**
 * The access rules, assembled: policy, accounts, clients, sessions, limits and approvals. Edges and use cases hold this
 * one object.
 */
public final class Access {
    private static final String CLIENT_KEY_PREFIX = "pvk_";

    private final AuditLog log;
    private final CurrentPolicy policy;
    private final Store store;
    private final Commissioning commissioning;
    private final IdempotencyStore replay;
    private final Approvals approvals;
    private final Accounts accounts;
    private final Clients clients;
    private final KeyVersionUsage keptUntilUsed;
    private final Revocations revocations;
    private final SignIn signIn;
    private final SignOn signOn;
    private final SecondFactor secondFactor;
    private final Sessions sessions;
    private final Limits limits;
    private final Authority authority;
    private final KnownBrowsers browsers;
    private final ExpiredRowCleanup tidying;
    private final PolicyVersions policyVersions;

    /** Makes the access rules over a store, log and ring, with {@code policy} in force. */
    public Access(Store store, AuditLog log, KeyCustody custody, CurrentPolicy policy, Clock clock) {
        this(store, log, custody, policy, clock, System::nanoTime, Argon2Parameters.LOGIN);
    }

    /**
     * Makes the access rules with another monotonic clock, in nanoseconds, and another cost for hashing a new password.
     */
    public Access(
            Store store,
            AuditLog log,
            KeyCustody custody,
            CurrentPolicy policy,
            Clock clock,
            LongSupplier nanoTime,
            Argon2Parameters passwordWork) {
        this.log = log;
        this.policy = policy;
        this.authority = new Authority(store, log, custody);
        Passwords passwords = new Passwords(custody, passwordWork);
        this.browsers = new KnownBrowsers(custody, clock);
        Lockouts lockouts = new Lockouts(authority, custody, browsers, clock);
        this.replay = new IdempotencyStore(store, custody, clock, nanoTime);
        this.commissioning = new Commissioning(custody);
        this.store = store;
        this.approvals = new Approvals(store, log, authority, commissioning, replay, custody);
        this.secondFactor = new SecondFactor(log, authority, custody, clock);
        this.accounts = new Accounts(
                store, log, authority, passwords, lockouts, secondFactor, commissioning, replay, approvals, policy);
        ClientRows clientRows = new ClientRows(authority, custody, clock);
        this.revocations = new Revocations(store, log, authority, accounts, clientRows, approvals);
        this.keptUntilUsed = new KeyVersionUsage(authority, clientRows, custody);
        this.clients = new Clients(store, log, clientRows, replay, approvals, policy, custody, nanoTime);
        SessionPace pace = new SessionPace(nanoTime);
        this.signIn = new SignIn(store, log, accounts, passwords, lockouts, secondFactor, pace);
        this.sessions = new Sessions(store, log, authority, accounts, custody, policy, clock, nanoTime, pace);
        this.signOn = new SignOn(
                new SignOn.Parts(store, log, lockouts, sessions, policy, custody, clock),
                new SignOnAccounts(store, log, authority, accounts, passwords, policy, custody));
        this.limits = new Limits(authority, custody, policy, clock);
        this.tidying = new ExpiredRowCleanup(store, log, authority, new EvenClock(clock, nanoTime));
        limits.tidied().forEach(tidying::add);
        SessionRow.endWithKey(authority.renewal());
        List.of(sessions.tidied(), lockouts.tidied(), approvals.tidied()).forEach(tidying::add);
        this.policyVersions = new PolicyVersions(store, log, authority, custody, policy, clock, nanoTime);
    }

    /** The policy in force. */
    public Policy policy() {
        return policy.now();
    }

    /** Requests that wait for a second person. */
    public Approvals approvals() {
        return approvals;
    }

    /** Answers to repeated writes. */
    public IdempotencyStore replay() {
        return replay;
    }

    /** Returns the watch that keeps the approved policy in force while {@code policy.yaml} may change; made once. */
    public PolicyWatch watch(Path file) {
        return new PolicyWatch(file, store, log, authority, commissioning, approvals, policy);
    }

    /** Posted versions of the library's privacy policy. */
    public PolicyVersions policyVersions() {
        return policyVersions;
    }

    /** Returns the reader that posts versions from the policy files of a home; made once. */
    public PostedFiles postedFiles(Path home) {
        return new PostedFiles(home, log, policyVersions, replay);
    }

    /** Returns the reminders of the posted policy's review. */
    public PolicyReview policyReview() {
        return new PolicyReview(store, log, authority, policyVersions);
    }

    /** Staff accounts. */
    public Accounts accounts() {
        return accounts;
    }

    /** Counts client keys and passwords that a rotation left under an older version of a key. */
    public KeyVersionUsage keptUntilUsed() {
        return keptUntilUsed;
    }

    /** Other systems. */
    public Clients clients() {
        return clients;
    }

    /** Returns the revocations to repeat in a restored database. */
    public Revocations revocations() {
        return revocations;
    }

    /** Returns the limits of people and clients. */
    public Limits limits() {
        return limits;
    }

    /** Rows that carry authority. */
    public Authority authority() {
        return authority;
    }

    /** Proves who someone is, once, without a session: for commands. */
    public SignIn signIn() {
        return signIn;
    }

    /** Sign-on by a provider, if one is named. */
    public SignOn signOn() {
        return signOn;
    }

    /** Second factors of people. */
    public SecondFactor secondFactor() {
        return secondFactor;
    }

    /** The accounts that are asked for a code when signing in. */
    public Set<String> haveSecondFactor() {
        return store.read(secondFactor::enrolled);
    }

    /**
     * Whether an account is asked for a code when signing in. Only the account's owner and the operator may see the
     * answer. It would show others which accounts exist.
     */
    public boolean hasSecondFactor(String name) {
        return CanonicalName.of(name)
                .map(canonical -> store.read(tx -> secondFactor.isEnrolled(tx, canonical)))
                .orElse(false);
    }

    /** Sessions of people. */
    public Sessions sessions() {
        return sessions;
    }

    /** {@link #begin(SignIn.Credentials, Optional, SignInOrigin)} without a code. */
    public Sessions.NewSession begin(String name, String password, Optional<String> role, SignInOrigin origin) {
        return begin(new SignIn.Credentials(name, password, ""), role, origin);
    }

    /** Signs someone in; refused the same way whatever is wrong. */
    public Sessions.NewSession begin(SignIn.Credentials given, Optional<String> role, SignInOrigin origin) {
        return sessions.begin(signIn.prove(given, origin), role);
    }

    /**
     * Returns the cookie for a browser that has signed in to an account. With it, wrong tries of others do not lock the
     * owner out.
     *
     * @param origin the browser, with the cookie it already has
     * @param name the account's name as typed; its password was right
     */
    public String remembering(SignInOrigin origin, String name) {
        return browsers.with(origin, CanonicalName.require(name));
    }

    /** Returns the caller that a bearer token belongs to; refuses an unknown token with {@code not-signed-in}. */
    public Caller resolve(String token) {
        return token.startsWith(CLIENT_KEY_PREFIX) ? clients.resolve(token) : sessions.resolve(token);
    }

    /**
     * Returns a person who proved who they are, acting in a role, without a session. A one-time activation code is
     * refused: it gives only the right to set a password. A role that needs a second factor is refused to a person who
     * has none. Both refusals are logged.
     */
    public Caller acting(SignIn.Identity who, Optional<String> role) {
        Actor tried = new Actor(Actor.Kind.STAFF, who.name(), role.orElse(""), who.library());
        return log.logging(log.event(tried, ActKind.SIGN_IN, Outcome.REFUSED, AuditLog.newRequest()), () -> {
            who.requireOwnPassword();
            return Caller.person(
                    who.acting(role, policy.now()), store.read(tx -> accounts.recentMaker(tx, who.name())));
        });
    }

    /** Returns a caller for the vault itself, under the name of the account that set it up; for commissioning only. */
    public Caller acting(String name, Role role) {
        if (!accounts.isCommissioning()) {
            throw new IllegalStateException("after commissioning people act for themselves");
        }
        return Caller.person(new Actor(Actor.Kind.STAFF, name, role.name(), ""));
    }

    /** Returns the rules in force: the acts of each role and scope, and the fields it opens for each purpose. */
    public FieldPolicy fields() {
        return policy.now().fields();
    }

    /**
     * Grants an act that opens no field. A refusal is logged as {@code attempt} in an act of its own before it is
     * thrown.
     *
     * @param attempt the log entry for a refusal
     */
    public Grant require(Caller caller, Permission act, AccessEvent attempt) {
        return log.logging(attempt, () -> fields().grant(caller, act));
    }

    /** Grants an act that opens these fields for this purpose. A refusal is logged as {@code attempt} first. */
    public Grant require(Caller caller, Permission act, Purpose purpose, Set<PatronField> opens, AccessEvent attempt) {
        return log.logging(attempt, () -> fields().grant(caller, act, purpose, opens));
    }

    /** Whether the policy allows an act at all; nothing is logged, since nothing is tried. */
    public boolean may(Caller caller, Permission permission) {
        return fields().allows(caller, permission);
    }

    /** Returns how many requests wait for this person to approve or reject them. */
    public int waitingFor(Caller caller) {
        Actor person = caller.actor();
        return caller.isPerson() && SecondPerson.isRoleOfAny(person.role())
                ? (int) approvals.list(person).stream()
                        .filter(one -> one.waitsFor(person))
                        .count()
                : 0;
    }

    /**
     * Passes for a caller who may approve requests of others, or make requests. Any other caller is refused, and the
     * refusal is logged.
     */
    public void requirePartInApprovals(Caller caller, AccessEvent attempt) {
        if (!hasPartInApprovals(caller)) {
            throw log.refuse(attempt, new Refused(Problem.NOT_ALLOWED, "That is not for this role."));
        }
    }

    /** Whether a caller may approve requests of others, or may request acts that need two people. */
    public boolean hasPartInApprovals(Caller caller) {
        return caller.isPerson()
                && (SecondPerson.isRoleOfAny(caller.actor().role())
                        || Stream.of(
                                        Permission.STAFF,
                                        Permission.CLIENTS,
                                        Permission.CUSTODY,
                                        Permission.RESTORE,
                                        Permission.EXPORT,
                                        Permission.ERASE,
                                        Permission.RETENTION,
                                        Permission.MAIL)
                                .anyMatch(permission -> may(caller, permission)));
    }

    /** Returns the cleanup of expired authority rows. */
    public ExpiredRowCleanup tidying() {
        return tidying;
    }

    /**
     * Removes some expired authority rows: ended sessions, wrong passwords, limits of other days, old requests. One
     * thread calls this now and then. Returns how many rows were removed or redated.
     */
    public int tidy() {
        return tidying.turn();
    }
}
