package org.patronvault.web.page.open;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Year;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.custody.slot.SealControl;
import org.patronvault.privacy.transparency.Transparency;
import org.patronvault.privacy.transparency.TransparencyReport;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.desk.DeskPages;

/** The public page {@code /transparency} and {@code GET /v1/transparency}: a year's figures for everybody (P4). */
public final class TransparencyPage {
    public static final String PAGE = "/transparency";
    public static final String API = "/v1/transparency";

    private static final Pattern YEAR = Pattern.compile("[0-9]{4}");
    private static final int WHOLE = 100;

    private final Transparency transparency;
    private final SealControl seal;

    public TransparencyPage(WebUseCases parts) {
        this.transparency = parts.privacy().transparency();
        this.seal = parts.seal();
    }

    public void register(RoutesConfig routes) {
        routes.get(API, this::json);
        routes.get(PAGE, ctx -> {
            if (RequestReader.prefers(ctx, "application/json", "text/html")) {
                json(ctx);
            } else {
                page(ctx);
            }
        });
    }

    private void json(Context ctx) {
        JsonResponses.write(ctx, report(ctx).json());
    }

    private TransparencyReport report(Context ctx) {
        if (seal.isSealed()) {
            throw new Refused(
                    Problem.SEALED, "The vault is sealed, and nothing can be shown now. Look again later.", 60);
        }
        return transparency.report(year(ctx));
    }

    private static Optional<Year> year(Context ctx) {
        return Optional.ofNullable(ctx.queryParam("year"))
                .filter(text -> !text.isEmpty())
                .map(text -> {
                    if (!YEAR.matcher(text).matches()) {
                        throw RequestReader.invalid("Name a year in four digits, such as 2026.");
                    }
                    return Year.of(Integer.parseInt(text));
                });
    }

    private void page(Context ctx) {
        TransparencyView view;
        try {
            view = view(Texts.of(ctx), report(ctx));
        } catch (Refused e) {
            DeskPages.mark(ctx, e);
            TransparencyView.Count none = new TransparencyView.Count("", false);
            view = new TransparencyView(
                    DeskView.Notice.refused(e.getMessage()),
                    "",
                    List.of(),
                    "",
                    "",
                    List.of(),
                    none,
                    none,
                    new TransparencyView.Requests(none, none, none),
                    "");
        }
        DeskPages.page(ctx, "transparency.jte", Map.of("transparency", view));
    }

    private static TransparencyView view(Texts t, TransparencyReport report) {
        String fewer = t.say("transparency.fewer", report.floor());
        String untold = t.say("statistics.not-told");
        long largest = report.months().stream()
                .mapToLong(month -> month.opened().orElse(0))
                .max()
                .orElse(0);
        return new TransparencyView(
                DeskView.Notice.NONE,
                report.year().toString(),
                report.years().stream()
                        .filter(year -> !year.equals(report.year()))
                        .map(Year::toString)
                        .toList(),
                fewer,
                report.policy(),
                report.months().stream()
                        .map(month -> new TransparencyView.Row(
                                t.month(month.month()),
                                count(t, month.opened(), fewer),
                                (int) (WHOLE * month.opened().orElse(0) / Math.max(1, largest)),
                                count(t, month.erased(), fewer)))
                        .toList(),
                count(t, report.opened(), untold),
                count(t, report.erased(), untold),
                new TransparencyView.Requests(
                        count(t, report.requests().received(), fewer),
                        count(t, report.requests().refused(), fewer),
                        count(t, report.requests().complied(), fewer)),
                report.checkpoint().orElse(""));
    }

    private static TransparencyView.Count count(Texts t, OptionalLong count, String otherwise) {
        return count.isPresent()
                ? new TransparencyView.Count(t.number(count.getAsLong()), true)
                : new TransparencyView.Count(otherwise, false);
    }
}
