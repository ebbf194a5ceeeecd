package org.patronvault.access;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Actor;
import org.patronvault.model.PatronField;
import org.patronvault.model.Problem;
import org.patronvault.model.Purpose;
import org.patronvault.model.Refused;
import org.patronvault.store.AuthorityRows;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * Other systems (P7): a name, scopes, what they are narrowed to, and keys of the form {@code pvk_…} with a checksum, of
 * which only a PRF is stored.
 */
public final class Clients {
    private static final String KIND = "client";
    private static final String KEY_KIND = "client-key";
    private static final long OVERLAP_SECONDS = 24 * 3_600;
    private static final long BELIEVED_NANOS = 500_000_000;
    private static final int MAX_PROVED = 1_000;
    /** Distinct patrons a day a client may open where nothing else was said. */
    public static final int DEFAULT_DAILY = 10_000;

    /**
     * What a client is allowed.
     *
     * @param daily distinct patrons a day; empty for no limit
     */
    public record Grant(Set<String> scopes, Set<PatronField> fields, Set<Purpose> purposes, OptionalInt daily) {}

    /** What may be shown of a client. */
    public record Facts(String name, Grant grant, boolean revoked, Instant created) {}

    private record Stored(
            List<String> scopes,
            List<String> fields,
            List<String> purposes,
            int daily,
            boolean revoked,
            long created) {}

    /** Which client a key is of, and until when (Unix seconds, 0 for ever). */
    private record StoredKey(String client, long until) {}

    /** Whom a key was found to be of; believed for half a second, so that an end of it holds everywhere in one. */
    private record Proved(Caller caller, long until, long atNanos) {
        boolean holds(long nanos, long now) {
            return nanos - atNanos < BELIEVED_NANOS && (until == 0 || until > now);
        }
    }

    private final Map<String, Proved> proved = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;
    private final Store store;
    private final AuditLog log;
    private final Authority authority;
    private final Accounts accounts;
    private final KeyCustody custody;
    private final PolicyHolder policy;
    private final Clock clock;

