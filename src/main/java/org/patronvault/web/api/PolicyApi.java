package org.patronvault.web.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Optional;
import org.patronvault.access.Access;
import org.patronvault.access.posted.PolicyVersions;
import org.patronvault.access.posted.PostedPolicy;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.Texts;

/**
 * REST handlers for {@code /v1/policy}: everybody reads the posted policy and its versions, the director posts (P12).
 */
public final class PolicyApi {
    static final String POLICY = "/v1/policy";
    static final String VERSIONS = POLICY + "/versions";

    private static final String VERSION = "version";
    private static final String APPROVED = "approved";
    private static final String NEXT_REVIEW = "nextReview";
    private static final String TEXT = "text";

    private final Access access;
    private final AuditLog log;
    private final PolicyVersions versions;
    private final RequestReader requests;
    private final ApprovableActs acts;

    public PolicyApi(WebUseCases parts, RequestReader requests, ApprovableActs acts) {
        this.access = parts.access();
        this.log = parts.log();
        this.versions = access.policyVersions();
        this.requests = requests;
        this.acts = acts;
    }

    public void register(RoutesConfig routes) {
        routes.get(POLICY, this::current);
        routes.get(VERSIONS, this::list);
        routes.post(VERSIONS, this::post);
        routes.get(VERSIONS + "/{version}", this::one);
    }

    /** Whether the path serves the policy, which is public even while the vault is sealed. */
    public static boolean isPath(String path) {
        return path.equals(POLICY) || path.equals(VERSIONS) || path.startsWith(VERSIONS + "/");
    }

    private void current(Context ctx) {
        String inForce = access.policy().posted();
        ObjectNode json = versions.current()
                .map(policy -> facts(policy).put(TEXT, policy.filled(versions.words())))
                .orElseGet(() -> JsonResponses.object()
                        .put(VERSION, inForce)
                        .put(TEXT, PolicyText.of(Texts.of(ctx), access.policy())));
        JsonResponses.write(
                ctx, json.put("posted", versions.current().isPresent()).put("proven", versions.isProven()));
    }

    private void list(Context ctx) {
        ObjectNode json = JsonResponses.object();
        ArrayNode list = json.putArray("versions");
        versions.all().forEach(policy -> list.add(facts(policy).put("current", isCurrent(policy))));
        JsonResponses.write(ctx, json.put("proven", versions.isProven()));
    }

    private void one(Context ctx) {
        PostedPolicy policy = versions.find(ctx.pathParam(VERSION))
                .orElseThrow(() -> new Refused(Problem.NOT_FOUND, "No such version is posted."));
        JsonResponses.write(
                ctx,
                facts(policy)
                        .put(TEXT, policy.filled(versions.words()))
                        .put("source", policy.text())
                        .put("current", isCurrent(policy))
                        .put("proven", versions.isProven()));
    }

    private boolean isCurrent(PostedPolicy policy) {
        return policy.version().equals(access.policy().posted());
    }

    private static ObjectNode facts(PostedPolicy policy) {
        return JsonResponses.object()
                .put(VERSION, policy.version())
                .put(APPROVED, policy.approved().toString())
                .put(NEXT_REVIEW, policy.nextReview().toString())
                .put("digest", policy.digest());
    }

    private void post(Context ctx) {
        Caller caller = requests.caller(ctx);
        byte[] request = AuditLog.newRequest();
        AccessEvent attempt = log.event(caller.actor(), ActKind.POLICY, Outcome.REFUSED, request);
        access.require(caller, Permission.POST_POLICY, attempt);
        RequestBody body = RequestReader.longTextBody(ctx, VERSION, APPROVED, NEXT_REVIEW, TEXT);
        String answer = log.logging(
                attempt, () -> acts.once(ctx, caller, body.bytes(), key -> post(caller, body, key, request)));
        ctx.status(201);
        ctx.header(
                "Location",
                VERSIONS + "/" + JsonResponses.parse(answer).path(VERSION).asText());
        JsonResponses.write(ctx, answer);
    }

    private String post(Caller caller, RequestBody body, Optional<IdempotencyStore.Key> key, byte[] request) {
        body.requireKnownMembers();
        PostedPolicy policy = PostedPolicy.of(
                body.requiredText(VERSION),
                body.requiredText(APPROVED),
                body.requiredText(NEXT_REVIEW),
                body.requiredText(TEXT),
                versions.today());
        IdempotencyStore.Once<PostedPolicy> once =
                new IdempotencyStore.Once<>(key, posted -> facts(posted).toString());
        versions.post(caller.actor(), policy, once, access.replay(), request);
        return facts(policy).toString();
    }
}
