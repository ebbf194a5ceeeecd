package org.patronvault.access;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * Wrong passwords, remembered durably by a fingerprint of the name, whether or not there is such an account: five lock
 * it for 30 s, each further one for twice as long, up to 15 minutes. A hundred in ten minutes lock an address. After a day without another they are forgotten.
 */
final class Lockouts {
    private static final String KIND = "lockout";
    private static final int FREE_TRIES = 5;
    private static final int FIRST_LOCK_SECONDS = 30;
    private static final int LONGEST_LOCK_SECONDS = 900;
    private static final int ADDRESS_TRIES = 100;
    private static final int ADDRESS_SECONDS = 600;
    private static final int REMEMBERED_SECONDS = 86_400;

    /** How many were wrong since the last right one, and until when (Unix seconds) no more are looked at. */
    record Tries(int wrong, long since, long until) {
        static final Tries NONE = new Tries(0, 0, 0);

        private boolean isLocked(long now) {
            return until > 0 && !Term.isOver(since, until - since, now);
        }
    }

    private final Authority authority;
    private final KeyCustody custody;
    private final Clock clock;

    Lockouts(Authority authority, KeyCustody custody, Clock clock) {
        this.authority = authority;
        this.custody = custody;
        this.clock = clock;
    }

    /** Refuses while that name or address is locked. */
    void requireOpen(Tx tx, String name, String address) {
        requireOpen(tries(tx, "name", name));
        requireOpen(tries(tx, "address", address));
    }

    private void requireOpen(Optional<Authority.Held<Tries>> tries) {
        long now = now();
        tries.map(Authority.Held::body).filter(one -> one.isLocked(now)).ifPresent(one -> {
            throw new Refused(
                    Problem.TOO_MANY_ATTEMPTS,
                    "Too many wrong passwords; wait and try again.",
                    Math.toIntExact(one.until() - now));
        });
    }

    /** Refuses while that address is locked. */
    void requireOpen(Tx tx, String address) {
        requireOpen(tries(tx, "address", address));
    }

    /** Counts a wrong password; whether that locks the name or the address. */
    boolean wrong(WriteTx tx, String name, String address) {
        var byName = tries(tx, "name", name);
        Tries before = byName.map(Authority.Held::body).orElse(Tries.NONE);
        int wrong = before.wrong() + 1;
        long lock = wrong < FREE_TRIES
                ? 0
                : Math.min(LONGEST_LOCK_SECONDS, FIRST_LOCK_SECONDS * (1L << Math.min(5, wrong - FREE_TRIES)));
        put(tx, "name", name, byName, new Tries(wrong, now(), lock == 0 ? 0 : now() + lock));

        return wrong(tx, address) || lock > 0;
    }

    /** Counts a wrong try of whoever it may be; whether that locks the address. */
    boolean wrong(WriteTx tx, String address) {
        var byAddress = tries(tx, "address", address);
        Tries there = byAddress.map(Authority.Held::body).orElse(Tries.NONE);
        boolean fresh = Term.isOver(there.since(), ADDRESS_SECONDS + 1L, now());
        int many = fresh ? 1 : there.wrong() + 1;
        long since = fresh ? now() : there.since();
        put(
                tx,
                "address",
                address,
                byAddress,
                new Tries(many, since, many < ADDRESS_TRIES ? 0 : since + ADDRESS_SECONDS));
        return many >= ADDRESS_TRIES;
    }

    /** Whether a wrong password was given for that name since the last right one. */
    boolean anyWrong(Tx tx, String name) {
        return tries(tx, "name", name).filter(t -> t.body().wrong() > 0).isPresent();
    }

    /** Forgets the wrong tries of a name. */
    void clear(WriteTx tx, String name) {
        var held = tries(tx, "name", name);
        if (held.isPresent() && held.get().body().wrong() > 0) {
            put(tx, "name", name, held, Tries.NONE);
        }
    }

    /** Rows that lock nothing, and whose last wrong try is a day old. */
    Tidying.Kind<Tries> tidied() {
        return new Tidying.Kind<>(
                KIND,
                Tries.class,
                (tx, held) -> Term.isAhead(held.body().since(), now())
                        || Math.max(held.body().since(), held.body().until()) + REMEMBERED_SECONDS < now(),
                (tx, name) -> {});
    }

    private Optional<Authority.Held<Tries>> tries(Tx tx, String what, String value) {
        return authority.findAny(tx, KIND, keys(what, value), Tries.class);
    }

    private void put(WriteTx tx, String what, String value, Optional<Authority.Held<Tries>> held, Tries tries) {
        authority.put(tx, KIND, keys(what, value).get(0), held, tries);
    }

    /** By each version of the key, the newest first: what was counted before a rotation counts after it. */
    private List<String> keys(String what, String value) {
        byte[] input = CanonicalBytes.begin("lockout")
                .lp(what)
                .lp((what.equals("address") ? Network.of(value) : value).getBytes(StandardCharsets.UTF_8))
                .bytes();
        return custody.keys().fingerprintNames(input);
    }

    private long now() {
        return clock.instant().getEpochSecond();
    }
}