    Clients(
            Store store,
            AuditLog log,
            Authority authority,
            Accounts accounts,
            KeyCustody custody,
            PolicyHolder policy,
            Clock clock,
            LongSupplier nanoTime) {
        this.store = store;
        this.log = log;
        this.authority = authority;
        this.accounts = accounts;
        this.custody = custody;
        this.policy = policy;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** Adds a client and returns its key, which is shown once. */
    public String add(Actor by, Optional<Actor> second, String name, Grant grant) {
        String canonical = CanonicalName.require(name);
        for (String scope : grant.scopes()) {
            if (!policy.now().knowsScope(scope)) {
                throw new Refused(
                        Problem.INVALID,
                        "The policy knows these scopes: "
                                + String.join(", ", policy.now().scopeNames()) + ".");
            }
        }
        if (grant.daily().isPresent() && grant.daily().getAsInt() < 1) {
            throw new Refused(Problem.INVALID, "A client's daily number of patrons is 1 or more, or none.");
        }
        requireSecond(by, second, canonical, grant);
        Stored stored = new Stored(
                List.copyOf(grant.scopes()),
                grant.fields().stream().map(PatronField::wireName).sorted().toList(),
                grant.purposes().stream().map(Purpose::name).sorted().toList(),
                grant.daily().orElse(-1),
                false,
                now());
        String key = ClientKey.fresh();
        log.appendAndWait(Unit.writing(event(by, canonical), tx -> {
            authority.insert(
                    tx,
                    KIND,
                    canonical,
                    stored,
                    new Refused(Problem.NAME_IN_USE, "There is a client of that name already."));
            putKey(tx, key, canonical);
            return event(by, canonical);
        }));
        return key;
    }

    private void requireSecond(Actor by, Optional<Actor> second, String about, Grant grant) {
        boolean big = grant.daily().isEmpty() || grant.daily().getAsInt() > DEFAULT_DAILY;
        boolean opens = policy.now().opensFields(grant.scopes());
        if (accounts.isCommissioning() || (!opens && !big)) {
            return;
        }
        log.logging(event(by, about).ending(Outcome.REFUSED), () -> {
            SecondPerson.require(by, second, Optional.empty());
            return about;
        });
    }

    /** Clients without a daily limit, as the rows say without their MAC: for who has no key and changes nothing. */
    public static List<String> unlimited(Tx tx) {
        return tx.authority().all(KIND).stream()
                .filter(row -> {
                    Stored stored = Authority.unproven(row, Stored.class);
                    return stored.daily() < 0 && !stored.revoked();
                })
                .map(AuthorityRows.Row::name)
                .toList();
    }

    private AccessEvent event(Actor by, String about) {
        return log.event(by, Act.CLIENT, Outcome.CONFIGURATION, AuditLog.newRequest())
                .about(about);
    }

    private void putKey(WriteTx tx, String key, String client) {
        authority.insert(
                tx,
                KEY_KIND,
                keyName(key),
                new StoredKey(client, 0),
                new Refused(Problem.CHANGED_MEANWHILE, "Try once more."));
    }

    private String keyName(String key) {
        byte[] input = key.getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(custody.keys().tokens().full(input));
    }

    /** Gives a client a new key; the old ones live for 24 hours more. */
    public String rotate(Actor by, Optional<Actor> second, String name) {
        String canonical = CanonicalName.require(name);
        requireSecond(by, second, canonical, facts(canonical).grant());
        String key = ClientKey.fresh();
        log.appendAndWait(Unit.writing(event(by, canonical), tx -> {
            for (Authority.Held<StoredKey> held : authority.all(tx, KEY_KIND, StoredKey.class)) {
                if (held.body().client().equals(canonical) && held.body().until() == 0) {
                    authority.replace(tx, KEY_KIND, held, new StoredKey(canonical, now() + OVERLAP_SECONDS));
                }
            }
            putKey(tx, key, canonical);
            return event(by, canonical);
        }));
        return key;
    }

    /** Ends a client at once. */
    public void revoke(Actor by, String name) {
        String canonical = CanonicalName.require(name);
        log.appendAndWait(Unit.writing(event(by, canonical), tx -> {
            Authority.Held<Stored> held =
                    authority.find(tx, KIND, canonical, Stored.class).orElseThrow(Clients::unknown);
            Stored s = held.body();
            authority.replace(
                    tx, KIND, held, new Stored(s.scopes(), s.fields(), s.purposes(), s.daily(), true, s.created()));
            return event(by, canonical);
        }));
        proved.clear();
    }

    private static Refused unknown() {
        return new Refused(Problem.NOT_FOUND, "There is no such client.");
    }

    private Facts facts(String canonical) {
        return list().stream()
                .filter(f -> f.name().equals(canonical))
                .findFirst()
                .orElseThrow(Clients::unknown);
    }

    /** Every client, by name. */
    public List<Facts> list() {
        return store.read(tx -> authority.all(tx, KIND, Stored.class)).stream()
                .map(held -> new Facts(
                        held.name(),
                        grant(held.body()),
                        held.body().revoked(),
                        Instant.ofEpochSecond(held.body().created())))
                .toList();
    }

    private static Grant grant(Stored s) {
        return new Grant(
                Set.copyOf(s.scopes()),
                s.fields().stream()
                        .map(f -> PatronField.ofWireName(f).orElseThrow())
                        .collect(Collectors.toSet()),
                s.purposes().stream().map(Purpose::new).collect(Collectors.toSet()),
                s.daily() < 0 ? OptionalInt.empty() : OptionalInt.of(s.daily()));
    }

    /** Which client that key is of; refused if it is none, revoked or past its time. */
    Caller resolve(String key) {
        if (!ClientKey.isFormed(key)) {
            throw notKnown();
        }
        String name = keyName(key);
        Proved known = proved.get(name);
        if (known != null && known.holds(nanoTime.getAsLong(), now())) {
            return known.caller();
        }
        Proved fresh = prove(name);
        if (proved.size() >= MAX_PROVED) {
            proved.clear();
        }
        proved.put(name, fresh);
        return fresh.caller();
    }

    private Proved prove(String keyName) {
        return store.read(tx -> {
            StoredKey found = authority
                    .find(tx, KEY_KIND, keyName, StoredKey.class)
                    .map(Authority.Held::body)
                    .orElseThrow(Clients::notKnown);
            Stored client = authority
                    .find(tx, KIND, found.client(), Stored.class)
                    .map(Authority.Held::body)
                    .orElseThrow(Clients::notKnown);
            if (client.revoked() || (found.until() != 0 && found.until() <= now())) {
                throw notKnown();
            }
            return new Proved(caller(found.client(), grant(client)), found.until(), nanoTime.getAsLong());
        });
    }

    private static Caller caller(String name, Grant grant) {
        List<String> scopes = new ArrayList<>(grant.scopes());
        scopes.sort(null);
        Actor actor = new Actor(Actor.Kind.CLIENT, name, String.join(",", scopes), "");
        return new Caller(
                actor,
                grant.scopes(),
                grant.fields().isEmpty() ? Optional.empty() : Optional.of(grant.fields()),
                grant.purposes().isEmpty() ? Optional.empty() : Optional.of(grant.purposes()),
                grant.daily(),
                grant.daily().isPresent());
    }

    private static Refused notKnown() {
        return new Refused(Problem.NOT_SIGNED_IN, "Sign in first: no session or key goes with that token.");
    }

    private long now() {
        return clock.instant().getEpochSecond();
    }
}
