package org.patronvault.sip2;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.patronvault.privacy.entitlement.GatewayAccount;
import org.patronvault.privacy.entitlement.SlidingCounts;

/**
 * The accounts of the gateway, the connections signed in to each, and their wrong passwords. Each account has a few
 * places of its own, so that one vendor's kiosks cannot keep another's out. Safe for use by many threads.
 */
final class Logins {
    /** The wrong passwords of one account from one address in ten minutes, after which even the right one fails. */
    static final int WRONG_FROM_ONE_ADDRESS = 50;

    /** The places of an account that no other takes, or its equal share if that is less. */
    static final int OWN_PLACES = 8;

    private static final long TEN_MINUTES = TimeUnit.MINUTES.toNanos(10);

    /** One account, and its state while the process runs. */
    static final class Live {
        private final Sip2Account account;
        private final Clock clock;
        private final AtomicInteger connections = new AtomicInteger();
        private final AtomicLong refused = new AtomicLong();
        private final AtomicLong broken = new AtomicLong();
        private volatile Optional<Instant> lastHeard = Optional.empty();

        private Live(Sip2Account account, Clock clock) {
            this.account = account;
            this.clock = clock;
        }

        Sip2Account account() {
            return account;
        }

        int connections() {
            return connections.get();
        }

        void end() {
            connections.decrementAndGet();
        }

        void heard() {
            lastHeard = Optional.of(clock.instant());
        }

        void broken() {
            broken.incrementAndGet();
        }

        private GatewayAccount state() {
            return new GatewayAccount(
                    account.login(),
                    account.client(),
                    account.service(),
                    connections.get(),
                    lastHeard,
                    refused.get(),
                    broken.get());
        }
    }

    private final Map<String, Live> accounts = new LinkedHashMap<>();
    private final int places;
    private final int own;
    private final SlidingCounts wrong = new SlidingCounts(TEN_MINUTES, System::nanoTime);

    /**
     * Creates the accounts with no connection signed in.
     *
     * @param places how many may be signed in at once
     */
    Logins(List<Sip2Account> accounts, int places, Clock clock) {
        this.places = places;
        this.own = Math.min(OWN_PLACES, places / accounts.size());
        accounts.forEach(account -> this.accounts.put(wire(account), new Live(account, clock)));
    }

    /** Returns the login as it comes over the wire. */
    private static String wire(Sip2Account account) {
        return new String(account.login().getBytes(account.charset()), StandardCharsets.ISO_8859_1);
    }

    /** Returns the account of a login and password. Wrong names and wrong passwords take the same time. */
    Optional<Live> prove(String login, String password, String address) {
        Live named = accounts.get(login);
        byte[] sent = password.getBytes(StandardCharsets.ISO_8859_1);
        Live compared = named == null ? accounts.values().iterator().next() : named;
        boolean right = MessageDigest.isEqual(compared.account.password().reveal(), sent);
        // Counted for each account, so that a vendor with a wrong password blocks no other: behind a stunnel they have
        // one address.
        String tried = named == null ? "" : login;
        boolean locked = wrong.count(tried, address) >= WRONG_FROM_ONE_ADDRESS;
        if (named != null && right && !locked) {
            return Optional.of(named);
        }
        if (!right || named == null) {
            wrong.add(tried, address);
        }
        if (named != null) {
            named.refused.incrementAndGet();
        }
        return Optional.empty();
    }

    /** Gives one more connection of an account a place. Returns false if all are taken, or reserved for others. */
    synchronized boolean begin(Live account) {
        int taken = 0;
        for (Live one : accounts.values()) {
            taken += one == account ? one.connections() : Math.max(own, one.connections());
        }
        if (account.connections() >= own && taken >= places) {
            account.refused.incrementAndGet();
            return false;
        }
        account.connections.incrementAndGet();
        return true;
    }

    List<GatewayAccount> states() {
        return accounts.values().stream().map(Live::state).toList();
    }
}
