package org.patronvault.access;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.crypto.Argon2Parameters;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Actor;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.model.Role;
import org.patronvault.store.Store;

/** Everything about who may do what, put together; the edges and use cases hold this one object. */
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

    /** Access rules over that store, log and ring, with {@code policy} in force. */
    public Access(Store store, AuditLog log, KeyCustody custody, CurrentPolicy policy, Clock clock) {
        this(store, log, custody, policy, clock, System::nanoTime, Argon2Parameters.LOGIN);
    }

    /** As above, with another monotonic clock, in nanoseconds, and other work for the hash of a new password. */
    Access(
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

    /** What keeps the approved policy in force while that file may change; made once. */
    public PolicyWatch watch(Path file) {
        return new PolicyWatch(file, store, log, authority, commissioning, approvals, policy);
    }

    /** Posted versions of the library's privacy policy. */
    public PolicyVersions policyVersions() {
        return policyVersions;
    }

    /** What takes posted versions from the files of that home; made once. */
    public PostedFiles postedFiles(Path home) {
        return new PostedFiles(home, log, policyVersions, replay);
    }

    /** What reminds of their review. */
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

    /** What takes away again what a database that was put back does not know of. */
    public Revocations revocations() {
        return revocations;
    }

    /** Limits of persons and clients. */
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
     * Whether that account is asked for a code when signing in. To be told to its own person, or to whoever has the home to
     * himself: others would learn which accounts there are.
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
     * Returns the cookie that a browser keeps from now on, since it has signed in to that account. With it, wrong tries of
     * others do not lock its person out.
     *
     * @param origin the browser, with what it keeps already
     * @param name as it was typed; its password was right
     */
    public String remembering(SignInOrigin origin, String name) {
        return browsers.with(origin, CanonicalName.require(name));
    }

    /** Who sends that bearer token; refused with {@code not-signed-in} if nobody does. */
    public Caller resolve(String token) {
        return token.startsWith(CLIENT_KEY_PREFIX) ? clients.resolve(token) : sessions.resolve(token);
    }

    /**
     * A person who proved who they are, acting in a role, without a session. Refused to someone who holds a one-time
     * activation code: it buys the right to set a password and no more; and in a role that needs a second factor, to
     * someone who has none; that is logged.
     */
    public Caller acting(SignIn.Identity who, Optional<String> role) {
        Actor tried = new Actor(Actor.Kind.STAFF, who.name(), role.orElse(""), who.library());
        return log.logging(log.event(tried, Act.SIGN_IN, Outcome.REFUSED, AuditLog.newRequest()), () -> {
            who.requireOwnPassword();
            return Caller.person(
                    who.acting(role, policy.now()), store.read(tx -> accounts.recentMaker(tx, who.name())));
        });
    }

    /** The vault's own hand, under the name of the account that set it up; for commissioning only. */
    public Caller acting(String name, Role role) {
        if (!accounts.isCommissioning()) {
            throw new IllegalStateException("after commissioning people act for themselves");
        }
        return Caller.person(new Actor(Actor.Kind.STAFF, name, role.name(), ""));
    }

    /**
     * Asks the policy; a refusal is logged as {@code attempt} in a unit of its own before it is thrown.
     *
     * @param attempt what the log shall say was tried
     */
    public void require(Caller caller, AccessRequest question, AccessEvent attempt) {
        require(caller, question, () -> attempt);
    }

    /** The same, for what is asked so often that its entry is made only if it is needed. */
    public void require(Caller caller, AccessRequest question, Supplier<AccessEvent> attempt) {
        Policy.Answer answer = policy.now().ask(caller, question);
        if (!answer.allowed()) {
            Problem problem = answer.refusal().orElseThrow();
            throw log.refuse(attempt.get(), new Refused(problem, answer.sentence()));
        }
    }

    /** Whether the policy lets somebody do that at all; nothing is logged, since nothing is tried. */
    public boolean may(Caller caller, Permission permission) {
        return policy.now().ask(caller, AccessRequest.may(permission)).allowed();
    }

    /** How many requests wait for that person to agree or refuse. */
    public int waitingFor(Caller caller) {
        Actor person = caller.actor();
        return caller.isPerson() && SecondPerson.isRoleOfAny(person.role())
                ? (int) approvals.list(person).stream()
                        .filter(one -> one.waitsFor(person))
                        .count()
                : 0;
    }

    /** Passes for whoever may agree to what others ask, or may ask; anybody else is refused, and that is logged. */
    public void requirePartInApprovals(Caller caller, AccessEvent attempt) {
        if (!hasPartInApprovals(caller)) {
            throw log.refuse(attempt, new Refused(Problem.NOT_ALLOWED, "That is not for this role."));
        }
    }

    /** Whether somebody may agree to something that others ask, or may ask for what needs two. */
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

    /** What removes rows that carry authority no more. */
    public ExpiredRowCleanup tidying() {
        return tidying;
    }

    /**
     * Removes some of the rows that carry authority no more: sessions that are over, wrong passwords, limits of other days,
     * old requests. To be called now and then, by one thread; returns how many it removed, or dated anew.
     */
    public int tidy() {
        return tidying.turn();
    }
}
