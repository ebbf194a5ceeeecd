package org.patronvault.web.page.custody;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Permission;
import org.patronvault.custody.destroy.KeyStatus;
import org.patronvault.custody.slot.Drills;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.PageSession;
import org.patronvault.web.page.PageSession.Signed;
import org.patronvault.web.page.SessionCookie;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.desk.DeskPages;

/**
 * The page {@code /custody/drill}: share and passphrase holders check, one after another at a custodian's desk, that
 * their secret still opens the vault. The drill opens nothing and shows no input again.
 */
public final class DrillPage {
    private static final String PATH = CustodyPages.PATH + "/drill";
    private static final String SHARES = "shares";
    private static final String PASSPHRASE = "passphrase";

    private final WebUseCases parts;
    private final PageSession session;
    private final DeskViews desk;

    public DrillPage(WebUseCases parts, WebSettings settings) {
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
        routes.post(PATH, ctx -> answer(ctx, signed -> prove(ctx, signed)));
        routes.post(PATH + "/end", ctx -> answer(ctx, signed -> end(ctx, signed)));
        routes.get(PATH + "/end", ctx -> ctx.redirect(PATH, io.javalin.http.HttpStatus.SEE_OTHER));
    }

    private void answer(Context ctx, Consumer<Signed> page) {
        session.answer(ctx, page, (signed, refused) -> show(ctx, signed, notice(Texts.of(ctx), refused)));
    }

    static DeskView.Notice notice(Texts t, Refused refused) {
        return DeskView.Notice.refused(
                refused.problem() == Problem.NOT_ALLOWED ? t.say("custody.not-yours") : refused.getMessage());
    }

    private void require(Signed signed) {
        Actor actor = signed.caller().actor();
        parts.access()
                .require(
                        signed.caller(),
                        Permission.CUSTODY,
                        parts.log().event(actor, ActKind.DRILL, Outcome.REFUSED, AuditLog.newRequest()));
    }

    private void prove(Context ctx, Signed signed) {
        Texts t = Texts.of(ctx);
        Form form = session.posted(ctx, signed);
        require(signed);
        Drills drills = parts.slots().drills();
        Actor by = signed.caller().actor();
        Optional<String> share = form.filled("share");
        if (share.isPresent()) {
            Drills.SlotProgress proved = drills.share(by, share.get());
            show(ctx, signed, DeskView.Notice.done(t.say("drill.right", proved.index()) + " " + text(t, proved)));
            return;
        }
        byte[] passphrase = form.filled(PASSPHRASE)
                .orElseThrow(() -> RequestReader.invalid(t.say("unseal.type")))
                .getBytes(StandardCharsets.UTF_8);
        try {
            show(ctx, signed, DeskView.Notice.done(text(t, drills.passphrase(by, passphrase))));
        } finally {
            Arrays.fill(passphrase, (byte) 0);
        }
    }

    private void end(Context ctx, Signed signed) {
        session.posted(ctx, signed);
        require(signed);
        parts.slots().drills().end(signed.caller().actor());
        show(ctx, signed, DeskView.Notice.done(Texts.of(ctx).say("drill.ended")));
    }

    private static String text(Texts t, Drills.SlotProgress proved) {
        if (proved.opened()) {
            return t.say("drill.opens", proved.slot());
        }
        return t.say("drill.counts", proved.have(), proved.need());
    }

    private void show(Context ctx, Signed signed, DeskView.Notice notice) {
        boolean open = parts.access().may(signed.caller(), Permission.CUSTODY);
        Texts t = Texts.of(ctx);
        List<KeyStatus.Slot> slots = parts.keys().slots();
        List<CustodyView.Proof> proved = !open
                ? List.of()
                : parts.slots().drills().soFar(signed.caller().actor()).stream()
                        .map(one -> new CustodyView.Proof(
                                t.say("drill.slot", one.slot(), one.openedBy()), text(t, one), one.opened()))
                        .toList();
        CustodyView.Drill drill = new CustodyView.Drill(
                desk.staff(signed.caller(), signed.token()),
                notice,
                open,
                proved,
                isShares(slots),
                isAny(slots, PASSPHRASE),
                isMachine(slots));
        DeskPages.page(ctx, "drill.jte", Map.of("drill", drill));
    }

    private static boolean isAny(List<KeyStatus.Slot> slots, String kind) {
        return slots.stream().anyMatch(slot -> slot.kind().equals(kind));
    }

    /** Whether shares open any slot. */
    static boolean isShares(List<KeyStatus.Slot> slots) {
        return isAny(slots, SHARES);
    }

    /** Whether a machine opens any slot. */
    static boolean isMachine(List<KeyStatus.Slot> slots) {
        return slots.stream().anyMatch(slot -> !List.of(SHARES, PASSPHRASE).contains(slot.kind()));
    }
}
