package org.patronvault.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.Optional;
import org.patronvault.access.Caller;
import org.patronvault.audit.AuditLog;
import org.patronvault.model.Problem;
import org.patronvault.model.Purpose;
import org.patronvault.model.Refused;
import org.patronvault.privacy.PatronPackage;
import org.patronvault.privacy.PatronPackages;

/** REST handler for {@code POST /v1/patrons/{id}/package}: everything held about a patron, for the patron. */
final class PackageApi {
    private static final String HTML = "text/html";
    private static final String RECIPIENT = "recipient";
    private static final String PURPOSE = "purpose";

    private final PatronPackages packages;
    private final RequestReader requests;

    PackageApi(PatronPackages packages, RequestReader requests) {
        this.packages = packages;
        this.requests = requests;
    }

    void register(RoutesConfig routes) {
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

    static void page(Context ctx, PatronPackage made) {
        ctx.result(PackagePage.served(made, Texts.of(ctx)).html());
        ctx.contentType("text/html; charset=utf-8");
    }
}
