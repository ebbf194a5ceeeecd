package org.patronvault.access.session;

import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.patronvault.access.account.Accounts;
import org.patronvault.access.account.SignIn;
import org.patronvault.access.account.StaffAccount;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.ExpiredRowCleanup;
import org.patronvault.core.dual.ValidityPeriod;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuthorityDigest;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.CanonicalName;
import org.patronvault.core.policy.CurrentPolicy;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The sessions of people: an opaque random token, stored as a PRF of it in a MACed row. A session ends after thirty
 * minutes idle or after twelve hours. A changed account ends all its sessions, on this node from the next request on.
 * Rows are cached for half a second, so what another node ends is refused here within one second. The last uses are
 * stored every minute, for other nodes and for the next start.
 */
public final class Sessions {
    static final String KIND = "session";
    private static final long TRUST_NANOS = 500_000_000;

    /** A new session: the token is shown once and never stored. */
    public record NewSession(String token, Instant expires, String role, List<String> roles) {}

    /**
     * An open session as it may be shown.
     *
     * @param id names it, and is no token
     * @param library the person's own library, or empty
     * @param used when it was last used, as far as this process knows
     */
    public record OpenSession(
            String id,
            String user,
            String role,
            String library,
            Instant started,
            Instant expires,
            Optional<Instant> used) {}

    /** The caller of a session, and the generations of the rows that say so. */
    private record CachedSession(Caller caller, long session, long account, long expires, long readNanos) {}

    /** A session that has not ended, its account, and who made the account if that was lately. */
    private record FoundSession(
            Authority.Versioned<SessionRow> session,
            Authority.Versioned<StaffAccount> account,
            boolean isIdle,
            Optional<String> maker) {}

    private final Store store;
    private final AuditLog log;
    private final Authority authority;
    private final Accounts accounts;
    private final KeyCustody custody;
    private final CurrentPolicy policy;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final SessionPace pace;
    private final SessionUse use;
    private final Map<String, CachedSession> seen = new ConcurrentHashMap<>();

    public Sessions(
            Store store,
            AuditLog log,
            Authority authority,
            Accounts accounts,
            KeyCustody custody,
            CurrentPolicy policy,
            Clock clock,
            LongSupplier nanoTime,
            SessionPace pace) {
        this.store = store;
        this.log = log;
        this.authority = authority;
        this.accounts = accounts;
        this.custody = custody;
        this.policy = policy;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.pace = pace;
        this.use = new SessionUse(store, custody, clock, nanoTime);
    }

    /** Begins a session for a person who proved who they are, acting in one role. */
    public NewSession begin(SignIn.Identity who, Optional<String> role) {
        who.requireOwnPassword();
        Actor actor = who.acting(role, policy.now());
        String token = pace.next(who.name());
        long expires = now() + SessionRow.LONGEST_SECONDS;
        SessionRow stored = new SessionRow(
                who.name(), actor.role(), who.library(), who.epoch(), expires, false, who.secondFactor());
        var event = who.told(log.event(actor, ActKind.SIGN_IN, Outcome.SESSION, AuditLog.newRequest()));
        seen.entrySet().removeIf(known -> known.getValue().expires() <= now());
        log.call(event, now -> {
            authority.insert(
                    now.tx(), KIND, idOf(token), stored, new Refused(Problem.CHANGED_MEANWHILE, "Sign in once more."));
            return Decision.done(event);
        });
        use.begin(idOf(token));
        return new NewSession(token, Instant.ofEpochSecond(expires), actor.role(), who.roles());
    }

    /**
     * Ends the session of that token and begins another, of the same person in another role they hold. Proved factors
     * count for it too, and its end does not move.
     */
    public NewSession actAs(String token, String role) {
        Actor person = resolve(token).actor();
        String next = pace.next(person.name());
        AccessEvent attempt = log.event(person, ActKind.SIGN_IN, Outcome.SESSION, AuditLog.newRequest());
        NewSession begun = log.call(attempt, now -> {
            WriteTx tx = now.tx();
            Authority.Versioned<SessionRow> held = authority
                    .find(tx, KIND, idOf(token), SessionRow.class)
                    .filter(one -> isOpen(tx, one.body()))
                    .orElseThrow(Sessions::notSignedIn);
            List<String> roles =
                    accounts.find(tx, held.body().user()).orElseThrow().body().roles();
            SessionRow other = held.body().actingAs(role, roles, policy.now());
            authority.replace(tx, KIND, held, held.body().withEnd());
            authority.insert(tx, KIND, idOf(next), other, new Refused(Problem.CHANGED_MEANWHILE, "Try once more."));
            use.write(tx, idOf(next));
            return Decision.done(
                    log.event(other.actor(), ActKind.SIGN_IN, Outcome.SESSION, attempt.request()),
                    new NewSession(next, Instant.ofEpochSecond(other.expires()), role, List.copyOf(roles)));
        });
        forget(idOf(token));
        return begun;
    }

    /** Returns the caller of a token; refuses an unknown or ended one, or one whose account changed. */
    public Caller resolve(String token) {
        if (!SessionToken.isFormed(token)) {
            throw notSignedIn();
        }
        String key = idOf(token);
        long nanos = nanoTime.getAsLong();
        CachedSession known = seen.get(key);
        if (known == null
                || nanos - known.readNanos() > TRUST_NANOS
                || known.expires() <= now()
                || isOutdated(key, known)) {
            known = read(key, nanos);
            seen.put(key, known);
        }
        use.use(key);
        return known.caller();
    }

