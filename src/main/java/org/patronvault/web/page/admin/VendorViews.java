package org.patronvault.web.page.admin;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.patronvault.privacy.entitlement.CheckAnswer;
import org.patronvault.privacy.entitlement.GatewayAccount;
import org.patronvault.privacy.entitlement.Vendor;
import org.patronvault.privacy.entitlement.VendorCounts;
import org.patronvault.privacy.entitlement.Vendors;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.log.DayChart;
import org.patronvault.web.page.log.LogPageView;

/** A builder of the vendors' views for one reader. */
final class VendorViews {
    /** In the order of columns and colors. */
    private static final List<CheckAnswer> ANSWERS = List.of(CheckAnswer.values());

    private final Texts t;

    VendorViews(Texts t) {
        this.t = t;
    }

    VendorView.All all(Vendors.Result<List<Vendor>> look) {
        return new VendorView.All(
                behind(look), look.seen().stream().map(this::row).toList());
    }

    VendorView.VendorDetail one(DeskView.Staff staff, Vendors.Result<Vendor> look, Stream<GatewayAccount> accounts) {
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
        return new VendorView.Line(name, parts(counts).stream().map(t::number).toList(), t.number(counts.asked()));
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
