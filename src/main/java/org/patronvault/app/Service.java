package org.patronvault.app;

import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.patronvault.access.signon.OpenIdProvider;
import org.patronvault.core.log.GuardedRunnable;
import org.patronvault.core.model.Refused;
import org.patronvault.privacy.entitlement.GatewayAccount;
import org.patronvault.sip2.Sip2Gateway;
import org.patronvault.sip2.Sip2Settings;
import org.patronvault.upkeep.doctor.StoreGauges;
import org.patronvault.web.WebServer;
import org.patronvault.web.http.ServerTls;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A vault that serves HTTP, and SIP2 if configured, until it is closed. */
public final class Service implements AutoCloseable {
    private final VaultInstance vault;
    private final Optional<Sip2Gateway> gateway;
    private final WebServer web;
    private final TlsRenewal care;

    private Service(VaultInstance vault, Optional<Sip2Gateway> gateway, WebServer web, TlsRenewal care) {
        this.vault = vault;
        this.gateway = gateway;
        this.web = web;
        this.care = care;
    }

    /**
     * Starts to serve a home's vault, which may still be sealed. Closing also closes the vault.
     *
     * @throws Refused if vault.yaml names wrong files for SIP2, or an address cannot be bound
     */
    public static Service start(Home home, VaultInstance vault, WebSettings settings) {
        VendorSettings vendors = Settings.read(home).vendors();
        Optional<ServerTls> sip2Tls = vendors.sip2TlsOf(home);
        Optional<Sip2Gateway> gateway = vendors.sip2Of(home).map(wanted -> gateway(vault, wanted, sip2Tls));
        Supplier<List<GatewayAccount>> accounts =
                () -> gateway.map(Sip2Gateway::accounts).orElse(List.of());
        Settings.read(home)
                .signOnOf(home)
                .ifPresent(named -> vault.access().signOn().use(new OpenIdProvider(named)));
        try {
            WebServer web = WebServer.start(partsOf(vault, accounts, sip2Tls), settings);
            List<ServerTls> used =
                    Stream.concat(settings.tls().stream(), sip2Tls.stream()).toList();
            return new Service(vault, gateway, web, TlsRenewal.begin(new TlsFiles(home, Clock.systemUTC()), used));
        } catch (RuntimeException e) {
            gateway.ifPresent(Sip2Gateway::close);
            throw e;
        }
    }

    private static Sip2Gateway gateway(VaultInstance vault, Sip2Settings wanted, Optional<ServerTls> tls) {
        return Sip2Gateway.start(
                wanted,
                tls.map(ServerTls::context),
                new Sip2Gateway.Parts(
                        vault.access(),
                        vault.privacy().entitlements(),
                        vault.seal(),
                        Clock.systemUTC(),
                        ZoneId.systemDefault()));
    }

    /** The use cases of a vault for the HTTP edge, without a gateway. */
    public static WebUseCases partsOf(VaultInstance vault) {
        return partsOf(vault, List::of, Optional.empty());
    }

    private static WebUseCases partsOf(
            VaultInstance vault, Supplier<List<GatewayAccount>> gatewayAccounts, Optional<ServerTls> gatewayTls) {
        return new WebUseCases(
                vault.access(),
                vault.log(),
                vault.patrons(),
                vault.privacy(),
                vault.keyStatus(),
                vault.rotations(),
                vault.seal(),
                vault.slots(),
                vault.destruction(),
                vault.alerts(),
                vault.witnesses(),
                vault.doctor().doctor(),
                vault.verification(),
                gatewayAccounts,
                new StoreGauges(vault.store(), Clock.systemUTC()),
                vault.store()::weakness,
                gatewayTls);
    }

    /** The HTTP port. */
    public int port() {
        return web.port();
    }

    public Optional<Sip2Gateway> gateway() {
        return gateway;
    }

    public WebServer web() {
        return web;
    }

    @Override
    public void close() {
        try {
            care.close();
            gateway.ifPresent(Sip2Gateway::close);
            web.close();
        } finally {
            vault.close();
        }
    }

    /**
     * The timely renewal of a home's own certificate, and the reload of changed files by the listeners, until closed.
     */
    private static final class TlsRenewal implements AutoCloseable {
        private static final Logger LOG = LoggerFactory.getLogger(TlsRenewal.class);
        private static final int EVERY_SECONDS = 20;

        private final ScheduledExecutorService turns = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "vault-tls");
            thread.setDaemon(true);
            return thread;
        });

        /** Starts the renewal. A service without TLS needs none. */
        private static TlsRenewal begin(TlsFiles own, List<ServerTls> used) {
            TlsRenewal care = new TlsRenewal();
            if (!used.isEmpty()) {
                care.every(new OutcomeLog("the vault's certificate is renewed", own::renewIfDue));
                used.forEach(one ->
                        care.every(new OutcomeLog("a certificate has changed, and is used from now on", one::follow)));
            }
            return care;
        }

        private void every(OutcomeLog turn) {
            Future<?> unused =
                    turns.scheduleWithFixedDelay(new GuardedRunnable(turn), 0, EVERY_SECONDS, TimeUnit.SECONDS);
        }

        /** Logs each success, and a lasting failure once. */
        private static final class OutcomeLog implements Runnable {
            private final String done;
            private final BooleanSupplier turn;
            private String refused = "";

            private OutcomeLog(String done, BooleanSupplier turn) {
                this.done = done;
                this.turn = turn;
            }

            @Override
            public void run() {
                String now = "";
                try {
                    if (turn.getAsBoolean()) {
                        LOG.info(done);
                    }
                } catch (Refused e) {
                    now = e.getMessage();
                }
                if (!now.isEmpty() && !now.equals(refused)) {
                    LOG.warn("{} What is used is used on.", now);
                }
                refused = now;
            }
        }

        @Override
        public void close() {
            turns.shutdownNow();
        }
    }
}
