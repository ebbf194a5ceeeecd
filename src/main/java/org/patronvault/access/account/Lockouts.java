package org.patronvault.access.account;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.ExpiredRowCleanup;
import org.patronvault.core.dual.ValidityPeriod;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The durable counts of wrong passwords, by fingerprints of account and network. Names without an account are counted
 * too. Five wrong passwords for one account from one network lock the account there for 30 s. Each further one doubles
 * that, up to 15 minutes. A hundred from one network in ten minutes lock the network. From other networks they slow the
 * account's sign-in by at most two seconds, so nobody can lock another person out.
 *
 * <p>The host's command line is never locked or slowed. A browser that has signed in to the account before is not
 * either, until five wrong tries of its own. After a day without another, wrong tries are forgotten.
 */
public final class Lockouts {
    private static final String KIND = "lockout";
    private static final int FREE_TRIES = 5;
    private static final int FIRST_LOCK_SECONDS = 30;
    private static final int LONGEST_LOCK_SECONDS = 900;
    private static final int NETWORK_TRIES = 100;
    private static final int NETWORK_SECONDS = 600;
    private static final int SLOW_SECONDS = 900;
    private static final Duration SLOWER_BY = Duration.ofMillis(100);
    private static final Duration SLOWEST = Duration.ofSeconds(2);
    private static final int REMEMBERED_SECONDS = 86_400;

    /** This many wrong tries of one account, from anywhere, raise an alert; so does each further batch. */
    private static final int TOLD_EACH = 20;

    /**
     * A count of wrong tries: their number, the time of the last (for a network the first), and the end of the lock, in
     * Unix seconds.
     *
     * @param unlocked how often an administrator has unlocked the account; part of the names of its networks' rows
     */
    record Tries(int wrong, long since, long until, int unlocked) {
        static final Tries NONE = new Tries(0, 0, 0, 0);

        private boolean isLocked(long now) {
            return until > 0 && !ValidityPeriod.isOver(since, until - since, now);
        }
    }

    /**
     * The priority of a try that is not refused.
     *
     * @param delay how long it waits first
     * @param wrong earlier wrong tries from there, as in {@link TurnQueue}
     */
    record Precedence(Duration delay, int wrong) {}

    private final Authority authority;
    private final KeyCustody custody;
    private final KnownBrowsers browsers;
    private final Clock clock;

    public Lockouts(Authority authority, KeyCustody custody, KnownBrowsers browsers, Clock clock) {
        this.authority = authority;
        this.custody = custody;
        this.browsers = browsers;
        this.clock = clock;
    }

    /** Refuses while that account is locked for that origin, or the network is. */
    void requireOpen(Tx tx, String name, SignInOrigin origin) {
        if (!isExempt(tx, name, origin)) {
            requireOpen(tries(tx, here(tx, name, origin)));
            requireOpen(tx, origin);
        }
    }

    /** Refuses while the network is locked, for a person whose account is not known yet. */
    public void requireOpen(Tx tx, SignInOrigin origin) {
        requireOpen(tries(tx, network(origin)));
    }

    private void requireOpen(Optional<Authority.Versioned<Tries>> tries) {
        long now = now();
        tries.map(Authority.Versioned::body).filter(one -> one.isLocked(now)).ifPresent(one -> {
            throw new Refused(
                    Problem.TOO_MANY_ATTEMPTS,
                    "Too many wrong passwords; wait and try again.",
                    Math.toIntExact(one.until() - now));
        });
    }

    private boolean isExempt(Tx tx, String name, SignInOrigin origin) {
        return origin.isHost() || browser(tx, name, origin).isPresent();
    }

    /** Returns the row of the browser, if it has signed in to that account before and has tries left. */
    private Optional<List<String>> browser(Tx tx, String name, SignInOrigin origin) {
        return browsers.id(origin, name)
                .map(id -> names("browser", name, HexFormat.of().formatHex(id), unlocked(tx, name)))
                .filter(row -> body(tries(tx, row)).wrong() < FREE_TRIES);
    }

    /** Returns the priority of a try for that account from that origin. */
    Precedence precedence(Tx tx, String name, SignInOrigin origin) {
        if (isExempt(tx, name, origin)) {
            return new Precedence(Duration.ZERO, TurnQueue.FIRST);
        }
        Tries everywhere = body(tries(tx, account(name)));
        boolean over = ValidityPeriod.isOver(everywhere.since(), SLOW_SECONDS, now());
        int elsewhere = over
                ? 0
                : everywhere.wrong() - body(tries(tx, here(tx, name, origin))).wrong();
        Duration delay = SLOWER_BY.multipliedBy(Math.max(0, elsewhere));
        Tries ofNetwork = body(tries(tx, network(origin)));
        return new Precedence(
                delay.compareTo(SLOWEST) < 0 ? delay : SLOWEST,
                ValidityPeriod.isOver(ofNetwork.since(), NETWORK_SECONDS + 1L, now()) ? 0 : ofNetwork.wrong());
    }

