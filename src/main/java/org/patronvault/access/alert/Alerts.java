package org.patronvault.access.alert;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.patronvault.access.Access;
import org.patronvault.core.dual.RefusedRowAlerts;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.Alert;

/**
 * The consumer of alerts once they are in the log. It counts them by kind and delivers them to the receivers in
 * {@code vault.yaml} (alerts.md). Neither the log nor a request waits for a receiver. Thread-safe.
 */
public final class Alerts implements AutoCloseable {

    /**
     * The number of messages with one outcome.
     *
     * @param arrived whether this is the desired outcome
     */
    public record Deliveries(String receiver, String end, boolean arrived, LongSupplier count) {}

    private final Map<Alert, LongAdder> counts = new EnumMap<>(Alert.class);
    private final List<AlertDelivery> deliveries = new ArrayList<>();
    private final RefusedRowAlerts rows;

    /** Starts to listen to that log and those rules. */
    public Alerts(AuditLog log, Access access, AlertSettings settings, String vaultId) {
        this(log, access, settings, vaultId, System::nanoTime, AlertDelivery.PAUSES);
    }

    /** Starts to listen, with another monotonic clock, in nanoseconds, and other pauses between tries. */
    Alerts(
            AuditLog log,
            Access access,
            AlertSettings settings,
            String vaultId,
            LongSupplier nanoTime,
            List<Duration> pauses) {
        for (Alert alert : Alert.values()) {
            counts.put(alert, new LongAdder());
        }
        settings.webhook()
                .ifPresent(url -> deliveries.add(new AlertDelivery(
                        new AlertReceiver.Webhook(url, settings.tokenFile()), vaultId, nanoTime, pauses)));
        if (!settings.command().isEmpty()) {
            AlertReceiver command = new AlertReceiver.Command(settings.command(), settings.directory());
            deliveries.add(new AlertDelivery(command, vaultId, nanoTime, pauses));
        }
        this.rows = new RefusedRowAlerts(log, nanoTime);
        log.onAlert(this::take);
        access.authority().onRefused(rows::one);
    }

    private void take(LogReader.Entry alert) {
        deliveries.forEach(delivery -> delivery.take(alert));
        // An alert that is counted will also be delivered.
        alert.event()
                .about()
                .flatMap(Alert::ofSlug)
                .ifPresent(kind -> counts.get(kind).add(alert.event().count().orElse(1)));
    }

    /** Returns how many alerts of that kind there were since this process started. */
    public long count(Alert kind) {
        return counts.get(kind).sum();
    }

    /** Returns the outcomes of the messages, by receiver. */
    public List<Deliveries> deliveries() {
        List<Deliveries> all = new ArrayList<>();
        for (AlertDelivery delivery : deliveries) {
            for (AlertDelivery.Outcome end : AlertDelivery.Outcome.values()) {
                String name = end.name().toLowerCase(java.util.Locale.ROOT);
                all.add(new Deliveries(
                        delivery.receiver(), name, end == AlertDelivery.Outcome.DELIVERED, () -> delivery.count(end)));
            }
        }
        return all;
    }

    /**
     * Returns why the last message did not arrive, by receiver, without address or token. Only failing receivers are in
     * it.
     */
    public Map<String, String> faults() {
        Map<String, String> faults = new TreeMap<>();
        deliveries.forEach(one -> one.fault().ifPresent(why -> faults.put(one.receiver(), why)));
        return faults;
    }

    /** Writes the alerts that are still to be logged; call it before the log is closed. */
    public void settle() {
        rows.close();
    }

    /** Delivers the queued alerts, for a few seconds; call it after the log is closed. */
    @Override
    public void close() {
        deliveries.forEach(AlertDelivery::close);
    }
}
