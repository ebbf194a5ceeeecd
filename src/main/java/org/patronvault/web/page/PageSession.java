package org.patronvault.web.page;

import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.patronvault.access.Access;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.custody.slot.SealControl;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.desk.DeskPages;

/** The signed-in session of a page's browser, and the check that a post came from one of our pages. */
public final class PageSession {
    private static final String HOME = "/";

    /** A session's caller, and the texts in their language. */
    public record Signed(Caller caller, String token, Texts texts) {}

    private final Access access;
    private final SealControl seal;
    private final SessionCookie cookie;

    public PageSession(WebUseCases parts, SessionCookie cookie) {
        this.access = parts.access();
        this.seal = parts.seal();
        this.cookie = cookie;
    }

    /** Returns the browser's session, or empty if nobody is signed in there any more. */
    public Optional<Signed> signed(Context ctx) {
        requireUnsealed();
        Optional<String> token = cookie.token(ctx);
        if (token.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Signed(access.sessions().resolve(token.get()), token.get(), Texts.of(ctx)));
        } catch (Refused e) {
            if (e.problem() != Problem.NOT_SIGNED_IN) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /**
     * Shows a page, or a part of one, to a signed-in person. Others are sent to sign in.
     *
     * @param refused shows the refusal in a sentence, with the status that the API would give
     */
    public void answer(Context ctx, Consumer<Signed> page, BiConsumer<Signed, Refused> refused) {
        try {
            Optional<Signed> signed = signed(ctx);
            if (signed.isEmpty()) {
                toDesk(ctx);
                return;
            }
            try {
                page.accept(signed.get());
            } catch (Refused e) {
                if (HtmxRequest.isPart(ctx) && e.problem() == Problem.FOREIGN_ORIGIN) {
                    toDesk(ctx);
                    return;
                }
                DeskPages.mark(ctx, e);
                refused.accept(signed.get(), e);
            }
        } catch (Refused e) {
            if (HtmxRequest.isPart(ctx)) {
                HtmxRequest.goTo(ctx, HOME);
                return;
            }
            DeskPages.mark(ctx, e);
            DeskPages.page(ctx, "sealed.jte", Map.of());
        }
    }

    /**
     * Sends the browser to the sign-in page, even if it asked for a part of another page. If someone else has signed in
     * there, that page is theirs. A page of an earlier session could post nothing any more.
     */
    private static void toDesk(Context ctx) {
        if (HtmxRequest.isPart(ctx)) {
            HtmxRequest.goTo(ctx, HOME);
        } else {
            ctx.redirect(HOME, HttpStatus.SEE_OTHER);
        }
    }

    public void requireUnsealed() {
        if (seal.isSealed()) {
            throw new Refused(Problem.SEALED, "The vault is sealed.", 5);
        }
    }

    /** Returns the posted form, and refuses it if it came from no page of this session. */
    public Form posted(Context ctx, Signed signed) {
        return posted(ctx, Optional.of(signed));
    }

    /** Returns the form like {@link #posted(Context, Signed)}. Refuses it too if nobody is signed in any more. */
    public Form posted(Context ctx, Optional<Signed> signed) {
        cookie.requireSameOrigin(ctx);
        Form form = Form.of(ctx);
        SessionCookie.requireFormToken(
                form,
                signed.orElseThrow(() ->
                                new Refused(Problem.NOT_SIGNED_IN, Texts.of(ctx).say("sign-in.ended")))
                        .token());
        return form;
    }
}
