package org.patronvault.web.http;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.patronvault.access.alert.Alerts;
import org.patronvault.core.log.AppendListener;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.Purpose;
import org.patronvault.custody.destroy.KeyStatus;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.log.witness.LogLag;
import org.patronvault.log.witness.Witnesses;

/** The metrics of the vault itself. While it is sealed, they reveal nothing it holds. */
final class VaultMetrics implements AppendListener {
    private static final double SECOND = TimeUnit.SECONDS.toNanos(1);

    /** A number below ten could be one person's act. The statistics have the same floor. */
    private static final long FLOOR = 10;

    private static final double[] WAITS = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2};
    private static final double[] SIZES = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};

    /** Metrics of the machine and the sealed vault. Acts of people before the seal are not reported. */
    private static final Set<String> TOLD_SEALED = Set.of(
            "jvm_",
            "process_",
            "vault_sealed",
            "vault_unseal",
            "vault_backup_age",
            "vault_disk_free",
            "vault_database",
            "vault_tls_not_after");

    /**
     * The kinds of acts that have a label. All others share one, and acts of cases are among them: a court may forbid
     * saying that a case exists. So the shared label must have other acts too, and no kind may be left out, since what
     * is missing in the sum could be counted.
     */
    private static final Set<ActKind> LABELLED = EnumSet.of(
            ActKind.SEARCH,
            ActKind.REVEAL,
            ActKind.VERIFY,
            ActKind.REGISTER,
            ActKind.CHANGE,
            ActKind.ENTITLEMENT,
            ActKind.SIGN_IN,
            ActKind.IMPORT,
            ActKind.REENCRYPT,
            ActKind.REINDEX);

    /** The role and purpose by which reveals are counted. */
    private record Opener(String role, String purpose) {}

    private final PrometheusRegistry registry;
    private final WebUseCases parts;
    private final Histogram waits;
    private final Histogram sizes;
    private final Histogram lanes;
    private final Summary decisions;
    private final Counter signInFailures;
    private final Map<Opener, LongAdder> reveals = new ConcurrentHashMap<>();
    private volatile long unsealedAt = System.nanoTime();
    private volatile Optional<LogLag> lag = Optional.empty();
    private volatile Optional<KeyStatus.RotationSummary> rotating = Optional.empty();

    VaultMetrics(PrometheusRegistry registry, WebUseCases parts, WebSettings settings) {
        this.registry = registry;
        this.parts = parts;
        this.waits = histogram("vault_log_append_seconds", "Time until an entry of the log was on disk", WAITS)
                .unit(Unit.SECONDS)
                .register(registry);
        this.sizes = histogram("vault_log_batch_acts", "Acts that were written to the log together", SIZES)
                .register(registry);
        this.lanes = histogram("vault_act_wait_seconds", "Time until an act was decided, by lane", WAITS)
                .unit(Unit.SECONDS)
                .labelNames("lane")
                .register(registry);
        this.decisions = Summary.builder()
                .name("vault_act_decide_seconds")
                .help("Time that the decision of an act took, by kind of act")
                .unit(Unit.SECONDS)
                .labelNames("act")
                .withoutExemplars()
                .register(registry);
        gauge(
                        "vault_answers_behind",
                        "Acts on disk whose answers are not made yet",
                        () -> parts.log().answersBehind())
                .register(registry);
        this.signInFailures = Counter.builder()
                .name("vault_sign_in_failures_total")
                .help("Sign-ins that failed, wherever they were tried")
                .withoutExemplars()
                .register(registry);
        openers();
        seal(settings);
        log();
        rotations();
        storage();
        alerts();
        parts.log().watch(this);
    }

    private static Histogram.Builder histogram(String name, String help, double... bounds) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .classicUpperBounds(bounds)
                .classicOnly()
                .withoutExemplars();
    }

    private static GaugeWithCallback.Builder gauge(String name, String help, DoubleSupplier value) {
        return GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(value.getAsDouble()));
    }

    /** Returns all metrics, from one read of the database. */
    synchronized MetricSnapshots scrape(PrometheusRegistry all) {
        boolean sealed = parts.seal().isSealed();
        lag = sealed ? Optional.empty() : LogLag.of(parts.log());
        rotating = sealed ? Optional.empty() : parts.keys().rotating();
        return sealed ? all.scrape(VaultMetrics::isToldSealed) : all.scrape();
    }

    private static boolean isToldSealed(String name) {
        return TOLD_SEALED.stream().anyMatch(name::startsWith);
    }

    /** Whether a sealed vault reports this metric to a caller whose key it cannot check. */
    static boolean isToldSealedToAnybody(String name) {
        return name.equals("vault_sealed");
    }

    private void openers() {
        CounterWithCallback.builder()
                .name("vault_reveals_total")
                .help("Entries by which somebody was shown something of a patron, in whole tens, by role and purpose")
                .labelNames("role", "purpose")
                .callback(callback -> reveals.forEach((opener, count) -> {
                    long tens = count.sum() / FLOOR * FLOOR;
                    if (tens > 0) {
                        callback.call((double) tens, opener.role(), opener.purpose());
                    }
                }))
                .register(registry);
    }

    private void seal(WebSettings settings) {
        gauge("vault_sealed", "1 while the vault is sealed", () -> parts.seal().isSealed() ? 1 : 0)
                .register(registry);
        gauge(
                        "vault_unsealed_seconds",
                        "Time since it was unsealed, as far as this process knows; 0 while sealed",
                        () -> parts.seal().isSealed() ? 0 : (System.nanoTime() - unsealedAt) / SECOND)
                .unit(Unit.SECONDS)
                .register(registry);
        CounterWithCallback.builder()
                .name("vault_unseal_refused_total")
                .help("Tries to unseal that were refused")
                .callback(callback -> callback.call((double) parts.seal().refusedTries()))
                .register(registry);
        List<ServerTls> used = Stream.concat(settings.tls().stream(), parts.gatewayTls().stream())
                .toList();
        if (!used.isEmpty()) {
            gauge(
                            "vault_tls_not_after_seconds",
                            "End of the certificate in use that ends first, in seconds since 1970",
                            () -> used.stream()
                                    .mapToLong(tls -> tls.end().getEpochSecond())
                                    .min()
                                    .getAsLong())
                    .unit(Unit.SECONDS)
                    .register(registry);
        }
    }

    private void log() {
        fromLag("vault_log_entries", "Entries of the log; NaN while sealed", LogLag::entries)
                .register(registry);
        fromLag(
                        "vault_log_unsigned_entries",
                        "Entries that no checkpoint covers yet; NaN while sealed",
                        LogLag::unsigned)
                .register(registry);
        fromLag(
                        "vault_log_unsigned_age_seconds",
                        "Age of the oldest entry that no checkpoint covers; 0 if there is none, NaN while sealed",
                        of -> of.oldestUnsigned().map(VaultMetrics::age).orElse(0.0))
                .unit(Unit.SECONDS)
                .register(registry);
        fromLag(
                        "vault_log_checkpoint_age_seconds",
                        "Age of the newest entry that a checkpoint covers; NaN while sealed",
                        of -> of.newestSigned().map(VaultMetrics::age).orElse(Double.NaN))
                .unit(Unit.SECONDS)
                .register(registry);
        Witnesses witnesses = parts.witnesses();
        behind(
                witnesses,
                "vault_log_witness_behind_seconds",
                "Since when a witness has not signed all; 0 if it has",
                Witnesses.State::behindSeconds);
        behind(
                witnesses,
                "vault_log_witness_behind_entries",
                "Entries that a witness has not signed",
                Witnesses.State::behindEntries);
    }

    private GaugeWithCallback.Builder fromLag(String name, String help, ToDoubleFunction<LogLag> what) {
        return gauge(name, help, () -> lag.map(what::applyAsDouble).orElse(Double.NaN));
    }

    private static double age(Instant since) {
        return Math.max(0, Duration.between(since, Instant.now()).toMillis() / 1_000.0);
    }

    private void behind(Witnesses witnesses, String name, String help, ToLongFunction<Witnesses.State> what) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames("witness")
                .callback(callback -> witnesses
                        .states()
                        .forEach(state -> callback.call((double) what.applyAsLong(state), state.name())))
                .register(registry);
    }

    private void rotations() {
        fromRotating("vault_rotations_running", "Pieces of work on keys that are under way; NaN while sealed", all ->
                (double) all.running().size());
        fromRotating(
                "vault_rotations_failed",
                "Keys whose newest rotation ended without having moved everything; NaN while sealed",
                all -> (double) all.failed());
        fromRotating(
                "vault_rotation_done_values",
                "Values that those under way have moved; NaN while sealed",
                all -> sum(all, Operation::done));
        fromRotating(
                "vault_rotation_left_values",
                "Values that those under way have still to move; NaN while sealed",
                all -> sum(all, one -> Math.max(0, one.total() - one.done())));
        GaugeWithCallback.builder()
                .name("vault_key_made_timestamp_seconds")
                .help("When the newest version of each key was made, in seconds since 1970; none while sealed")
                .unit(Unit.SECONDS)
                .labelNames("key")
                .callback(callback -> rotating.map(KeyStatus.RotationSummary::made)
                        .orElse(Map.of())
                        .forEach((key, made) -> callback.call((double) made.getEpochSecond(), key)))
                .register(registry);
    }

    private void fromRotating(String name, String help, Function<KeyStatus.RotationSummary, Double> what) {
        gauge(name, help, () -> rotating.map(what).orElse(Double.NaN)).register(registry);
    }

    private static double sum(KeyStatus.RotationSummary all, ToLongFunction<Operation> what) {
        return all.running().stream().mapToLong(what).sum();
    }

    private void storage() {
        gauge(
                        "vault_backup_age_seconds",
                        "Age of the newest proved backup; NaN while there is none",
                        () -> parts.storeGauges().backupAgeSeconds())
                .unit(Unit.SECONDS)
                .register(registry);
        gauge(
                        "vault_disk_free_bytes",
                        "Free on the disk of the home, or of the database's file if there is less",
                        () -> parts.doctor().freeBytes())
                .unit(Unit.BYTES)
                .register(registry);
        parts.storeGauges().fileBytes().ifPresent(isFile -> {
            gauge(
                            "vault_database_size_bytes",
                            "Size of the database's file",
                            () -> parts.storeGauges().fileBytes().orElse(0))
                    .unit(Unit.BYTES)
                    .register(registry);
            gauge(
                            "vault_database_wal_bytes",
                            "Size of the write-ahead log beside it",
                            () -> parts.storeGauges().writeAheadBytes().orElse(0))
                    .unit(Unit.BYTES)
                    .register(registry);
        });
        gauge(
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

    private void alerts() {
        Alerts alerts = parts.alerts();
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

    @Override
    public void transaction(int acts) {
        sizes.observe(acts);
    }

    @Override
    public void act(Timing timing) {
        waits.observe(timing.all() / SECOND);
        lanes.labelValues(timing.lane().name().toLowerCase(Locale.ROOT)).observe(timing.waited() / SECOND);
        decisions.labelValues(label(timing.attempt())).observe(timing.decided() / SECOND);
    }

    /** Returns the label of an act. */
    static String label(AccessEvent attempt) {
        boolean isOfCase = attempt.inCase().isPresent()
                || attempt.purpose().filter(Purpose.DISCLOSURE::equals).isPresent();
        return LABELLED.contains(attempt.act()) && !isOfCase ? attempt.act().wireName() : "other";
    }

    @Override
    public void entry(AccessEvent event) {
        if (event.act() == ActKind.SIGN_IN && event.outcome() == Outcome.FAILED) {
            signInFailures.inc(event.count().orElse(1));
        } else if (event.act() == ActKind.UNSEAL && event.outcome() == Outcome.KEY) {
            unsealedAt = System.nanoTime();
        } else if (event.outcome() == Outcome.DISCLOSED && event.actor().kind() != Actor.Kind.VAULT) {
            // The existence of a case stays unreported.
            event.purpose()
                    .filter(purpose -> !purpose.equals(Purpose.DISCLOSURE))
                    .ifPresent(purpose -> reveals.computeIfAbsent(
                                    new Opener(event.actor().role(), purpose.name()), any -> new LongAdder())
                            .increment());
        }
    }
}
