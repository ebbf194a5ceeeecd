package org.patronvault.web;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.router.Endpoint;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.patronvault.access.Alerts;
import org.patronvault.audit.Witnesses;
import org.patronvault.custody.SealControl;
import org.patronvault.model.Alert;

/** Counts and times for an operator: no name, no id, no path but the route's pattern. */
final class Metrics {
    private static final String STARTED = "vault.started";
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5)
    };

    /** What is counted together; there are as many as routes and statuses. */
    private record Answered(String method, String route, int status) {}

    private final Map<Answered, Timer> timers = new ConcurrentHashMap<>();
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    Metrics(WebParts parts, WebSettings settings) {
        Alerts alerts = parts.alerts();
        Witnesses witnesses = parts.witnesses();
        SealControl seal = parts.seal();
        Gauge.builder("vault_sealed", seal, s -> s.isSealed() ? 1 : 0)
                .description("1 while the vault is sealed")
                .register(registry);
        Gauge.builder("vault_backup_age_seconds", parts, of -> of.backupAge().getAsDouble())
                .description("Age of the newest proved backup; NaN while there is none")
                .register(registry);
        FunctionCounter.builder("vault_unseal_refused", seal, SealControl::refusedTries)
                .description("Tries to unseal that were refused, since the process started")
                .register(registry);
        settings.tls()
                .ifPresent(tls -> Gauge.builder(
                                "vault_tls_not_after_seconds",
                                tls,
                                used -> used.end().getEpochSecond())
                        .description("End of the certificate that is used, in seconds since 1970")
                        .register(registry));
        for (Alert kind : Alert.values()) {
            FunctionCounter.builder("vault_alerts", alerts, a -> a.count(kind))
                    .description("Alerts by kind, since the process started")
                    .tag("kind", kind.slug())
                    .register(registry);
        }
        for (Alerts.Deliveries deliveries : alerts.deliveries()) {
            FunctionCounter.builder(
                            "vault_alert_messages", deliveries, d -> d.count().getAsLong())
                    .description("Messages to the receivers of alerts: delivered, failed, or dropped for want of room")
                    .tag("receiver", deliveries.receiver())
                    .tag("end", deliveries.end())
                    .register(registry);
        }
        for (int i = 0; i < witnesses.states().size(); i++) {
            behind(witnesses, i, "vault_log_witness_behind_seconds", Witnesses.State::behindSeconds);
            behind(witnesses, i, "vault_log_witness_behind_entries", Witnesses.State::behindEntries);
        }
    }

    private void behind(Witnesses witnesses, int which, String name, ToLongFunction<Witnesses.State> what) {
        Gauge.builder(name, witnesses, all -> what.applyAsLong(all.states().get(which)))
                .description("What a witness has not signed yet, by age of the oldest and by number; 0 if nothing")
                .tag("witness", witnesses.states().get(which).name())
                .register(registry);
    }

    void begin(Context ctx) {
        ctx.attribute(STARTED, System.nanoTime());
    }

    void end(Context ctx) {
        Long started = ctx.attribute(STARTED);
        if (started == null) {
            return;
        }
        timers.computeIfAbsent(new Answered(method(ctx), route(ctx), ctx.statusCode()), this::timer)
                .record(System.nanoTime() - started, TimeUnit.NANOSECONDS);
    }

    private Timer timer(Answered answered) {
        return Timer.builder("vault_http")
                .description("HTTP answers by route and status")
                .serviceLevelObjectives(BUCKETS)
                .tag("method", answered.method())
                .tag("route", answered.route())
                .tag("status", Integer.toString(answered.status()))
                .register(registry);
    }

    /** One of those there are, never a word of the caller's: that could be a name, and another each time. */
    private static String method(Context ctx) {
        return HandlerType.commonHttp().contains(ctx.method()) ? ctx.method().name() : "other";
    }

    /** The pattern, never the path; what matches no route is one and the same. */
    private static String route(Context ctx) {
        Endpoint endpoint = ctx.endpoints().lastHttpEndpoint();
        return endpoint == null ? "none" : endpoint.path;
    }

    String text() {
        return registry.scrape();
    }
}
