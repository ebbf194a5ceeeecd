package org.patronvault.web.page.admin;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.Refused;
import org.patronvault.privacy.entitlement.GatewayAccount;
import org.patronvault.privacy.entitlement.Vendor;
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
}