    /** Whether this node wrote the session or its account since. */
    private boolean isOutdated(String key, CachedSession known) {
        AuthorityDigest written = log.authority();
        return written.isOutdated(KIND, key, known.session())
                || written.isOutdated(StaffAccount.KIND, known.caller().actor().name(), known.account());
    }

    private CachedSession read(String key, long nanos) {
        FoundSession found = store.read(tx -> find(tx, key).orElseThrow(() -> {
            forget(key);
            return notSignedIn();
        }));
        SessionRow stored = found.session().body();
        if (found.isIdle()) {
            end(key, stored.actor());
            throw notSignedIn();
        }
        return new CachedSession(
                Caller.person(stored.actor(), found.maker()),
                found.session().generation(),
                found.account().generation(),
                stored.expires(),
                nanos);
    }

    private Optional<FoundSession> find(Tx tx, String key) {
        return authority
                .find(tx, KIND, key, SessionRow.class)
                .flatMap(session -> account(tx, session.body())
                        .map(account -> new FoundSession(
                                session,
                                account,
                                use.isIdle(tx, key, session.body().started()),
                                accounts.recentMaker(tx, account.name()))));
    }

    private void forget(String key) {
        seen.remove(key);
        use.forget(key);
    }

    /** Whether a session is valid: not ended, not too old, and its account unchanged. */
    private boolean isOpen(Tx tx, SessionRow stored) {
        return account(tx, stored).isPresent();
    }

    /** Returns the account of a valid session. */
    private Optional<Authority.Versioned<StaffAccount>> account(Tx tx, SessionRow stored) {
        if (stored.ended()
                || ValidityPeriod.isOver(stored.started().getEpochSecond(), SessionRow.LONGEST_SECONDS, now())) {
            return Optional.empty();
        }
        return accounts.find(tx, stored.user()).filter(account -> stored.isOf(account.body(), policy.now()));
    }

    /** Stores which sessions were used since the last call, for other nodes and the next start. */
    public void writeUse() {
        use.write();
    }

    private static Refused notSignedIn() {
        return new Refused(Problem.NOT_SIGNED_IN, "Sign in first: no session or key goes with that token.");
    }

    /** Ends the session of that token. */
    public void end(String token) {
        end(idOf(token), resolve(token).actor());
    }

    private void end(String key, Actor actor) {
        end(List.of(key), log.event(actor, ActKind.SIGN_OUT, Outcome.SESSION, AuditLog.newRequest()));
    }

    private void end(List<String> keys, AccessEvent event) {
        log.call(event, now -> {
            for (String key : keys) {
                authority
                        .find(now.tx(), KIND, key, SessionRow.class)
                        .ifPresent(held -> authority.replace(
                                now.tx(), KIND, held, held.body().withEnd()));
            }
            return Decision.done(event);
        });
        keys.forEach(this::forget);
    }

    /** Returns the ID of that token's session. */
    public String idOf(String token) {
        return SessionToken.id(token, custody);
    }

    /** Returns the open sessions of that person, or of everyone; the newest first. */
    public List<OpenSession> open(Optional<String> user) {
        Optional<String> canonical = user.map(CanonicalName::require);
        return store.read(tx -> authority.all(tx, KIND, SessionRow.class).stream()
                .filter(held -> canonical.isEmpty() || held.body().user().equals(canonical.get()))
                .filter(held -> isOpen(tx, held.body())
                        && !use.isIdle(tx, held.name(), held.body().started()))
                .map(held -> shown(tx, held))
                .sorted(Comparator.comparing(OpenSession::started).reversed())
                .toList());
    }

    private OpenSession shown(Tx tx, Authority.Versioned<SessionRow> held) {
        SessionRow stored = held.body();
        return new OpenSession(
                held.name(),
                stored.user(),
                stored.role(),
                stored.library(),
                stored.started(),
                Instant.ofEpochSecond(stored.expires()),
                use.last(tx, held.name()));
    }

    /**
     * Ends the open session with that ID; refuses with {@code not-found} if there is none, or it is another person's.
     *
     * @param anyones whether {@code by} may end other people's sessions
     */
    public void end(Actor by, boolean anyones, String id) {
        OpenSession session = open(anyones ? Optional.empty() : Optional.of(by.name())).stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new Refused(Problem.NOT_FOUND, "There is no such session."));
        end(
                List.of(id),
                log.event(by, ActKind.SIGN_OUT, Outcome.SESSION, AuditLog.newRequest())
                        .about(session.user()));
    }

    /** Ends every open session of that person, and returns how many there were. */
    public int endAll(Actor by, String user) {
        return endAll(by, user, "");
    }

    /** Ends every other open session of that token's person, and returns how many there were. */
    public int endOthers(String token) {
        Actor by = resolve(token).actor();
        return endAll(by, by.name(), idOf(token));
    }

    private int endAll(Actor by, String user, String but) {
        List<String> ids = open(Optional.of(user)).stream()
                .map(OpenSession::id)
                .filter(id -> !id.equals(but))
                .toList();
        end(
                ids,
                log.event(by, ActKind.SIGN_OUT, Outcome.SESSION, AuditLog.newRequest())
                        .about(CanonicalName.require(user))
                        .counting(ids.size()));
        return ids.size();
    }

    /** Returns the cleanup of ended sessions. */
    public ExpiredRowCleanup.Kind<SessionRow> tidied() {
        return new ExpiredRowCleanup.Kind<>(
                KIND,
                SessionRow.class,
                (tx, held) -> !isOpen(tx, held.body())
                        || use.isIdle(tx, held.name(), held.body().started()),
                SessionUse::remove);
    }

    private long now() {
        return clock.instant().getEpochSecond();
    }
}
