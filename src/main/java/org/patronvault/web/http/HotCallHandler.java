package org.patronvault.web.http;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.patronvault.core.model.Refused;

/**
 * A Jetty handler that answers the hot calls without the servlet layer, and passes all other requests on. The thread
 * that completes an answer writes it, and never waits for its reader.
 *
 * <p>It has no time limit of its own, because each act has one (core.md, "The states of an act").
 */
public final class HotCallHandler extends Handler.Wrapper {
    private final RequestTracing tracing;
    private final SecurityHeaders headers;
    private final Consumer<ReceivedRequest> guard;
    private final List<HotCall> calls;

    /**
     * Creates a handler of these calls.
     *
     * @param guard throws what a request is refused with before its call sees it
     */
    public HotCallHandler(
            RequestTracing tracing, SecurityHeaders headers, Consumer<ReceivedRequest> guard, List<HotCall> calls) {
        this.tracing = tracing;
        this.headers = headers;
        this.guard = guard;
        this.calls = List.copyOf(calls);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        for (HotCall call : calls) {
            Optional<ReceivedRequest> read = call.read(request);
            if (read.isPresent()) {
                new Exchange(call, read.get(), request, response, callback).answer();
                return true;
            }
        }
        return super.handle(request, response, callback);
    }

    /** One request and its answer. */
    private final class Exchange {
        private final HotCall call;
        private final ReceivedRequest received;
        private final Request request;
        private final Response response;
        private final Callback callback;
        private final RequestTracing.Start start = tracing.begin();

        private Exchange(
                HotCall call, ReceivedRequest received, Request request, Response response, Callback callback) {
            this.call = call;
            this.received = received;
            this.request = request;
            this.response = response;
            this.callback = callback;
        }

        private void answer() {
            CompletableFuture<HttpAnswer> answer;
            try {
                guard.accept(received);
                answer = call.answer(received);
            } catch (RuntimeException | Error e) {
                answer = CompletableFuture.failedFuture(e);
            }
            CompletableFuture<HttpAnswer> unused = answer.whenComplete(this::finish);
        }

        private void finish(HttpAnswer made, Throwable failure) {
            try {
                send(failure == null ? made : Problems.of(failure, start.id()));
            } catch (RuntimeException | Error e) {
                callback.failed(e);
            }
        }

        private void send(HttpAnswer made) {
            int size = made.body().length;
            if (size <= request.getConnectionMetaData().getHttpConfiguration().getOutputBufferSize()) {
                write(made, callback);
                return;
            }
            try {
                StreamedResponses.reserve(size);
            } catch (Refused busy) {
                write(Problems.of(busy), callback);
                return;
            }
            write(made, Callback.from(() -> StreamedResponses.release(size), callback));
        }

        private void write(HttpAnswer answer, Callback written) {
            tracing.end(
                    start,
                    received,
                    new RequestTracing.Report(received.method(), call.route(), answer.status(), answer.problem()));
            response.setStatus(answer.status());
            HttpFields.Mutable fields = response.getHeaders();
            fields.put(HttpHeader.CONTENT_TYPE, answer.mediaType());
            fields.put(RequestTracing.HEADER, start.id());
            headers.put(fields);
            answer.headers().forEach(fields::put);
            // The pool clears its buffers. Java would keep a copy of the answer outside the heap.
            RetainableByteBuffer buffer =
                    request.getComponents().getByteBufferPool().acquire(answer.body().length, true);
            ByteBuffer body = buffer.getByteBuffer();
            BufferUtil.append(body, answer.body());
            response.write(true, body, Callback.from(buffer::release, written));
        }
    }
}
