package org.patronvault.access.external;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An HTTP call to an outside server with limits on time and size. It reads only the beginning of a long answer, and
 * follows no redirect, so no answer can send it elsewhere. Safe for use by many threads.
 */
public final class BoundedHttpCall {
    private static final Duration CONNECT = Duration.ofSeconds(3);

    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    /**
     * Sends a request.
     *
     * @param within until when the whole answer must be there
     * @param mostBytes the most bytes of the body that are read
     * @throws IOException if no answer came in time; its message says why and holds nothing of what was sent
     */
    public HttpResponse<byte[]> send(HttpRequest request, Duration within, int mostBytes)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> answer = http.sendAsync(request, head -> new BodyPrefix(mostBytes));
        try {
            // The request's own timeout ends with the head of the answer; a body may go on for ever.
            return answer.get(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("it does not answer in time", e);
        } catch (ExecutionException e) {
            throw new IOException(why(e), e);
        } finally {
            answer.cancel(true);
        }
    }

    private static String why(ExecutionException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return "its certificate is of no authority that this machine trusts, or of another name";
            }
        }
        return "it cannot be reached";
    }

    /** The first bytes of a body of any length. */
    private static final class BodyPrefix implements HttpResponse.BodySubscriber<byte[]> {
        private final CompletableFuture<byte[]> done = new CompletableFuture<>();
        private final byte[] bytes;
        private int size;
        private Flow.Subscription subscription;

        private BodyPrefix(int mostBytes) {
            this.bytes = new byte[mostBytes];
        }

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
