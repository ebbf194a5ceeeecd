package org.patronvault.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Optional;
import org.patronvault.access.Caller;
import org.patronvault.audit.AuditLog;
import org.patronvault.model.Refused;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.Replay;

/** {@code POST /v1/patrons/{id}/merge}. */
final class MergeApi {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Patrons patrons;
    private final Requests requests;

    MergeApi(Patrons patrons, Requests requests) {
        this.patrons = patrons;
        this.requests = requests;
    }

    void register(RoutesConfig routes) {
        routes.post("/v1/patrons/{id}/merge", this::merge);
    }

    private void merge(Context ctx) {
        Caller caller = requests.caller(ctx);
        byte[] request = AuditLog.newRequest();
        patrons.merge().admit(caller, request);
        Requests.Body body = Requests.body(ctx, "into");
        Optional<Replay.Key> replay = Requests.replay(ctx, patrons.replay(), caller, body.bytes());
        String answer = patrons.replay().answered(replay).orElseGet(() -> merge(ctx, caller, body, replay, request));
        ctx.header("ETag", "\"" + version(answer) + "\"");
        Answers.write(ctx, answer);
    }

    private String merge(Context ctx, Caller caller, Requests.Body body, Optional<Replay.Key> replay, byte[] request) {
        Optional<String> into = Optional.empty();
        Optional<Refused> fault = Optional.empty();
        try {
            into = Optional.of(body.requiredText("into"));
            body.requireKnownMembers();
        } catch (Refused e) {
            fault = Optional.of(e);
        }
        return patrons.merge()
                .merge(caller, Requests.patron(ctx), into, fault, replay, request)
                .json();
    }

    private static long version(String answer) {
        try {
            return JSON.readTree(answer).path("version").asLong();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an answer of ours is not JSON");
        }
    }
}
