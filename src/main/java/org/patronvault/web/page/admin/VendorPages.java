package org.patronvault.web.page.admin;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.Refused;
import org.patronvault.privacy.entitlement.CheckAnswer;
import org.patronvault.privacy.entitlement.GatewayAccount;
import org.patronvault.privacy.entitlement.Vendor;
import org.patronvault.privacy.entitlement.VendorCounts;
import org.patronvault.privacy.entitlement.Vendors;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.PageSession;
import org.patronvault.web.page.PageSession.Signed;
import org.patronvault.web.page.SessionCookie;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.desk.DeskPages;
import org.patronvault.web.page.log.DayChart;
import org.patronvault.web.page.log.LogPageView;

/** The pages under {@code /vendors}: each vendor's permissions, requests, answers and counts (P8). */
public final class VendorPages {
    public static final String PATH = "/vendors";

    private final Vendors vendors;
    private final Supplier<List<GatewayAccount>> gateway;
    private final PageSession session;
    private final DeskViews desk;

    public VendorPages(WebUseCases parts, WebSettings settings) {
        this.vendors = parts.privacy().vendors();
        this.gateway = parts.gateway();
        this.session = new PageSession(parts, new SessionCookie(settings));
        this.desk = new DeskViews(parts);
    }

    public void register(RoutesConfig routes) {
        routes.get(PATH, ctx -> answer(ctx, signed -> list(ctx, signed)));
        routes.get(PATH + "/{name}", ctx -> answer(ctx, signed -> one(ctx, signed)));
    }

    private void answer(Context ctx, Consumer<Signed> page) {
        session.answer(
                ctx, page, (signed, refused) -> list(ctx, signed, notice(signed.texts(), refused), Optional.empty()));
    }

    private static DeskView.Notice notice(Texts t, Refused refused) {
        return DeskView.Notice.refused(
                switch (refused.problem()) {
                    case NOT_ALLOWED -> t.say("vendors.not-allowed");
                    case NOT_FOUND -> t.say("vendors.no-such");
                    default -> refused.getMessage();
                });
    }

    private void list(Context ctx, Signed signed) {
        VendorView.All all = new VendorViews(signed.texts()).all(vendors.list(signed.caller(), AuditLog.newRequest()));
        list(ctx, signed, DeskView.Notice.NONE, Optional.of(all));
    }

    private void list(Context ctx, Signed signed, DeskView.Notice notice, Optional<VendorView.All> all) {
        DeskPages.page(ctx, "vendors.jte", Map.of("page", new VendorView.VendorList(staff(signed), notice, all)));
    }

    private void one(Context ctx, Signed signed) {
        String name = ctx.pathParam("name");
        Vendors.Result<Vendor> look = vendors.look(signed.caller(), name, AuditLog.newRequest());
        VendorView.VendorDetail one = new VendorViews(signed.texts())
                .one(
                        staff(signed),
                        look,
                        gateway.get().stream()
                                .filter(account -> account.client()
                                        .equals(look.seen().client().name())));
        DeskPages.page(ctx, "vendor.jte", Map.of("page", one));
    }

    private DeskView.Staff staff(Signed signed) {
        return desk.staff(signed.caller(), signed.token());
    }

    /** A builder of the vendors' views for one reader. */
    private static final class VendorViews {
        /** In the order of columns and colors. */
        private static final List<CheckAnswer> ANSWERS = List.of(CheckAnswer.values());

        private final Texts t;

        private VendorViews(Texts t) {
            this.t = t;
        }

        private VendorView.All all(Vendors.Result<List<Vendor>> look) {
            return new VendorView.All(
                    behind(look), look.seen().stream().map(this::row).toList());
        }

        private VendorView.VendorDetail one(
                DeskView.Staff staff, Vendors.Result<Vendor> look, Stream<GatewayAccount> accounts) {
            Vendor vendor = look.seen();
            SortedMap<LocalDate, List<Long>> columns = new TreeMap<>();
            List<VendorView.Line> days = new ArrayList<>();
            vendor.days().forEach((day, counts) -> {
                columns.put(day, parts(counts));
                days.add(line(t.day(day), counts));
            });
            Collections.reverse(days);
            List<VendorView.Line> services = new ArrayList<>();
            vendor.byService()
                    .forEach((name, counts) ->
                            services.add(line(name.isEmpty() ? t.say("vendors.unknown-service") : name, counts)));
            return new VendorView.VendorDetail(
                    staff,
                    row(vendor),
                    switch (vendor.state()) {
                        case ACTIVE -> "";
                        case EXPIRED -> t.say("vendors.over");
                        case REVOKED -> t.say("admin.clients.over");
                    },
                    vendor.client().grant().reference(),
                    vendor.client().grant().expires().map(t::day).orElseGet(() -> t.say("admin.clients.no-end")),
                    behind(look),
                    services(vendor),
                    DayChart.of(t, "vendors.asked-summary", columns),
                    series(vendor.sum()),
                    ANSWERS.stream().map(this::name).toList(),
                    services,
                    line(t.say("vendors.together"), vendor.sum()),
                    days,
                    accounts.map(this::account).toList());
        }

        private String behind(Vendors.Result<?> look) {
            return look.behind() == 0 ? "" : t.say("log.counting", look.behind());
        }

        private VendorView.Row row(Vendor vendor) {
            VendorCounts sum = vendor.sum();
            return new VendorView.Row(
                    vendor.client().name(),
                    switch (vendor.state()) {
                        case ACTIVE -> "";
                        case EXPIRED -> t.say("vendors.expired");
                        case REVOKED -> t.say("admin.clients.revoked");
                    },
                    List.copyOf(vendor.services().keySet()),
                    t.number(vendor.today().asked()),
                    t.number(sum.asked()),
                    sum.share().isPresent()
                            ? t.say("vendors.percent", sum.share().getAsDouble())
                            : t.say("vendors.none-answered"),
                    vendor.lastAsked().map(t::time).orElseGet(() -> t.say("vendors.not-asked")));
        }

        private static List<VendorView.Service> services(Vendor vendor) {
            List<VendorView.Service> services = new ArrayList<>();
            vendor.services()
                    .forEach((name, service) ->
                            services.add(new VendorView.Service(name, String.join("; ", service.words()) + ".")));
            return services;
        }

        private String name(CheckAnswer answer) {
            return t.say("vendors.answer." + answer.wireName());
        }

        private static List<Long> parts(VendorCounts counts) {
            return ANSWERS.stream().map(counts::of).toList();
        }

        /** The answers that occurred. */
        private List<LogPageView.Role> series(VendorCounts sum) {
            return IntStream.range(0, ANSWERS.size())
                    .filter(series -> sum.of(ANSWERS.get(series)) > 0)
                    .mapToObj(series -> new LogPageView.Role(name(ANSWERS.get(series)), series))
                    .toList();
        }

        private VendorView.Line line(String name, VendorCounts counts) {
            return new VendorView.Line(
                    name, parts(counts).stream().map(t::number).toList(), t.number(counts.asked()));
        }

        private VendorView.Account account(GatewayAccount account) {
            return new VendorView.Account(
                    account.login(),
                    account.service(),
                    t.say("vendors.connected", account.connections()),
                    account.lastHeard().map(t::time).orElseGet(() -> t.say("vendors.not-heard")),
                    t.number(account.refusedLogins()),
                    t.number(account.brokenMessages()));
        }
    }
}
