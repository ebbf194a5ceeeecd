package org.patronvault.web.http;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.router.Endpoint;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmGarbageCollectorMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMemoryMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmThreadsMetrics;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.patronvault.core.model.Problem;

/**
 * Request counts and times for an operator (metrics.md). No name and no ID is in them, and route patterns stand for
 * paths.
 */
public final class Metrics {
    private static final String REFUSED = "vault.refused";

    /** Requests about cases, which are not counted: a court may forbid saying that a case exists. */
    private static final Pattern CASES =
            Pattern.compile("/v1/(disclosures|designations)(/.*)?|.*/permissions(/.*)?|/(cases|officer)(/.*)?");

    /** In seconds: what the desk notices, and the budgets for answers. */
    private static final double[] BUCKETS = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5};

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Histogram answers = Histogram.builder()
            .name("vault_http_request_duration_seconds")
            .help("Time until an answer was made, by method, route and class of status")
            .unit(Unit.SECONDS)
            .labelNames("method", "route", "status")
            .classicUpperBounds(BUCKETS)
            .classicOnly()
            .withoutExemplars()
            .register(registry);
    private final Counter refusals = Counter.builder()
            .name("vault_http_refusals_total")
            .help("Answers that refuse something, by type of problem")
            .labelNames("type")
            .withoutExemplars()
            .register(registry);
    private final VaultMetrics vault;
    private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();
    private final ExpositionFormatWriter text = PrometheusTextFormatWriter.create();

    public Metrics(WebUseCases parts, WebSettings settings) {
        this.vault = new VaultMetrics(registry, parts, settings);
        JvmMemoryMetrics.builder().register(registry);
        JvmThreadsMetrics.builder().register(registry);
        JvmGarbageCollectorMetrics.builder().register(registry);
        ProcessMetrics.builder().register(registry);
    }

    /** Counts this answer as a refusal. */
    public static void refused(Context ctx, Problem problem) {
        ctx.attribute(REFUSED, problem);
    }

    /** Whether an answer belongs to a case, and so is not reported. */
    static boolean isOfCase(String path) {
        return CASES.matcher(path).matches();
    }

    /** Counts an answer and the nanoseconds it took. */
    void answered(RequestTracing.Report answer, long nanos) {
        answers.labelValues(answer.method(), answer.route(), answer.status() / 100 + "xx")
                .observe(nanos / (double) TimeUnit.SECONDS.toNanos(1));
        answer.problem()
                .ifPresent(problem -> refusals.labelValues(problem.slug()).inc());
    }

    /** Returns what Javalin's answer refuses. */
    static Optional<Problem> problem(Context ctx) {
        return Optional.ofNullable(ctx.attribute(REFUSED));
    }

    /** Returns a known method name, never the caller's text: it could be a name, or a new one each time. */
    static String method(Context ctx) {
        return HandlerType.commonHttp().contains(ctx.method()) ? ctx.method().name() : "other";
    }

    /** Returns the route's pattern, never the path. All unmatched paths share one value. */
    static String route(Context ctx) {
        Endpoint endpoint = ctx.endpoints().lastHttpEndpoint();
        return endpoint == null ? "none" : endpoint.path;
    }

    /** Answers with all metrics, as OpenMetrics if requested, otherwise in the text format of Prometheus. */
    public void answer(Context ctx) {
        answer(ctx, vault.scrape(registry));
    }

    /** Answers that the vault is sealed, with no counts. */
    public void answerThatItIsSealed(Context ctx) {
        answer(ctx, registry.scrape(VaultMetrics::isToldSealedToAnybody));
    }

    private void answer(Context ctx, MetricSnapshots told) {
        ExpositionFormatWriter writer = openMetrics.accepts(ctx.header("Accept")) ? openMetrics : text;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            writer.write(out, told, EscapingScheme.DEFAULT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ctx.result(out.toByteArray());
        ctx.contentType(writer.getContentType());
    }
}
