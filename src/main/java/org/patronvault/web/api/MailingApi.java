package org.patronvault.web.api;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.privacy.mailing.Mailing;
import org.patronvault.privacy.mailing.Mailings;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.StreamedResponses;
import org.patronvault.web.http.WebUseCases;

/** REST handlers for {@code /v1/mailings} (P9). */
public final class MailingApi {
    private static final String PATH = "/v1/mailings";
    private static final ApprovableActs.Kind KIND = new ApprovableActs.Kind(Permission.MAIL, ActKind.MAILING, "");

    private final Mailings mailings;
    private final RequestReader requests;
    private final ApprovableActs acts;

    public MailingApi(WebUseCases parts, RequestReader requests, ApprovableActs acts) {
        this.mailings = parts.privacy().mailings();
        this.requests = requests;
        this.acts = acts;
    }

    public void register(RoutesConfig routes) {
        routes.post(PATH, this::make);
        routes.get(PATH + "/{id}", this::find);
        routes.get(PATH + "/{id}/file", this::file);
    }

    private void make(Context ctx) {
        Caller caller = requests.caller(ctx);
        RequestBody body = RequestReader.body(ctx, "purpose", "libraries", "limit", "recipient");
        Mailing[] mailing = new Mailing[1];
        acts.add(ctx, KIND, body.bytes(), () -> mailing[0].json(), asking -> {
            Mailings.Result made = mailings.make(caller, asking, () -> wanted(body));
            made.mailing().ifPresent(one -> mailing[0] = one);
            return new Approvals.Answer(made.filed(), Optional.empty());
        });
    }

    private static Mailings.Spec wanted(RequestBody body) {
        body.requireKnownMembers();
        String purpose = body.text("purpose")
                .orElseThrow(() -> new Refused(Problem.PURPOSE_REQUIRED, "Say with `purpose` what it is for."));
        List<String> libraries = body.texts("libraries");
        OptionalInt limit =
                body.has("limit") ? OptionalInt.of(body.number("limit", 0, 1, Integer.MAX_VALUE)) : OptionalInt.empty();
        return new Mailings.Spec(purpose, libraries, limit, body.requiredText("recipient"));
    }

    private void find(Context ctx) {
        JsonResponses.write(
                ctx, mailings.find(requests.caller(ctx), ctx.pathParam("id")).json());
    }

    /** Streams the mailing file as its values are decrypted. Half of the file does not open. */
    private void file(Context ctx) {
        Caller caller = requests.caller(ctx);
        StreamedResponses.answer(
                ctx,
                caller.actor(),
                () -> mailings.file(
                        caller,
                        ctx.pathParam("id"),
                        mailing -> {
                            ctx.contentType("application/cms");
                            ctx.header("Content-Disposition", "attachment; filename=\"" + mailing.purpose() + ".cms\"");
                            return ctx.outputStream();
                        },
                        (done, total) -> {}));
    }
}
