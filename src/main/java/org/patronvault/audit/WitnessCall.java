package org.patronvault.audit;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.patronvault.tlog.AddCheckpoint;

/**
 * Asks one witness over HTTP. Believes nothing of the answer, reads little of it, waits seconds, and follows no
 * redirection. Safe for use by many threads.
 */
final class WitnessCall {
    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final int MAX_ANSWER_BYTES = 16 * 1024;

    /** What came back; the body is text of at most 16 KiB. */
    record Answer(int status, String body) {}

    private final URI url;
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

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
        CompletableFuture<HttpResponse<byte[]>> answer = http.sendAsync(post, head -> new Beginning());
        try {
            // The request's own timeout ends with the head of the answer; a body may go on for ever.
            HttpResponse<byte[]> got = answer.get(2 * ANSWER.toMillis(), TimeUnit.MILLISECONDS);
            return new Answer(got.statusCode(), new String(got.body(), StandardCharsets.UTF_8));
        } catch (TimeoutException e) {
            throw new IOException("it does not answer in time", e);
        } catch (ExecutionException e) {
            throw new IOException("it cannot be reached", e);
        } finally {
            answer.cancel(true);
        }
    }

    /** The first bytes of a body, however long it is. */
    private static final class Beginning implements HttpResponse.BodySubscriber<byte[]> {
        private final CompletableFuture<byte[]> done = new CompletableFuture<>();
        private final byte[] bytes = new byte[MAX_ANSWER_BYTES];
        private int size;
        private Flow.Subscription subscription;

        @Override
        public CompletionStage<byte[]> getBody() {
            return done;
        }

        @Override
        public void onSubscribe(Flow.Subscription by) {
            subscription = by;
            by.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            for (ByteBuffer buffer : buffers) {
                int take = Math.min(buffer.remaining(), bytes.length - size);
                buffer.get(bytes, size, take);
                size += take;
            }
            if (size == bytes.length) {
                subscription.cancel();
                onComplete();
            }
        }

        @Override
        public void onError(Throwable failure) {
            done.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            done.complete(Arrays.copyOf(bytes, size));
        }
    }
}
