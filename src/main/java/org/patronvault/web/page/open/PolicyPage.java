package org.patronvault.web.page.open;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.access.Access;
import org.patronvault.access.posted.PolicyVersions;
import org.patronvault.access.posted.PostedPolicy;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.web.api.PolicyText;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.desk.DeskPages;

/** The public page {@code /policy}: the posted policy, all its versions, and any two side by side (P12). */
public final class PolicyPage {
    private final Access access;
    private final PolicyVersions versions;

    public PolicyPage(Access access) {
        this.access = access;
        this.versions = access.policyVersions();
    }

    public void register(RoutesConfig routes) {
        routes.get("/policy", this::page);
    }

    private void page(Context ctx) {
        Optional<String> from = Optional.ofNullable(ctx.queryParam("from"));
        Optional<String> to = Optional.ofNullable(ctx.queryParam("to"));
        try {
            if (from.isPresent() || to.isPresent()) {
                compare(ctx, asked(ctx, from), asked(ctx, to));
            } else {
                Optional<PostedPolicy> shown = ctx.queryParam("version") == null
                        ? versions.current()
                        : Optional.of(asked(ctx, ctx.queryParam("version")));
                show(ctx, DeskView.Notice.NONE, shown, Optional.empty());
            }
        } catch (Refused e) {
            DeskPages.mark(ctx, e);
            show(ctx, DeskView.Notice.refused(e.getMessage()), versions.current(), Optional.empty());
        }
    }

    /** Returns the named version, or the current one if none is named. */
    private PostedPolicy asked(Context ctx, Optional<String> version) {
        return version.map(one -> asked(ctx, one))
                .or(versions::current)
                .orElseThrow(() -> new Refused(Problem.NOT_FOUND, Texts.of(ctx).say("policy.name-two")));
    }

    private PostedPolicy asked(Context ctx, String version) {
        return versions.find(version)
                .orElseThrow(() -> new Refused(Problem.NOT_FOUND, Texts.of(ctx).say("policy.no-such")));
    }

    private void compare(Context ctx, PostedPolicy from, PostedPolicy to) {
        PolicyDifference difference = PolicyDifference.of(from.filled(versions.words()), to.filled(versions.words()));
        Texts t = Texts.of(ctx);
        PolicyView.Comparison compared =
                new PolicyView.Comparison(version(t, from), version(t, to), difference, summary(t, difference));
        show(ctx, DeskView.Notice.NONE, Optional.empty(), Optional.of(compared));
    }

    private void show(
            Context ctx,
            DeskView.Notice notice,
            Optional<PostedPolicy> shown,
            Optional<PolicyView.Comparison> compared) {
        Texts t = Texts.of(ctx);
        List<PolicyView.Version> all =
                versions.all().stream().map(policy -> version(t, policy)).toList();
        PolicyView view = new PolicyView(
                notice,
                shown.map(policy -> new PolicyView.Text(
                        version(t, policy),
                        Markdown.html(policy.filled(versions.words().with(Markdown::literally))))),
                compared,
                access.policy().posted(),
                PolicyText.of(t, access.policy()),
                versions.isProven(),
                all);
        DeskPages.page(ctx, "policy.jte", Map.of("policy", view));
    }

    /** How much differs, in words. */
    private static String summary(Texts t, PolicyDifference difference) {
        long changed = difference.count(PolicyDifference.Kind.CHANGED);
        long removed = difference.count(PolicyDifference.Kind.REMOVED);
        long added = difference.count(PolicyDifference.Kind.ADDED);
        return changed + removed + added == 0 ? t.say("policy.same") : t.say("policy.differs", changed, removed, added);
    }

    private PolicyView.Version version(Texts t, PostedPolicy policy) {
        return new PolicyView.Version(
                policy.version(),
                t.day(policy.approved()),
                t.day(policy.nextReview()),
                policy.version().equals(access.policy().posted()));
    }
}
