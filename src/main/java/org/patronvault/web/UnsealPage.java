package org.patronvault.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.patronvault.custody.SealControl;
import org.patronvault.model.Refused;
import org.patronvault.model.Unsealing;

/**
 * {@code /unseal}: where people bring their shares, one after the other, each at whatever desk they sit; or a
 * passphrase. Nobody needs a session for it, since nobody can have one, and nothing typed is shown again.
 */
final class UnsealPage {
    private static final String PATH = "/unseal";

    private final SealControl seal;
    private final SessionCookie cookie;

    UnsealPage(WebParts parts, WebSettings settings) {
        this.seal = parts.seal();
        this.cookie = new SessionCookie(settings);
    }

    void register(RoutesConfig routes) {
        routes.get(PATH, ctx -> show(ctx, DeskView.Notice.NONE));
        routes.post(PATH, this::offer);
    }

    private void show(Context ctx, DeskView.Notice notice) {
        Unsealing now = seal.progress();
        DeskPages.page(
                ctx,
                "unseal.jte",
                Map.of("notice", notice, "now", now, "passphrase", now.sealed() && seal.opensByPassphrase()));
    }

    private void offer(Context ctx) {
        try {
            cookie.requireSameOrigin(ctx);
            Form form = Form.of(ctx);
            Optional<String> share = form.filled("share");
            if (share.isPresent()) {
                Unsealing after = seal.offerShare(share.get());
                show(ctx, DeskView.Notice.done(after.sealed() ? "That share is right." : "The vault is open."));
                return;
            }
            byte[] passphrase = form.filled("passphrase")
                    .orElseThrow(() -> Requests.invalid("Type the words of a share, or the passphrase."))
                    .getBytes(StandardCharsets.UTF_8);
            try {
                seal.offer(passphrase);
            } finally {
                Arrays.fill(passphrase, (byte) 0);
            }
            show(ctx, DeskView.Notice.done("The vault is open."));
        } catch (Refused e) {
            DeskPages.mark(ctx, e);
            show(ctx, DeskView.Notice.refused(e.getMessage()));
        }
    }
}
