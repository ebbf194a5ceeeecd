package org.patronvault.log.witness;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.patronvault.access.external.BoundedHttpCall;
import org.patronvault.core.tlog.AddCheckpoint;

/** An HTTP client of one witness. It trusts nothing in the answer. Safe for use by many threads. */
final class WitnessCall {
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final int MAX_ANSWER_BYTES = 16 * 1024;

    /** An answer. The body is text of at most 16 KiB. */
    record Answer(int status, String body) {}

    private final URI url;
    private final BoundedHttpCall call = new BoundedHttpCall();

    WitnessCall(URI prefix) {
        this.url = URI.create(prefix.toString().replaceAll("/+$", "") + "/add-checkpoint");
    }

    /**
     * Sends a request.
     *
     * @throws IOException if no answer came in time
     */
    Answer send(AddCheckpoint request) throws IOException, InterruptedException {
        HttpRequest post = HttpRequest.newBuilder(url)
                .timeout(ANSWER)
                .header("Content-Type", "text/plain; charset=utf-8")
                .POST(HttpRequest.BodyPublishers.ofString(request.toText()))
                .build();
        HttpResponse<byte[]> got = call.send(post, ANSWER.multipliedBy(2), MAX_ANSWER_BYTES);
        return new Answer(got.statusCode(), new String(got.body(), StandardCharsets.UTF_8));
    }
}
