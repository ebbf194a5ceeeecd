package org.patronvault.web.page.admin;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.YearMonth;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.privacy.statistics.Statistics;
import org.patronvault.privacy.statistics.StatisticsDimension;
import org.patronvault.privacy.statistics.StatisticsTable;
import org.patronvault.web.api.StatisticsApi;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.PageSession;
import org.patronvault.web.page.SessionCookie;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.desk.DeskPages;

/**
 * The page {@code /statistics}: patron counts as a table with bars (P4). The dimensions name no patron, so they are in
 * the address.
 */
public final class StatisticsPage {
    private static final int WHOLE = 100;

    private final Statistics statistics;
    private final PageSession session;
    private final DeskViews desk;

    public StatisticsPage(WebUseCases parts, WebSettings settings) {
        this.statistics = parts.privacy().statistics();
        this.session = new PageSession(parts, new SessionCookie(settings));
        this.desk = new DeskViews(parts);
    }

    public void register(RoutesConfig routes) {
        routes.get("/statistics", this::page);
    }

    private void page(Context ctx) {
        session.answer(
                ctx,
                signed -> show(
                        ctx,
                        signed,
                        DeskView.Notice.NONE,
                        Optional.of(
                                statistics.table(signed.caller(), () -> StatisticsApi.by(ctx), AuditLog.newRequest()))),
                (signed, refused) -> show(ctx, signed, notice(signed.texts(), refused), Optional.empty()));
    }

    private static DeskView.Notice notice(Texts t, Refused refused) {
        return DeskView.Notice.refused(
                refused.problem() == Problem.NOT_ALLOWED ? t.say("statistics.not-allowed") : refused.getMessage());
    }

    private void show(Context ctx, PageSession.Signed signed, DeskView.Notice notice, Optional<StatisticsTable> table) {
        Texts t = signed.texts();
        List<StatisticsDimension> by = table.map(StatisticsTable::by).orElse(List.of());
        StatisticsView view = new StatisticsView(
                desk.staff(signed.caller(), signed.token()),
                notice,
                Arrays.stream(StatisticsDimension.values())
                        .map(one -> new DeskView.Choice(one.wireName(), label(t, one), by.contains(one)))
                        .toList(),
                by.stream().map(one -> label(t, one)).toList(),
                by.stream().map(StatisticsDimension::wireName).collect(Collectors.joining(",")),
                table.map(one -> t.day(one.day())).orElse(""),
                table.map(StatisticsTable::floor).orElse(0),
                table.map(one -> rows(t, one)).orElse(List.of()));
        DeskPages.page(ctx, "statistics.jte", Map.of("statistics", view));
    }

    private static List<StatisticsView.Row> rows(Texts t, StatisticsTable table) {
        long largest = table.cells().stream()
                .mapToLong(cell -> cell.count().orElse(0))
                .max()
                .orElse(0);
        return table.cells().stream()
                .map(cell -> new StatisticsView.Row(
                        said(t, table.by(), cell.values()),
                        cell.count().isPresent() ? t.number(cell.count().getAsLong()) : t.say("statistics.not-told"),
                        (int) (WHOLE * cell.count().orElse(0) / Math.max(1, largest)),
                        cell.count().isPresent()))
                .toList();
    }

    private static List<String> said(Texts t, List<StatisticsDimension> by, List<String> values) {
        return IntStream.range(0, values.size())
                .mapToObj(i -> said(t, by.get(i), values.get(i)))
                .toList();
    }

    private static String said(Texts t, StatisticsDimension dimension, String value) {
        return switch (dimension) {
            case LIBRARY -> value;
            case CATEGORY -> t.say("category." + value);
            case STATUS -> t.say("status." + value);
            case MONTH -> t.month(YearMonth.parse(value));
        };
    }

    private static String label(Texts t, StatisticsDimension dimension) {
        return t.say("statistics.by." + dimension.wireName());
    }
}
