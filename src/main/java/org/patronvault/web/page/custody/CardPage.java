package org.patronvault.web.page.custody;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Map;
import java.util.function.Consumer;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.policy.Permission;
import org.patronvault.custody.slot.ShareReprint;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.PageSession;
import org.patronvault.web.page.PageSession.Signed;
import org.patronvault.web.page.SessionCookie;
import org.patronvault.web.page.desk.DeskPages;
import org.patronvault.web.page.print.ShareCard;

/**
 * The page {@code /custody/card}: a share holder types the words of a worn key card and prints it again. The card
 * exists only in the answer to that post. Nothing keeps it.
 */
public final class CardPage {
    private static final String PATH = CustodyPages.PATH + "/card";

    private final WebUseCases parts;
    private final PageSession session;
    private final DeskViews desk;

    public CardPage(WebUseCases parts, WebSettings settings) {
        this.parts = parts;
        this.session = new PageSession(parts, new SessionCookie(settings));
        this.desk = new DeskViews(parts);
    }

    public void register(RoutesConfig routes) {
        routes.get(
                PATH,
                ctx -> answer(ctx, signed -> {
                    require(signed);
                    show(ctx, signed, DeskView.Notice.NONE);
                }));
        routes.post(PATH, ctx -> answer(ctx, signed -> print(ctx, signed)));
    }

    private void answer(Context ctx, Consumer<Signed> page) {
        session.answer(ctx, page, (signed, refused) -> show(ctx, signed, DrillPage.notice(signed.texts(), refused)));
    }

    private void require(Signed signed) {
        parts.access()
                .require(
                        signed.caller(),
                        Permission.CUSTODY,
                        parts.log()
                                .event(signed.caller().actor(), ActKind.SLOT, Outcome.REFUSED, AuditLog.newRequest()));
    }

    private void print(Context ctx, Signed signed) {
        Form form = session.posted(ctx, signed);
        require(signed);
        String words = form.filled("share")
                .orElseThrow(() -> RequestReader.invalid(signed.texts().say("card-again.type")));
        ShareReprint.Card card = parts.slots().wornCards().again(signed.caller().actor(), words);
        ShareCard page = new ShareCard(
                card.words(), card.set(), card.index(), card.count(), card.threshold(), card.vaultId(), card.made());
        DeskPages.page(ctx, "share-card.jte", Map.of("card", page));
    }

    private void show(Context ctx, Signed signed, DeskView.Notice notice) {
        CustodyView.ReprintForm card = new CustodyView.ReprintForm(
                desk.staff(signed.caller(), signed.token()),
                notice,
                parts.access().may(signed.caller(), Permission.CUSTODY),
                DrillPage.isShares(parts.keys().slots()));
        DeskPages.page(ctx, "card-again.jte", Map.of("card", card));
    }
}
