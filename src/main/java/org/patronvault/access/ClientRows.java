package org.patronvault.access;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.PatronField;
import org.patronvault.model.Problem;
import org.patronvault.model.Purpose;
import org.patronvault.model.Refused;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/** Clients and their keys as rows that carry authority; of a key only a PRF is stored. */
final class ClientRows {
    private static final String KIND = "client";
    private static final String KEY_KIND = "client-key";
    private static final long OVERLAP_SECONDS = 24 * 3_600;

    /**
     * The row. The reference is sealed, since a patron's permission names the patron. {@code checks} is 0 for the policy's
     * number, as in rows of a version that knew no other.
     */
    private record Stored(
            List<String> scopes,
            List<String> fields,
            List<String> purposes,
            int daily,
            String reference,
            String expires,
            boolean revoked,
            long created,
            int checks) {

        private Stored asRevoked() {
            return new Stored(scopes, fields, purposes, daily, reference, expires, true, created, checks);
        }
    }

    /** Which client a key is of, and until when (Unix seconds, 0 for ever). */
    private record StoredKey(String client, long until) {
        private boolean isOver(long now) {
            return until != 0 && Term.isOver(until - OVERLAP_SECONDS, OVERLAP_SECONDS, now);
        }
    }

    /**
     * What a key stands for.
     *
     * @param until Unix seconds at which it ends, by its own rotation or with the client; 0 for never
     */
    record Proven(String client, ClientGrant grant, long until) {}

    private final Authority authority;
    private final KeyCustody custody;
    private final SealedText references;
    private final Clock clock;

    ClientRows(Authority authority, KeyCustody custody, Clock clock) {
        this.authority = authority;
        this.custody = custody;
        this.references = new SealedText(custody, "client-reference");
        this.clock = clock;
    }

    long now() {
        return clock.instant().getEpochSecond();
    }

    Optional<Clients.Facts> find(Tx tx, String canonical) {
        return authority.find(tx, KIND, canonical, Stored.class).map(this::facts);
    }

    List<Clients.Facts> all(Tx tx) {
        return authority.all(tx, KIND, Stored.class).stream().map(this::facts).toList();
    }

    private Clients.Facts facts(Authority.Held<Stored> held) {
        return new Clients.Facts(
                held.name(),
                grant(held.name(), held.body()),
                held.body().revoked(),
                Instant.ofEpochSecond(held.body().created()));
    }

    private ClientGrant grant(String canonical, Stored s) {
        ClientGrant grant = ClientGrant.parse(
                s.scopes(),
                s.fields(),
                s.purposes(),
                s.daily() < 0 ? "none" : Integer.toString(s.daily()),
                s.reference().isEmpty() ? "" : references.open(canonical, s.reference()),
                s.expires());
        return s.checks() == 0 ? grant : grant.checking(Integer.toString(s.checks()));
    }

    private Stored stored(String canonical, ClientGrant grant, long created) {
        return new Stored(
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
        if (authority.find(tx, KIND, canonical, Stored.class).isPresent()) {
            throw taken();
        }
    }

    private static Refused taken() {
        return new Refused(Problem.NAME_IN_USE, "There is a client of that name already.");
    }

    /** What a client that is not revoked may do. */
    ClientGrant requireLive(Tx tx, String canonical) {
        return grant(canonical, live(tx, canonical).body());
    }

    private Authority.Held<Stored> live(Tx tx, String canonical) {
        return authority
                .find(tx, KIND, canonical, Stored.class)
                .filter(held -> !held.body().revoked())
                .orElseThrow(Clients::unknown);
    }

    void insert(WriteTx tx, String canonical, ClientGrant grant, String key) {
        authority.insert(tx, KIND, canonical, stored(canonical, grant, now()), taken());
        putKey(tx, key, canonical);
    }

    void change(WriteTx tx, String canonical, ClientGrant grant) {
        Authority.Held<Stored> held = live(tx, canonical);
        authority.replace(tx, KIND, held, stored(canonical, grant, held.body().created()));
    }

    void revoke(WriteTx tx, String canonical) {
        Authority.Held<Stored> held =
                authority.find(tx, KIND, canonical, Stored.class).orElseThrow(Clients::unknown);
        authority.replace(tx, KIND, held, held.body().asRevoked());
    }

    /** The keys so far live for 24 hours more. */
    void replaceKey(WriteTx tx, String canonical, String key) {
        for (Authority.Held<StoredKey> held : authority.all(tx, KEY_KIND, StoredKey.class)) {
            if (held.body().client().equals(canonical) && held.body().until() == 0) {
                authority.replace(tx, KEY_KIND, held, new StoredKey(canonical, now() + OVERLAP_SECONDS));
            }
        }
        putKey(tx, key, canonical);
    }

    private void putKey(WriteTx tx, String key, String client) {
        authority.insert(
                tx,
                KEY_KIND,
                keyName(key),
                new StoredKey(client, 0),
                new Refused(Problem.CHANGED_MEANWHILE, "Try once more."));
    }

    String keyName(String key) {
        byte[] input = key.getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(custody.keys().tokens().full(input));
    }

    /** Whose key has that name, and what it may do; empty if it is nobody's, or its client has ended. */
    Optional<Proven> prove(Tx tx, String keyName) {
        Optional<StoredKey> key =
                authority.find(tx, KEY_KIND, keyName, StoredKey.class).map(Authority.Held::body);
        return key.filter(found -> !found.isOver(now()))
                .flatMap(found -> prove(find(tx, found.client()), found.until()));
    }

    /**
     * What that client may do; empty if there is none, or it has ended.
     *
     * @param until Unix seconds at which what proved it ends; 0 for never
     */
    Optional<Proven> prove(Optional<Clients.Facts> found, long until) {
        return found.filter(client -> !client.revoked())
                .map(client -> new Proven(
                        client.name(),
                        client.grant(),
                        earlier(until, client.grant().ends())))
                .filter(proven -> proven.until() == 0 || proven.until() > now());
    }

    private static long earlier(long one, long other) {
        return one == 0 ? other : other == 0 ? one : Math.min(one, other);
    }

    /** Clients that are not revoked, as the rows say without their MAC. */
    static List<Clients.Written> written(Tx tx) {
        return tx.authority().all(KIND).stream()
                .map(row -> {
                    Stored stored = Authority.unproven(row, Stored.class);
                    return new Clients.Written(
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
