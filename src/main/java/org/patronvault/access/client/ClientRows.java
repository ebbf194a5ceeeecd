package org.patronvault.access.client;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.RowKeyRotation;
import org.patronvault.core.dual.SealedText;
import org.patronvault.core.dual.ValidityPeriod;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.KeyVersions;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/** The authority rows of clients and their keys. Only a PRF of a key is stored. */
public final class ClientRows {
    private static final String KIND = "client";
    private static final String KEY_KIND = "client-key";
    private static final long OVERLAP_SECONDS = 24 * 3_600;

    /**
     * The stored row. The reference is sealed, since a patron's permission names the patron. {@code checks} is 0 for
     * the policy's number, as in rows of versions that knew no other.
     */
    private record StoredClient(
            List<String> scopes,
            List<String> fields,
            List<String> purposes,
            int daily,
            String reference,
            String expires,
            boolean revoked,
            long created,
            int checks) {

        private StoredClient referring(String sealed) {
            return new StoredClient(scopes, fields, purposes, daily, sealed, expires, revoked, created, checks);
        }

        private StoredClient asRevoked() {
            return new StoredClient(scopes, fields, purposes, daily, reference, expires, true, created, checks);
        }
    }

    /**
     * A key of a client, valid until a time in Unix seconds, 0 for ever.
     *
     * @param token the version of the ring's key that made the row's name; 0 is the first
     */
    private record StoredKey(
            String client,
            long until,
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) int token) {

        private int tokenVersion() {
            return Math.max(1, token);
        }

        private boolean isOver(long now) {
            return until != 0 && ValidityPeriod.isOver(until - OVERLAP_SECONDS, OVERLAP_SECONDS, now);
        }
    }

    /**
     * The client and grant of a key.
     *
     * @param until Unix seconds at which the key ends, by its own rotation or with the client; 0 for never
     */
    record VerifiedKey(String client, ClientGrant grant, long until) {}

    private final Authority authority;
    private final KeyCustody custody;
    private final SealedText references;
    private final Clock clock;

    public ClientRows(Authority authority, KeyCustody custody, Clock clock) {
        this.authority = authority;
        this.custody = custody;
        this.references = new SealedText(custody, "client-reference");
        this.clock = clock;
        authority
                .renewal()
                .add(
                        KIND,
                        StoredClient.class,
                        held -> new RowKeyRotation.RekeyedRow<>(
                                held.name(),
                                held.body()
                                        .referring(references.again(
                                                held.name(), held.body().reference()))));
    }

    long now() {
        return clock.instant().getEpochSecond();
    }

    public Optional<Clients.Facts> find(Tx tx, String canonical) {
        return authority.find(tx, KIND, canonical, StoredClient.class).map(this::facts);
    }

    List<Clients.Facts> all(Tx tx) {
        return authority.all(tx, KIND, StoredClient.class).stream()
                .map(this::facts)
                .toList();
    }

    private Clients.Facts facts(Authority.Versioned<StoredClient> held) {
        return new Clients.Facts(
                held.name(),
                grant(held.name(), held.body()),
                held.body().revoked(),
                Instant.ofEpochSecond(held.body().created()));
    }

    private ClientGrant grant(String canonical, StoredClient s) {
        ClientGrant grant = ClientGrant.parse(
                s.scopes(),
                s.fields(),
                s.purposes(),
                s.daily() < 0 ? "none" : Integer.toString(s.daily()),
                s.reference().isEmpty() ? "" : references.open(canonical, s.reference()),
                s.expires());
        return s.checks() == 0 ? grant : grant.checking(Integer.toString(s.checks()));
    }

    private StoredClient stored(String canonical, ClientGrant grant, long created) {
        return new StoredClient(
                List.copyOf(grant.scopes()),
                grant.fields().stream().map(PatronField::wireName).sorted().toList(),
                grant.purposes().stream().map(Purpose::name).sorted().toList(),
                grant.daily().orElse(-1),
                grant.reference().isEmpty() ? "" : references.seal(canonical, grant.reference()),
                grant.expiresText(),
                false,
                created,
                grant.checks().orElse(0));
    }

    void requireFree(Tx tx, String canonical) {
        if (authority.find(tx, KIND, canonical, StoredClient.class).isPresent()) {
            throw taken();
        }
    }

    private static Refused taken() {
        return new Refused(Problem.NAME_IN_USE, "There is a client of that name already.");
    }

    /** Returns the grant of a client that is not revoked. */
    ClientGrant requireLive(Tx tx, String canonical) {
        return grant(canonical, live(tx, canonical).body());
    }

    private Authority.Versioned<StoredClient> live(Tx tx, String canonical) {
        return authority
                .find(tx, KIND, canonical, StoredClient.class)
                .filter(held -> !held.body().revoked())
                .orElseThrow(Clients::unknown);
    }

    void insert(WriteTx tx, String canonical, ClientGrant grant, String key) {
        authority.insert(tx, KIND, canonical, stored(canonical, grant, now()), taken());
        putKey(tx, key, canonical);
    }

    void change(WriteTx tx, String canonical, ClientGrant grant) {
        Authority.Versioned<StoredClient> held = live(tx, canonical);
        authority.replace(tx, KIND, held, stored(canonical, grant, held.body().created()));
    }

    public void revoke(WriteTx tx, String canonical) {
        Authority.Versioned<StoredClient> held =
                authority.find(tx, KIND, canonical, StoredClient.class).orElseThrow(Clients::unknown);
        authority.replace(tx, KIND, held, held.body().asRevoked());
    }

    /** Adds a key; the earlier keys stay valid for 24 hours. */
    void replaceKey(WriteTx tx, String canonical, String key) {
        for (Authority.Versioned<StoredKey> held : authority.all(tx, KEY_KIND, StoredKey.class)) {
            if (held.body().client().equals(canonical) && held.body().until() == 0) {
                authority.replace(
                        tx,
                        KEY_KIND,
                        held,
                        new StoredKey(
                                canonical, now() + OVERLAP_SECONDS, held.body().token()));
            }
        }
        putKey(tx, key, canonical);
    }

    private void putKey(WriteTx tx, String key, String client) {
        put(tx, keyNames(key, custody.keys().tokens()).get(0), new StoredKey(client, 0, 0));
    }

    private void put(WriteTx tx, String name, StoredKey key) {
        int version = custody.keys().tokens().newestVersion();
        authority.insert(
                tx,
                KEY_KIND,
                name,
                new StoredKey(key.client(), key.until(), version == 1 ? 0 : version),
                new Refused(Problem.CHANGED_MEANWHILE, "Try once more."));
    }

    /** Returns the row names of a key, by each version of the ring's key, the newest first. */
    static List<String> keyNames(String key, KeyVersions<Prf> tokens) {
        byte[] input = key.getBytes(StandardCharsets.UTF_8);
        return tokens.all().stream()
                .map(prf -> HexFormat.of().formatHex(prf.full(input)))
                .toList();
    }

    /**
     * Finds the client whose key has one of those names; empty if there is none, or the client has ended.
     *
     * @param found receives the name that matched
     */
    Optional<VerifiedKey> prove(Tx tx, List<String> keyNames, Consumer<String> found) {
        return authority
                .findAny(tx, KEY_KIND, keyNames, StoredKey.class)
                .filter(held -> !held.body().isOver(now()))
                .flatMap(held -> {
                    found.accept(held.name());
                    return prove(find(tx, held.body().client()), held.body().until());
                });
    }

    /** Renames a key's row, if it still has the first name. */
    void rename(WriteTx tx, String before, String after) {
        authority.find(tx, KEY_KIND, before, StoredKey.class).ifPresent(held -> {
            authority.remove(tx, held);
            put(tx, after, held.body());
        });
    }

    /** A key of a live client, and the version of the ring's key in its name. */
    public record LiveKey(String client, int version) {}

    /** Returns the keys of live clients. */
    public List<LiveKey> liveKeys(Tx tx) {
        return authority.all(tx, KEY_KIND, StoredKey.class).stream()
                .map(Authority.Versioned::body)
                .filter(key -> !key.isOver(now())
                        && find(tx, key.client())
                                .filter(client -> !client.revoked())
                                .isPresent())
                .map(key -> new LiveKey(key.client(), key.tokenVersion()))
                .toList();
    }

    /**
     * Returns the client's rights; empty if there is none, or it has ended.
     *
     * @param until Unix seconds at which the key that proved it ends; 0 for never
     */
    Optional<VerifiedKey> prove(Optional<Clients.Facts> found, long until) {
        return found.filter(client -> !client.revoked())
                .map(client -> new VerifiedKey(
                        client.name(),
                        client.grant(),
                        earlier(until, client.grant().ends())))
                .filter(proven -> proven.until() == 0 || proven.until() > now());
    }

    private static long earlier(long one, long other) {
        return one == 0 ? other : other == 0 ? one : Math.min(one, other);
    }

    /** Returns clients that are not revoked, as the rows say, without checking their MACs. */
    static List<Clients.UnverifiedClient> written(Tx tx) {
        return tx.authority().all(KIND).stream()
                .map(row -> {
                    StoredClient stored = Authority.unproven(row, StoredClient.class);
                    return new Clients.UnverifiedClient(
                            row.name(),
                            Set.copyOf(stored.scopes()),
                            stored.daily() < 0,
                            !stored.reference().isEmpty(),
                            ClientGrant.day(stored.expires()),
                            stored.revoked());
                })
                .filter(client -> !client.revoked())
                .toList();
    }
}
