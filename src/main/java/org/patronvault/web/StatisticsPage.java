package org.patronvault.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.patronvault.audit.AuditLog;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.privacy.Dimension;
import org.patronvault.privacy.Statistics;
import org.patronvault.privacy.StatisticsTable;

/** {@code /statistics}: how many patrons there are, as a table with bars (P4). What is counted by names nobody, so it is in the address. */
final class StatisticsPage {
    private static final int WHOLE = 100;

    private final Statistics statistics;
    private final PageSession session;
    private final DeskViews desk;

    StatisticsPage(WebParts parts, WebSettings settings) {
        this.statistics = parts.privacy().statistics();
        this.session = new PageSession(parts, new SessionCookie(settings));
        this.desk = new DeskViews(parts);
    }

    void register(RoutesConfig routes) {
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
                (signed, refused) -> show(ctx, signed, notice(refused), Optional.empty()));
    }

    private static DeskView.Notice notice(Refused refused) {
        return DeskView.Notice.refused(
                refused.problem() == Problem.NOT_ALLOWED
                        ? "The policy does not let this role count patrons."
                        : refused.getMessage());
    }

    private void show(Context ctx, PageSession.Signed signed, DeskView.Notice notice, Optional<StatisticsTable> table) {
        List<Dimension> by = table.map(StatisticsTable::by).orElse(List.of());
        StatisticsView view = new StatisticsView(
                desk.staff(signed.caller(), signed.token()),
                notice,
                Arrays.stream(Dimension.values())
                        .map(one -> new DeskView.Choice(one.wireName(), label(one), by.contains(one)))
                        .toList(),
                by.stream().map(StatisticsPage::label).toList(),
                by.stream().map(Dimension::wireName).collect(Collectors.joining(",")),
                table.map(one -> one.day().toString()).orElse(""),
                table.map(StatisticsTable::floor).orElse(0),
                table.map(StatisticsPage::rows).orElse(List.of()));
        DeskPages.page(ctx, "statistics.jte", Map.of("statistics", view));
    }

    private static List<StatisticsView.Row> rows(StatisticsTable table) {
        long largest = table.cells().stream()
                .mapToLong(cell -> cell.count().orElse(0))
                .max()
                .orElse(0);
        return table.cells().stream()
                .map(cell -> new StatisticsView.Row(
                        cell.values(),
                        cell.count().isPresent()
                                ? String.format("%,d", cell.count().getAsLong())
                                : "not told",
                        (int) (WHOLE * cell.count().orElse(0) / Math.max(1, largest)),
                        cell.count().isPresent()))
                .toList();
    }

    private static String label(Dimension dimension) {
        return switch (dimension) {
            case LIBRARY -> "Library";
            case CATEGORY -> "Category";
            case STATUS -> "Status";
            case MONTH -> "Month of registration";
        };
    }
}
