package org.patronvault.web.api;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.patronvault.core.log.AuditLog;
import org.patronvault.privacy.statistics.Statistics;
import org.patronvault.privacy.statistics.StatisticsDimension;
import org.patronvault.privacy.statistics.StatisticsTable;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestReader;

/** REST handler for {@code GET /v1/statistics} (P4). */
public final class StatisticsApi {
    private static final String CSV = "text/csv";

    private final Statistics statistics;
    private final RequestReader requests;

    public StatisticsApi(Statistics statistics, RequestReader requests) {
        this.statistics = statistics;
        this.requests = requests;
    }

    public void register(RoutesConfig routes) {
        routes.get("/v1/statistics", this::table);
    }

    private void table(Context ctx) {
        StatisticsTable table = statistics.table(requests.caller(ctx), () -> by(ctx), AuditLog.newRequest());
        if (RequestReader.prefers(ctx, CSV)) {
            ctx.header("Content-Disposition", "attachment; filename=\"statistics-" + table.day() + ".csv\"");
            ctx.result(table.csv().getBytes(StandardCharsets.UTF_8));
            ctx.contentType(CSV + "; charset=utf-8");
        } else {
            JsonResponses.write(ctx, table.json());
        }
    }

    /** Reads the dimensions: separated by commas, or one a parameter as a form sends them. */
    public static List<StatisticsDimension> by(Context ctx) {
        String text = String.join(",", ctx.queryParams("by"));
        if (text.isEmpty()) {
            return List.of();
        }
        return Arrays.stream(text.split(",", -1))
                .map(name -> StatisticsDimension.ofWireName(name)
                        .orElseThrow(() -> RequestReader.invalid("by names one or more of "
                                + Arrays.stream(StatisticsDimension.values())
                                        .map(StatisticsDimension::wireName)
                                        .collect(Collectors.joining(", "))
                                + ", with commas between.")))
                .toList();
    }
}
