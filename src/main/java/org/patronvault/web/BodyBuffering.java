package org.patronvault.web;

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
 * Hands a request on once its whole body is here, without a thread until then: who brings it byte by byte costs what he
 * has brought, or twice that, in however many pieces, and nobody's turn. A body longer than allowed is handed on as far
 * as it came, which is longer than allowed; one that is broken off is not, but answered with 400. All together bring no more than an
 * eighth of the heap: where there is no room for more, the connections of those that are waited for longest are ended,
 * as many as make it; where that would not be enough, whoever brings more is refused with 503. So who brings what he
 * announces, all at once, goes before whoever does not, and what is ended is never handed on.
 *
 * <p>A body is overwritten once its request is answered: it may be a passphrase, or a patron.
 *
 * <p>Jetty's own handler for this keeps an object for each piece, and hands on what is longer, or in many pieces, before
 * its end; whoever reads the rest waits for it with a thread.
 */
final class BodyBuffering extends Handler.Wrapper {
    private final int mostBytes;
    private final long mostTogether;
    private final Predicate<Request> arrived;
    private final AtomicLong together = new AtomicLong();

    /**
     * The bodies of which not all is here, the first of them first. Each is in it before any of it is counted and until
     * the last of it is, so that what takes room is either here or answered. Its lock is held for no call to others.
     */
    private final Set<Body> waiting = new LinkedHashSet<>();

    /**
     * One that hands on to {@code next}.
     *
     * @param arrived told when all of a request is here; false if its connection was ended before that, and it is not to
     *     be carried out
     */
    BodyBuffering(int mostBytes, Predicate<Request> arrived, Handler next) {
        this(mostBytes, Runtime.getRuntime().maxMemory() / 8, arrived, next);
    }

    /** The same, where all together take no more than {@code mostTogether} bytes. */
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

    /** Whether there is room, or those that are waited for longest make it; {@code but} is none of them. */
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

    /** What came of one body. It is read by one thread at a time, whoever has the turn, and ended by any. */
    private final class Body extends Request.Wrapper implements Invocable.Task {
        private final Response response;
        private final Callback callback;
        private byte[] bytes = new byte[0];
        private int size;

        /** What of {@link #together} is this one's. */
        private final AtomicLong counted = new AtomicLong();

        /** How long it says it is; -1 if it does not say. */
        private final long announced;

        /**
         * Whether more was asked for and nobody goes on yet. Jetty may tell whoever asked that there is more before the
         * asking returns.
         */
        private final AtomicBoolean asked = new AtomicBoolean();

        private Content.Chunk end;

        /** By the lock of those that wait: its connection was ended. */
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
            // It may have been closed before anybody there could tell whoever waits.
            if (!getConnectionMetaData().getConnection().getEndPoint().isOpen() && asked.getAndSet(false)) {
                finish(() -> callback.failed(BodyBuffering.ended()));
            }
        }

        /** Does the last that is done with it; of one that was ended that is to say so. */
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

        /** Has room for so many bytes, and for no more than may come; by how much it has grown, which is what counts. */
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

    /** The request with what came of its body: nobody who reads it waits. */
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
