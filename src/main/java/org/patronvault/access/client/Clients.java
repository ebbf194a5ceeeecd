package org.patronvault.access.client;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.dual.ApprovalTerms;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.KeyVersions;
import org.patronvault.core.log.Act;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Lane;
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
 * Client systems (P7): a name, scopes, narrowing, and keys of the form {@code pvk_…} with a checksum. The caller has
 * already proved the {@code clients} permission. Acts that need a second person go through {@link Approvals}.
 */
public final class Clients {
    private static final long BELIEVED_NANOS = 500_000_000;
    private static final int MAX_PROVED = 1_000;

    /** The facts of a client that may be shown. */
    public record Facts(String name, ClientGrant grant, boolean revoked, Instant created) {

        /** Returns the caller of a client that has a live key. */
        public Caller caller() {
            return Clients.caller(name, grant);
        }
    }

    /**
     * The content of a client's rows, with unchecked MACs.
     *
     * @param referenced whether it rests on a contract or permission
     * @param expires its last day, in UTC; empty for none
     */
    public record UnverifiedClient(
            String name,
            Set<String> scopes,
            boolean unlimited,
            boolean referenced,
            Optional<LocalDate> expires,
            boolean revoked) {

        /** Returns the caller of that client, with its scopes. */
        public Caller caller() {
            return Clients.caller(name, new ClientGrant(scopes, Set.of(), Set.of(), OptionalInt.empty(), "", expires));
        }
    }

    /** The client of a key, cached for half a second. An ended key is refused on every node within a second. */
    private record CachedKey(Caller caller, long until, long atNanos) {
        boolean holds(long nanos, long now) {
            return nanos - atNanos < BELIEVED_NANOS && (until == 0 || until > now);
        }
    }

    private final Map<String, CachedKey> proved = new ConcurrentHashMap<>();
    private final Object renewing = new Object();
    private final LongSupplier nanoTime;
    private final Store store;
    private final AuditLog log;
    private final IdempotencyStore replay;
    private final Approvals approvals;
    private final ClientRows rows;
    private final KeyCustody custody;

    public Clients(
            Store store,
            AuditLog log,
            ClientRows rows,
            IdempotencyStore replay,
            Approvals approvals,
            CurrentPolicy policy,
            KeyCustody custody,
            LongSupplier nanoTime) {
        this.custody = custody;
        this.store = store;
        this.log = log;
        this.rows = rows;
        this.replay = replay;
        this.approvals = approvals;
        this.nanoTime = nanoTime;
        new ClientActs(rows, policy, proved::clear).registerWith(approvals);
    }

    /** Adds a client; its key is the answer's secret. */
    public Approvals.Answer add(Approvals.Requester asking, String name, ClientGrant grant) {
        return approvals.ask(asking, new ApprovalTerms(ClientActs.ADD, CanonicalName.require(name), grant.terms()));
    }

    /** Replaces a client's grant. */
    public Approvals.Answer change(Approvals.Requester asking, String name, ClientGrant grant) {
        return approvals.ask(asking, new ApprovalTerms(ClientActs.CHANGE, CanonicalName.require(name), grant.terms()));
    }

    /** Gives a client a new key, the answer's secret; the old ones stay valid for 24 hours. */
    public Approvals.Answer rotate(Approvals.Requester asking, String name) {
        return approvals.ask(asking, new ApprovalTerms(ClientActs.ROTATE, CanonicalName.require(name), Map.of()));
    }

    /** Revokes a client at once. */
    public Approvals.Answer revoke(Approvals.Requester asking, String name) {
        String canonical = CanonicalName.require(name);
        AccessEvent event = log.event(asking.by(), ActKind.CLIENT, Outcome.REVOKED, AuditLog.newRequest())
                .about(canonical);
        log.call(event, now -> {
            WriteTx tx = now.tx();
            replay.requireFirst(tx, asking.once().key());
            rows.revoke(tx, canonical);
            replay.keep(tx, asking.once(), Approvals.Answer.DONE);
            return Decision.done(event);
        });
        proved.clear();
        return Approvals.Answer.DONE;
    }

    static Refused unknown() {
        return new Refused(Problem.NOT_FOUND, "There is no such client.");
    }

    /** Refuses with {@code name-in-use} if a client of that name exists. */
    public void requireFree(String name) {
        String canonical = CanonicalName.require(name);
        store.read(tx -> {
            rows.requireFree(tx, canonical);
            return canonical;
        });
    }

