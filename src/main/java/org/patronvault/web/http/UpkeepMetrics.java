package org.patronvault.web.http;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.stream.Stream;
import org.patronvault.access.alert.Alerts;
import org.patronvault.core.model.Alert;

/** Metrics for the operator of the machine: backups, disk, database, and delivery of alerts. */
final class UpkeepMetrics {
    private UpkeepMetrics() {}

    static void register(PrometheusRegistry registry, WebUseCases parts) {
        storage(registry, parts);
        alerts(registry, parts.alerts());
    }

    private static void storage(PrometheusRegistry registry, WebUseCases parts) {
        VaultMetrics.gauge(
                        "vault_backup_age_seconds",
                        "Age of the newest proved backup; NaN while there is none",
                        () -> parts.storeGauges().backupAgeSeconds())
                .unit(Unit.SECONDS)
                .register(registry);
        VaultMetrics.gauge(
                        "vault_disk_free_bytes",
                        "Free on the disk of the home, or of the database's file if there is less",
                        () -> parts.doctor().freeBytes())
                .unit(Unit.BYTES)
                .register(registry);
        parts.storeGauges().fileBytes().ifPresent(isFile -> {
            VaultMetrics.gauge(
                            "vault_database_size_bytes",
                            "Size of the database's file",
                            () -> parts.storeGauges().fileBytes().orElse(0))
                    .unit(Unit.BYTES)
                    .register(registry);
            VaultMetrics.gauge(
                            "vault_database_wal_bytes",
                            "Size of the write-ahead log beside it",
                            () -> parts.storeGauges().writeAheadBytes().orElse(0))
                    .unit(Unit.BYTES)
                    .register(registry);
        });
        VaultMetrics.gauge(
                        "vault_database_weak",
                        "1 while the database is set weaker than promised, so that nothing is written",
                        () -> parts.weakness().get().isPresent() ? 1 : 0)
                .register(registry);
        CounterWithCallback.builder()
                .name("vault_database_failures_total")
                .help("Failures of the database, by kind")
                .labelNames("kind")
                .callback(callback ->
                        parts.storeGauges().failures().forEach((kind, count) -> callback.call((double) count, kind)))
                .register(registry);
    }

    private static void alerts(PrometheusRegistry registry, Alerts alerts) {
        CounterWithCallback.builder()
                .name("vault_alerts_total")
                .help("Alerts, by kind")
                .labelNames("kind")
                .callback(callback -> Stream.of(Alert.values())
                        .filter(kind -> !kind.isOfCase())
                        .forEach(kind -> callback.call((double) alerts.count(kind), kind.slug())))
                .register(registry);
        CounterWithCallback.builder()
                .name("vault_alert_messages_total")
                .help("Messages about alerts that did not arrive: failed, or dropped for want of room")
                .labelNames("receiver", "end")
                .callback(callback -> alerts.deliveries().stream()
                        .filter(one -> !one.arrived())
                        .forEach(one -> callback.call((double) one.count().getAsLong(), one.receiver(), one.end())))
                .register(registry);
    }
}
