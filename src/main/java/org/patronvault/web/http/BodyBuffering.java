package org.patronvault.web.http;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;

/**
 * A Jetty handler that passes a request on once its whole body has arrived, and uses no thread until then. A client
 * that sends byte by byte costs at most twice the bytes it sent, in however many pieces. A body over the limit is
 * passed on truncated, still over the limit. A body that breaks off is answered with 400. All bodies together use at
 * most an eighth of the heap. If there is no room, the handler ends the connections that have waited longest, as many
 * as needed. If that is not enough, it refuses the newcomer with 503. A client that sends all it announced therefore
 * goes first, and an ended request is never passed on.
 *
 * <p>A body is overwritten once its request is answered: it may hold a passphrase or a patron.
 *
 * <p>Jetty's own handler keeps an object for each piece, and passes on long or fragmented bodies before their end. The
 * reader of the rest then waits with a thread.
 */
public final class BodyBuffering extends Handler.Wrapper {
    private final int mostBytes;
    private final long mostTogether;
    private final Predicate<Request> arrived;
    private final AtomicLong together = new AtomicLong();

    /**
     * The incomplete bodies, oldest first. A body is in the set before any of it is counted and until its last byte is,
     * so whatever takes room is either here or answered. No foreign code runs under its lock.
     */
    private final Set<Body> waiting = new LinkedHashSet<>();

    /**
     * Creates a handler that passes requests on to {@code next}.
     *
     * @param arrived called when a whole request is here. If it returns false, the connection ended before, and the
     *     request is not carried out.
     */
    public BodyBuffering(int mostBytes, Predicate<Request> arrived, Handler next) {
        this(mostBytes, Runtime.getRuntime().maxMemory() / 8, arrived, next);
    }

    /** Creates a handler whose bodies together take at most {@code mostTogether} bytes. */
    BodyBuffering(int mostBytes, long mostTogether, Predicate<Request> arrived, Handler next) {
        super(next);
        this.mostBytes = mostBytes;
        this.mostTogether = mostTogether;
        this.arrived = arrived;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        HttpFields said = request.getHeaders();
        if (said.getLongField(HttpHeader.CONTENT_LENGTH) > 0 || said.contains(HttpHeader.TRANSFER_ENCODING)) {
            Body body = new Body(request, response, callback);
            synchronized (waiting) {
                waiting.add(body);
            }
            body.read(false);
            return true;
        }
        if (arrived.test(request)) {
            return super.handle(request, response, callback);
        }
        callback.failed(ended());
        return true;
    }

    private static EofException ended() {
        return new EofException("the connection was ended");
    }

    /** Whether there is room, or ending the longest-waiting bodies, except {@code but}, makes room. */
    private boolean hasRoom(Body but) {
        List<Body> ended = new ArrayList<>();
        synchronized (waiting) {
            if (but.ended) {
                return true;
            }
            long excess = together.get() - mostTogether;
            for (Body body : waiting) {
                long makes = body.counted.get();
                if (excess > 0 && makes > 0 && body != but) {
                    excess -= makes;
                    ended.add(body);
                }
            }
            if (excess > 0) {
                return false;
            }
            for (Body body : ended) {
                waiting.remove(body);
                body.ended = true;
                body.giveBack();
            }
        }
        ended.forEach(body ->
                body.getConnectionMetaData().getConnection().getEndPoint().close());
        return true;
    }

    /** One body and its reading. One thread reads it at a time. Any thread may end it. */
    private final class Body extends Request.Wrapper implements Invocable.Task {
        private final Response response;
        private final Callback callback;
        private byte[] bytes = new byte[0];
        private int size;

        /** This body's part of {@link #together}. */
        private final AtomicLong counted = new AtomicLong();

        /** The announced length in bytes, or -1 if none was announced. */
        private final long announced;

        /**
         * Whether more was demanded and the callback has not run. Jetty may run the callback before the demand returns.
         */
        private final AtomicBoolean asked = new AtomicBoolean();

        private Content.Chunk end;

        /** Whether the connection was ended, and guarded by the lock of the waiting bodies. */
        private boolean ended;

