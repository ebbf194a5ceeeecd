package org.patronvault.web.http;

import io.javalin.http.Context;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.model.Problem;

/**
 * A whole answer to a request.
 *
 * @param headers those that other answers do not have, by name
 * @param problem what the answer refuses, for the metrics
 */
public record HttpAnswer(
        int status, Map<String, String> headers, String mediaType, byte[] body, Optional<Problem> problem) {

    /** Answers a request of Javalin's servlet. */
    public void write(Context ctx) {
        problem.ifPresent(refused -> Metrics.refused(ctx, refused));
        ctx.status(status);
        headers.forEach(ctx::header);
        ctx.result(body);
        ctx.contentType(mediaType);
    }
}
