package org.patronvault.web.api;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.Optional;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.privacy.PatronPackage;
import org.patronvault.privacy.PatronPackages;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.print.PackagePage;

/** REST handler for {@code POST /v1/patrons/{id}/package}: everything held about a patron, for the patron. */
public final class PackageApi {
    private static final String HTML = "text/html";
    private static final String RECIPIENT = "recipient";
    private static final String PURPOSE = "purpose";

    private final PatronPackages packages;
    private final RequestReader requests;

    public PackageApi(PatronPackages packages, RequestReader requests) {
        this.packages = packages;
        this.requests = requests;
    }

    public void register(RoutesConfig routes) {
        routes.post("/v1/patrons/{id}/package", this::make);
    }

    private void make(Context ctx) {
        Caller caller = requests.caller(ctx);
        RequestBody body =
                RequestReader.isEmpty(ctx) ? RequestReader.emptyBody() : RequestReader.body(ctx, RECIPIENT, PURPOSE);
        PatronPackage made = packages.make(
                caller,
                RequestReader.patron(ctx),
                ZoneId.systemDefault(),
                () -> certificate(body),
                AuditLog.newRequest());
        boolean asPage = RequestReader.prefers(ctx, HTML);
        if (made.isSealed()) {
            String content =
                    asPage ? PackagePage.alone(made).html() : made.json().toString();
            ctx.header("Content-Disposition", "attachment; filename=\"package.p7m\"");
            ctx.header("Vault-Entry", Long.toString(made.entry()));
            ctx.contentType("application/pkcs7-mime");
            ctx.result(made.seal(content.getBytes(StandardCharsets.UTF_8)));
        } else if (asPage) {
            page(ctx, made);
        } else {
            JsonResponses.write(ctx, made.json());
        }
    }

    /** Reads the optional recipient certificate. The body may state the purpose, but only the one possible. */
    private static Optional<String> certificate(RequestBody body) {
        body.requireKnownMembers();
        if (body.has(PURPOSE) && !body.purpose().equals(Purpose.PATRON_REQUEST)) {
            throw new Refused(
                    Problem.PURPOSE_NOT_ALLOWED, "A package is for the patron: its purpose is patron-request.");
        }
        return body.text(RECIPIENT);
    }

    public static void page(Context ctx, PatronPackage made) {
        ctx.result(PackagePage.served(made, Texts.of(ctx)).html());
        ctx.contentType("text/html; charset=utf-8");
    }
}