    /** Returns one client; refuses with {@code not-found} if none has that name. */
    public Facts find(String name) {
        String canonical = CanonicalName.of(name).orElseThrow(Clients::unknown);
        return store.read(tx -> rows.find(tx, canonical)).orElseThrow(Clients::unknown);
    }

    /** Returns every client, by name. */
    public List<Facts> list() {
        return store.read(rows::all);
    }

    /**
     * Returns every client that is not revoked, without checking MACs; for readers that have no key and change nothing.
     */
    public static List<UnverifiedClient> written(Tx tx) {
        return ClientRows.written(tx);
    }

    /** Returns the client of a key; refuses an unknown, revoked or expired key. */
    public Caller resolve(String key) {
        if (!ClientKey.isFormed(key)) {
            throw notKnown();
        }
        KeyVersions<Prf> tokens = custody.keys().tokens();
        return resolve(ClientRows.keyNames(key, tokens))
                // Another process may have made a newer version of the ring's key.
                .or(() -> tokens.newer().flatMap(newer -> resolve(ClientRows.keyNames(key, newer))))
                .orElseThrow(Clients::notKnown);
    }

    /**
     * @param names of a key, by each version of the ring's key, the newest first
     */
    private Optional<Caller> resolve(List<String> names) {
        String newest = names.get(0);
        String[] found = {newest};
        Optional<Caller> caller = believed(newest, tx -> rows.prove(tx, names, name -> found[0] = name));
        caller.filter(known -> !found[0].equals(newest))
                .ifPresent(known -> rename(found[0], newest, known.actor().name()));
        return caller;
    }

    /** Moves a key to the newest version when it is used; the caller does not wait for that. */
    private void rename(String before, String after, String client) {
        AccessEvent event = log.event(Actor.VAULT, ActKind.CLIENT, Outcome.CONFIGURATION, AuditLog.newRequest())
                .about(client);
        Act<AuditReceipt> moving = AuditLog.writing(event, now -> {
            rows.rename(now.tx(), before, after);
            return Decision.done(event);
        });
        CompletableFuture<AuditReceipt> unused = log.submit(moving, Lane.DESK);
    }

    /**
     * @param name the row name of a key, which is longer than any client's name, or of a client
     */
    private Optional<Caller> believed(String name, Function<Tx, Optional<ClientRows.VerifiedKey>> prove) {
        CachedKey known = proved.get(name);
        if (known != null && known.holds(nanoTime.getAsLong(), rows.now())) {
            return Optional.of(known.caller());
        }
        if (known == null) {
            return proven(name, prove);
        }
        // A busy client has many calls under way: one of them reads again, and the others wait for it.
        synchronized (renewing) {
            CachedKey now = proved.get(name);
            return now != null && now.holds(nanoTime.getAsLong(), rows.now())
                    ? Optional.of(now.caller())
                    : proven(name, prove);
        }
    }

    private Optional<Caller> proven(String name, Function<Tx, Optional<ClientRows.VerifiedKey>> prove) {
        Optional<CachedKey> fresh = store.read(prove)
                .map(proven ->
                        new CachedKey(caller(proven.client(), proven.grant()), proven.until(), nanoTime.getAsLong()));
        if (proved.size() >= MAX_PROVED) {
            proved.clear();
        }
        fresh.ifPresentOrElse(one -> proved.put(name, one), () -> proved.remove(name));
        return fresh.map(CachedKey::caller);
    }

    /** Returns a client that another edge of the vault has authenticated; empty if there is none, or it has ended. */
    public Optional<Caller> acting(String name) {
        return CanonicalName.of(name)
                .flatMap(canonical -> believed(canonical, tx -> rows.prove(rows.find(tx, canonical), 0)));
    }

    /** Returns the caller of a client that was authenticated. */
    static Caller caller(String client, ClientGrant grant) {
        String scopes = String.join(",", grant.scopes().stream().sorted().toList());
        return new Caller(
                new Actor(Actor.Kind.CLIENT, client, scopes, ""),
                grant.scopes(),
                Optional.of(grant.fields()).filter(fields -> !fields.isEmpty()),
                Optional.of(grant.purposes()).filter(purposes -> !purposes.isEmpty()),
                grant.daily(),
                grant.daily().isPresent(),
                Optional.empty(),
                grant.checks());
    }

    private static Refused notKnown() {
        return new Refused(Problem.NOT_SIGNED_IN, "Sign in first: no session or key goes with that token.");
    }
}