        Body(Request request, Response response, Callback callback) {
            super(request);
            this.response = response;
            this.callback = Callback.from(this::end, callback);
            this.announced = request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)
                    ? -1
                    : request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH);
        }

        private void giveBack() {
            together.addAndGet(-counted.getAndSet(0));
        }

        private void end() {
            giveBack();
            Arrays.fill(bytes, (byte) 0);
        }

        @Override
        public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
        }

        @Override
        public void run() {
            if (asked.getAndSet(false)) {
                read(true);
            }
        }

        void read(boolean elsewhere) {
            try {
                readOn(elsewhere);
            } catch (Throwable e) {
                finish(() -> callback.failed(e));
            }
        }

        private void readOn(boolean elsewhere) {
            while (end == null) {
                Content.Chunk chunk = getWrapped().read();
                if (chunk == null) {
                    waitForMore();
                    return;
                }
                take(chunk);
                if (together.get() > mostTogether && !Content.Chunk.isFailure(end) && !hasRoom(this)) {
                    finish(() ->
                            Response.writeError(getWrapped(), response, callback, HttpStatus.SERVICE_UNAVAILABLE_503));
                    return;
                }
            }
            finish(() -> {
                if (Content.Chunk.isFailure(end)) {
                    Response.writeError(getWrapped(), response, callback, HttpStatus.BAD_REQUEST_400);
                } else if (!arrived.test(getWrapped())) {
                    callback.failed(BodyBuffering.ended());
                } else if (elsewhere) {
                    getContext().execute(this::handOn);
                } else {
                    handOn();
                }
            });
        }

        private void waitForMore() {
            asked.set(true);
            getWrapped().demand(this);
            // The connection may have closed before anyone could notify the waiting reader.
            if (!getConnectionMetaData().getConnection().getEndPoint().isOpen() && asked.getAndSet(false)) {
                finish(() -> callback.failed(BodyBuffering.ended()));
            }
        }

        /** Runs the last action on the body. For an ended body that action only reports the end. */
        private void finish(Runnable last) {
            boolean wasEnded;
            synchronized (waiting) {
                wasEnded = ended;
                waiting.remove(this);
            }
            if (wasEnded) {
                callback.failed(BodyBuffering.ended());
            } else {
                last.run();
            }
        }

        private void take(Content.Chunk chunk) {
            if (Content.Chunk.isFailure(chunk)) {
                end = chunk;
                return;
            }
            int length = Math.min(chunk.remaining(), mostBytes + 1 - size);
            int grown = makeRoom(size + length);
            chunk.getByteBuffer().get(bytes, size, length);
            size += length;
            boolean last = chunk.isLast();
            chunk.release();
            if (last || size == announced || size > mostBytes) {
                end = Content.Chunk.EOF;
                synchronized (waiting) {
                    waiting.remove(this);
                }
            }
            counted.addAndGet(grown);
            together.addAndGet(grown);
        }

        /** Grows the buffer to {@code length} bytes or more, but to no more than may arrive, and returns the growth. */
        private int makeRoom(int length) {
            int before = bytes.length;
            if (length > before) {
                int most = announced < 0 ? mostBytes + 1 : (int) Math.min(announced, mostBytes + 1);
                byte[] smaller = bytes;
                bytes = Arrays.copyOf(smaller, Math.max(length, Math.min(most, 2 * before)));
                Arrays.fill(smaller, (byte) 0);
            }
            return bytes.length - before;
        }

        private void handOn() {
            BufferedRequest whole = new BufferedRequest(this, ByteBuffer.wrap(bytes, 0, size));
            try {
                if (!getHandler().handle(whole, response, callback)) {
                    Response.writeError(whole, response, callback, HttpStatus.NOT_FOUND_404);
                }
            } catch (Throwable e) {
                Response.writeError(whole, response, callback, e);
            }
        }
    }

    /** The request with its arrived body: reading it never waits. */
    private static final class BufferedRequest extends Request.Wrapper {
        private final ByteBuffer bytes;

        BufferedRequest(Request request, ByteBuffer bytes) {
            super(request);
            this.bytes = bytes;
        }

        @Override
        public Content.Chunk read() {
            if (!bytes.hasRemaining()) {
                return Content.Chunk.EOF;
            }
            ByteBuffer all = bytes.slice();
            bytes.position(bytes.limit());
            return Content.Chunk.from(all, false);
        }
    }
}
