package org.patronvault.app;

import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.patronvault.core.log.GuardedRunnable;
import org.patronvault.core.model.Refused;
import org.patronvault.web.http.ServerTls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The timely renewal of a home's own certificate, and the reload of changed files by the listeners, until closed. */
final class TlsRenewal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TlsRenewal.class);
    private static final int EVERY_SECONDS = 20;

    private final ScheduledExecutorService turns = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "vault-tls");
        thread.setDaemon(true);
        return thread;
    });

    /** Starts the renewal. A service without TLS needs none. */
    static TlsRenewal begin(TlsFiles own, List<ServerTls> used) {
        TlsRenewal care = new TlsRenewal();
        if (!used.isEmpty()) {
            care.every(new OutcomeLog("the vault's certificate is renewed", own::renewIfDue));
            used.forEach(one ->
                    care.every(new OutcomeLog("a certificate has changed, and is used from now on", one::follow)));
        }
        return care;
    }

    private void every(OutcomeLog turn) {
        Future<?> unused = turns.scheduleWithFixedDelay(new GuardedRunnable(turn), 0, EVERY_SECONDS, TimeUnit.SECONDS);
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
