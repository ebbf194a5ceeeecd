package org.patronvault.access;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.crypto.SecureBytes;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Actor;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;

/**
 * Sessions of people: an opaque random token, stored as a PRF of it in a MACed row. Thirty minutes idle or twelve hours
 * end one; a changed account ends all of its. What was read is trusted for half a second, so that revoking works
 * within one.
 */
public final class Sessions {
    private static final String KIND = "session";
    private static final String PREFIX = "pvs_";
    private static final int TOKEN_SIZE_BYTES = 32;
    private static final long ABSOLUTE_SECONDS = 12 * 3_600;
    private static final long IDLE_NANOS = 30L * 60 * 1_000_000_000;
    private static final long TRUST_NANOS = 500_000_000;

    /** A session as it was begun: the token is shown once and never stored. */
    public record Begun(String token, Instant expires, String role, List<String> roles) {}

    private record Stored(String user, String role, String library, int epoch, long expires, boolean ended) {}

    private record Seen(Caller caller, long expires, long readNanos, long usedNanos) {}

    private final Store store;
    private final AuditLog log;
    private final Authority authority;
    private final Accounts accounts;
    private final KeyCustody custody;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();

    Sessions(
            Store store,
            AuditLog log,
            Authority authority,
            Accounts accounts,
            KeyCustody custody,
            Clock clock,
            LongSupplier nanoTime) {
        this.store = store;
        this.log = log;
        this.authority = authority;
        this.accounts = accounts;
        this.custody = custody;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** Begins a session for someone who proved who they are, acting in one role. */
    public Begun begin(SignIn.Proven who, Optional<String> role) {
        who.requireOwnPassword();
        Actor actor = who.acting(role);
        String token =
                PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(SecureBytes.random(TOKEN_SIZE_BYTES));
        long expires = now() + ABSOLUTE_SECONDS;
        Stored stored = new Stored(who.name(), actor.role(), who.library(), who.epoch(), expires, false);
        var event = log.event(actor, Act.SIGN_IN, Outcome.SESSION, AuditLog.newRequest());
        seen.values().removeIf(known -> known.expires() <= now());
        log.appendAndWait(Unit.writing(event, tx -> {
            authority.insert(
                    tx, KIND, key(token), stored, new Refused(Problem.CHANGED_MEANWHILE, "Sign in once more."));
            return event;
        }));
        return new Begun(token, Instant.ofEpochSecond(expires), actor.role(), who.roles());
    }

    /** Whose session that token is; refused if it is none, ended, or its account changed. */
    public Caller resolve(String token) {
        if (!token.startsWith(PREFIX) || token.length() > 64) {
            throw notSignedIn();
        }
        String key = key(token);
        long nanos = nanoTime.getAsLong();
        Seen known = seen.get(key);
        if (known != null && nanos - known.usedNanos() > IDLE_NANOS) {
            end(key, known.caller().actor());
            throw notSignedIn();
        }
        if (known == null || nanos - known.readNanos() > TRUST_NANOS || known.expires() <= now()) {
            known = read(key, nanos);
        }
        seen.put(key, new Seen(known.caller(), known.expires(), known.readNanos(), nanos));
        return known.caller();
    }

    private Seen read(String key, long nanos) {
        return store.read(tx -> {
            Stored stored = authority
                    .find(tx, KIND, key, Stored.class)
                    .map(Authority.Held::body)
                    .orElseThrow(Sessions::notSignedIn);
            StaffAccount account =
                    accounts.find(tx, stored.user()).map(Authority.Held::body).orElseThrow(Sessions::notSignedIn);
            boolean valid = !stored.ended()
                    && stored.expires() > now()
                    && !account.disabled()
                    && account.epoch() == stored.epoch()
                    && account.roles().contains(stored.role());
            if (!valid) {
                seen.remove(key);
                throw notSignedIn();
            }
            Actor actor = new Actor(Actor.Kind.STAFF, stored.user(), stored.role(), stored.library());
            return new Seen(Caller.person(actor), stored.expires(), nanos, nanos);
        });
    }

    private static Refused notSignedIn() {
        return new Refused(Problem.NOT_SIGNED_IN, "Sign in first: no session or key goes with that token.");
    }

    /** Ends the session of that token. */
    public void end(String token) {
        end(key(token), resolve(token).actor());
    }

    private void end(String key, Actor actor) {
        var event = log.event(actor, Act.SIGN_OUT, Outcome.SESSION, AuditLog.newRequest());
        log.appendAndWait(Unit.writing(event, tx -> {
            var held = authority.find(tx, KIND, key, Stored.class);
            if (held.isPresent()) {
                Stored s = held.get().body();
                authority.replace(
                        tx,
                        KIND,
                        held.get(),
                        new Stored(s.user(), s.role(), s.library(), s.epoch(), s.expires(), true));
            }
            return event;
        }));
        seen.remove(key);
    }

    private String key(String token) {
        byte[] input = token.getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(custody.keys().tokens().full(input));
    }

    private long now() {
        return clock.instant().getEpochSecond();
    }
}
