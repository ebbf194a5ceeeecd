package org.patronvault.web.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Base64;
import java.util.List;
import org.patronvault.access.Access;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.SignedCheckpoint;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.log.report.AccessHistory;
import org.patronvault.log.report.LogJson;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestReader;

/** REST handlers for {@code /v1/log…}. */
public final class LogApi {
    private final Access access;
    private final AuditLog log;
    private final AccessHistory history;
    private final RequestReader requests;

    public LogApi(Access access, AuditLog log, AccessHistory history, RequestReader requests) {
        this.access = access;
        this.log = log;
        this.history = history;
        this.requests = requests;
    }

    public void register(RoutesConfig routes) {
        routes.get("/v1/log/checkpoint", this::checkpoint);
        routes.get("/v1/log/entries", this::entries);
        routes.get("/v1/log/proof/inclusion", this::inclusion);
        routes.get("/v1/log/proof/consistency", this::consistency);
        routes.get("/v1/log/tile/<tile>", this::tile);
    }

    private void admit(Context ctx) {
        Caller caller = requests.caller(ctx);
        access.require(
                caller,
                Permission.PROOF,
                log.event(caller.actor(), ActKind.CHECKPOINT, Outcome.REFUSED, AuditLog.newRequest()));
    }

    private void checkpoint(Context ctx) {
        admit(ctx);
        ctx.result(log.checkpoint().note());
        ctx.contentType("text/plain; charset=utf-8");
    }

    private void entries(Context ctx) {
        Caller caller = requests.caller(ctx);
        AccessHistory.Result reading = history.entries(
                caller,
                () -> RequestReader.query(ctx, "from", 0),
                () -> RequestReader.query(ctx, "to", Long.MAX_VALUE),
                AuditLog.newRequest());
        ObjectNode json = JsonResponses.object();
        ArrayNode entries = json.putArray("entries");
        reading.page().entries().forEach(entry -> entries.add(LogJson.of(entry)));
        json.put("next", reading.page().next());
        json.put("entry", reading.entry());
        JsonResponses.write(ctx, json);
    }

    private void inclusion(Context ctx) {
        admit(ctx);
        SignedCheckpoint checkpoint = log.checkpoint();
        long index = RequestReader.query(ctx, "index", -1);
        LogReader.Inclusion proof = log.reader().inclusion(index, RequestReader.query(ctx, "size", checkpoint.size()));
        ObjectNode json = JsonResponses.object();
        json.put("index", proof.index());
        json.put("size", proof.size());
        json.put("leafHash", base64(proof.leafHash()));
        path(json, proof.path());
        json.put("checkpoint", checkpoint.note());
        JsonResponses.write(ctx, json);
    }

    private void consistency(Context ctx) {
        admit(ctx);
        long from = RequestReader.query(ctx, "from", 0);
        long to = RequestReader.query(ctx, "to", 0);
        ObjectNode json = JsonResponses.object();
        json.put("from", from);
        json.put("to", to);
        path(json, log.reader().consistency(from, to));
        JsonResponses.write(ctx, json);
    }

    /** Serves hash tiles to callers that may have proofs, and entries to callers that may read the log. */
    private void tile(Context ctx) {
        String path = "tile/" + ctx.pathParam("tile");
        byte[] bytes;
        if (LogReader.isBundle(path)) {
            bytes = history.bundle(requests.caller(ctx), path, AuditLog.newRequest());
        } else {
            admit(ctx);
            bytes = log.reader().tile(path);
        }
        ctx.contentType("application/octet-stream");
        ctx.result(bytes);
    }

    private static void path(ObjectNode json, List<byte[]> hashes) {
        ArrayNode path = json.putArray("path");
        hashes.forEach(hash -> path.add(base64(hash)));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