    /** Counts a wrong password, and returns whether an alert is raised. */
    boolean wrong(WriteTx tx, String name, SignInOrigin origin) {
        Optional<List<String>> browser = browser(tx, name, origin);
        List<String> here = browser.orElseGet(() -> here(tx, name, origin));
        var account = tries(tx, account(name));
        Tries all = body(account);
        put(tx, account(name), account, new Tries(all.wrong() + 1, now(), 0, all.unlocked()));
        boolean tells = (all.wrong() + 1) % TOLD_EACH == 0;
        if (origin.isHost()) {
            return tells;
        }
        var there = tries(tx, here);
        int wrong = body(there).wrong() + 1;
        long lock = wrong < FREE_TRIES || browser.isPresent()
                ? 0
                : Math.min(LONGEST_LOCK_SECONDS, FIRST_LOCK_SECONDS * (1L << Math.min(5, wrong - FREE_TRIES)));
        put(tx, here, there, new Tries(wrong, now(), lock == 0 ? 0 : now() + lock, 0));
        return wrong(tx, origin) || wrong >= FREE_TRIES || tells;
    }

    /** Counts a wrong try by a person whose account is not known; returns whether that locks the network. */
    public boolean wrong(WriteTx tx, SignInOrigin origin) {
        List<String> row = network(origin);
        var held = tries(tx, row);
        Tries there = body(held);
        boolean fresh = ValidityPeriod.isOver(there.since(), NETWORK_SECONDS + 1L, now());
        int many = fresh ? 1 : there.wrong() + 1;
        long since = fresh ? now() : there.since();
        put(tx, row, held, new Tries(many, since, many < NETWORK_TRIES ? 0 : since + NETWORK_SECONDS, 0));
        return many >= NETWORK_TRIES;
    }

    /** Whether a wrong password was given for that account since the last right one, there or anywhere. */
    boolean anyWrong(Tx tx, String name, SignInOrigin origin) {
        return body(tries(tx, account(name))).wrong() > 0
                || body(tries(tx, here(tx, name, origin))).wrong() > 0;
    }

    /** Forgets the wrong tries of an account from that origin, and stops slowing it: the password was right. */
    void clear(WriteTx tx, String name, SignInOrigin origin) {
        browsers.id(origin, name)
                .ifPresent(
                        id -> forget(tx, names("browser", name, HexFormat.of().formatHex(id), unlocked(tx, name))));
        forget(tx, here(tx, name, origin));
        forget(tx, account(name));
    }

    private void forget(WriteTx tx, List<String> row) {
        var held = tries(tx, row);
        Tries before = body(held);
        if (before.wrong() > 0) {
            put(tx, row, held, new Tries(0, before.since(), 0, before.unlocked()));
        }
    }

    /** Forgets the wrong tries of an account in all networks: their rows have another name from now on. */
    void unlock(WriteTx tx, String name) {
        var held = tries(tx, account(name));
        if (held.isPresent()) {
            put(tx, account(name), held, new Tries(0, now(), 0, body(held).unlocked() + 1));
        }
    }

    /** Returns the cleanup of rows that lock nothing, and whose last wrong try is a day old. */
    public ExpiredRowCleanup.Kind<Tries> tidied() {
        return new ExpiredRowCleanup.Kind<>(
                KIND,
                Tries.class,
                (tx, held) -> ValidityPeriod.isAhead(held.body().since(), now())
                        || Math.max(held.body().since(), held.body().until()) + REMEMBERED_SECONDS < now(),
                (tx, name) -> {});
    }

    private Optional<Authority.Versioned<Tries>> tries(Tx tx, List<String> row) {
        return authority.findAny(tx, KIND, row, Tries.class);
    }

    private static Tries body(Optional<Authority.Versioned<Tries>> held) {
        return held.map(Authority.Versioned::body).orElse(Tries.NONE);
    }

    private void put(WriteTx tx, List<String> row, Optional<Authority.Versioned<Tries>> held, Tries tries) {
        authority.put(tx, KIND, row.get(0), held, tries);
    }

    private List<String> account(String name) {
        return names("name", name);
    }

    private List<String> network(SignInOrigin origin) {
        return names("address", origin.network().orElse(""));
    }

    private List<String> here(Tx tx, String name, SignInOrigin origin) {
        return names("account", name, origin.network().orElse(""), unlocked(tx, name));
    }

    private String unlocked(Tx tx, String name) {
        return Integer.toString(body(tries(tx, account(name))).unlocked());
    }

    /** Returns a name for each key version, the newest first. So counts from before a rotation still apply. */
    private List<String> names(String what, String... values) {
        CanonicalBytes input = CanonicalBytes.begin("lockout").lp(what);
        for (String value : values) {
            input.lp(value.getBytes(StandardCharsets.UTF_8));
        }
        return custody.keys().fingerprintNames(input.bytes());
    }

    private long now() {
        return clock.instant().getEpochSecond();
    }
}
