package org.patronvault.web.page.custody;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.UnsealProgress;
import org.patronvault.custody.slot.SealControl;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.HtmxRequest;
import org.patronvault.web.page.SessionCookie;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.desk.DeskPages;

/**
 * The page {@code /unseal}, where holders enter their shares, each at any desk, or a passphrase. It needs no session,
 * because a sealed vault has none, and shows no input again. A share from another browser appears automatically.
 */
public final class UnsealPage {
    static final String PATH = "/unseal";

    private final SealControl seal;
    private final RequestReader requests;
    private final SessionCookie cookie;

    public UnsealPage(WebUseCases parts, RequestReader requests, WebSettings settings) {
        this.seal = parts.seal();
        this.requests = requests;
        this.cookie = new SessionCookie(settings);
    }

    public void register(RoutesConfig routes) {
        routes.get(PATH, ctx -> show(ctx, DeskView.Notice.NONE));
        routes.post(PATH, this::offer);
        routes.get(PATH + "/progress", this::progress);
    }

    private void show(Context ctx, DeskView.Notice notice) {
        UnsealProgress now = seal.progress();
        DeskPages.page(
                ctx,
                "unseal.jte",
                Map.of("notice", notice, "now", now, "passphrase", now.sealed() && seal.opensByPassphrase()));
    }

    /** Answers a page that knew of some shares: nothing if there is no change, another page if unsealing is over. */
    private void progress(Context ctx) {
        UnsealProgress now = seal.progress();
        String known = ctx.queryParam("have");
        if (!now.sealed()) {
            HtmxRequest.goTo(ctx, PATH);
        } else if (Integer.toString(now.have()).equals(known)) {
            HtmxRequest.asItWas(ctx);
        } else {
            String told = Texts.of(ctx).say("unseal.here", now.have(), now.need());
            DeskPages.page(ctx, "unseal-progress.jte", Map.of("now", now, "told", told));
        }
    }

    private void offer(Context ctx) {
        Texts t = Texts.of(ctx);
        try {
            cookie.requireSameOrigin(ctx);
            Form form = Form.of(ctx);
            Optional<String> share = form.filled("share");
            if (share.isPresent()) {
                UnsealProgress after = seal.offerShare(share.get());
                show(ctx, DeskView.Notice.done(t.say(after.sealed() ? "unseal.right" : "unseal.opened-now")));
                return;
            }
            byte[] passphrase = form.filled("passphrase")
                    .orElseThrow(() -> RequestReader.invalid(t.say("unseal.type")))
                    .getBytes(StandardCharsets.UTF_8);
            String address = requests.address(ctx);
            ctx.future(() -> seal.offer(passphrase, address).handle((opened, fault) -> {
                Arrays.fill(passphrase, (byte) 0);
                if (fault == null) {
                    show(ctx, DeskView.Notice.done(t.say("unseal.opened-now")));
                } else {
                    refuse(ctx, DeskPages.refused(fault));
                }
                return null;
            }));
        } catch (Refused e) {
            refuse(ctx, e);
        }
    }

    private void refuse(Context ctx, Refused refused) {
        DeskPages.mark(ctx, refused);
        show(ctx, DeskView.Notice.refused(refused.getMessage()));
    }
}
