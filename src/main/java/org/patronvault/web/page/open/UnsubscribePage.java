package org.patronvault.web.page.open;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Map;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.custody.slot.SealControl;
import org.patronvault.privacy.mailing.Unsubscribing;
import org.patronvault.web.http.Problems;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.desk.DeskPages;

/**
 * The page {@code /unsubscribe/{token}} behind the link in a mail (P9). A GET changes nothing, because programs follow
 * links in mails. The POST unsubscribes, from the page's button or in one click by a mail program (RFC 8058). A mail
 * program sends no cookie and may come from anywhere, so the token alone suffices. The answer is equal for any token.
 */
public final class UnsubscribePage {
    /** The start of the path of all unsubscribe pages. */
    public static final String BEGIN = "/unsubscribe/";

    private static final String PATH = BEGIN + "{token}";
    private static final String TEMPLATE = "unsubscribe.jte";

    private final Unsubscribing unsubscribing;
    private final SealControl seal;

    public UnsubscribePage(WebUseCases parts) {
        this.unsubscribing = parts.privacy().unsubscribing();
        this.seal = parts.seal();
    }

    public void register(RoutesConfig routes) {
        routes.get(PATH, ctx -> show(ctx, false, DeskView.Notice.NONE));
        routes.post(PATH, this::take);
    }

    private static void show(Context ctx, boolean done, DeskView.Notice notice) {
        DeskPages.page(ctx, TEMPLATE, Map.of("done", done, "notice", notice));
    }

    private void take(Context ctx) {
        try {
            requireUnsealed();
            take(ctx.pathParam("token"));
            show(ctx, true, DeskView.Notice.done(Texts.of(ctx).say("unsubscribe.done")));
        } catch (Refused e) {
            DeskPages.mark(ctx, e);
            show(ctx, false, DeskView.Notice.refused(Texts.of(ctx).say("unsubscribe.not-now")));
        }
    }

    /** A damaged record concerns the log, the alert and the operator, so the mail's reader learns nothing of it. */
    private void take(String token) {
        try {
            unsubscribing.take(token);
        } catch (IntegrityException e) {
            Problems.tell(e);
        }
    }

    private void requireUnsealed() {
        if (seal.isSealed()) {
            throw new Refused(org.patronvault.core.model.Problem.SEALED, "The vault is sealed.", 60);
        }
    }
}
