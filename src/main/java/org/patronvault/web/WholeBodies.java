package org.patronvault.web;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;

/**
 * Hands a request on once its whole body is here, without a thread until then: who brings it byte by byte costs what he
 * has brought, in however many pieces, and nobody's turn. A body longer than allowed is handed on as far as it came,
 * which is longer than allowed. All together take no more than an eighth of the heap; who would take more is refused with
 * 503.
 *
 * <p>Jetty's own handler for this keeps an object for each piece, and hands on what is longer, or in many pieces, before
 * its end; whoever reads the rest waits for it with a thread.
 */
final class WholeBodies extends Handler.Wrapper {
    private final int mostBytes;
    private final long mostTogether;
    private final AtomicLong together = new AtomicLong();

    /** The bodies that more is waited for of, the first of them first. */
    private final Set<Body> waiting = new LinkedHashSet<>();

    WholeBodies(int mostBytes, Handler next) {
        this(mostBytes, Runtime.getRuntime().maxMemory() / 8, next);
    }

    /** The same, where all together take no more than {@code mostTogether} bytes. */
    WholeBodies(int mostBytes, long mostTogether, Handler next) {
        super(next);
        this.mostBytes = mostBytes;
        this.mostTogether = mostTogether;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        HttpFields said = request.getHeaders();
        if (said.getLongField(HttpHeader.CONTENT_LENGTH) <= 0 && !said.contains(HttpHeader.TRANSFER_ENCODING)) {
            return super.handle(request, response, callback);
        }
        new Body(request, response, callback).read(false);
        return true;
    }

    /** Ends what is waited for longest until there is room. */
    private void makeRoom() {
        List<Body> ended = new ArrayList<>();
        synchronized (waiting) {
            Iterator<Body> first = waiting.iterator();
            while (together.get() > mostTogether && first.hasNext()) {
                Body body = first.next();
                first.remove();
                body.giveBack();
                ended.add(body);
            }
        }
        ended.forEach(body ->
                body.getConnectionMetaData().getConnection().getEndPoint().close());
    }

    /** What came of one body. Jetty has it run by one thread at a time; it is ended by any. */
    private final class Body extends Request.Wrapper implements Invocable.Task {
        private final Response response;
        private final Callback callback;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(0);

        /** What of {@link #together} is this one's. */
        private final AtomicLong counted = new AtomicLong();

        private Content.Chunk end;

        Body(Request request, Response response, Callback callback) {
            super(request);
            this.response = response;
            this.callback = Callback.from(this::giveBack, callback);
        }

        private void giveBack() {
            together.addAndGet(-counted.getAndSet(0));
        }

        @Override
        public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
        }

        @Override
        public void run() {
            read(true);
        }

        void read(boolean elsewhere) {
            while (end == null) {
                Content.Chunk chunk = getWrapped().read();
                if (chunk == null) {
                    waitForMore();
                    return;
                }
                take(chunk);
                if (together.get() > mostTogether) {
                    makeRoom();
                    if (together.get() > mostTogether) {
                        isOver();
                        Response.writeError(getWrapped(), response, callback, HttpStatus.SERVICE_UNAVAILABLE_503);
                        return;
                    }
                }
            }
            isOver();
            if (elsewhere) {
                getContext().execute(this::handOn);
            } else {
                handOn();
            }
        }

        private void waitForMore() {
            synchronized (waiting) {
                boolean unused = waiting.add(this);
            }
            getWrapped().demand(this);
        }

        private void isOver() {
            synchronized (waiting) {
                boolean unused = waiting.remove(this);
            }
        }

        private void take(Content.Chunk chunk) {
            if (Content.Chunk.isFailure(chunk)) {
                end = chunk;
                return;
            }
            byte[] part = new byte[Math.min(chunk.remaining(), mostBytes + 1 - bytes.size())];
            chunk.getByteBuffer().get(part);
            boolean last = chunk.isLast();
            chunk.release();
            bytes.writeBytes(part);
            if (last || bytes.size() > mostBytes) {
                end = Content.Chunk.EOF;
            }
            counted.addAndGet(part.length);
            together.addAndGet(part.length);
        }

        private void handOn() {
            Whole whole = new Whole(this, bytes.toByteArray(), end);
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
    private static final class Whole extends Request.Wrapper {
        private final ByteBuffer bytes;
        private final Content.Chunk end;

        Whole(Request request, byte[] bytes, Content.Chunk end) {
            super(request);
            this.bytes = ByteBuffer.wrap(bytes);
            this.end = end;
        }

        @Override
        public Content.Chunk read() {
            if (!bytes.hasRemaining()) {
                return end;
            }
            ByteBuffer all = bytes.slice();
            bytes.position(bytes.limit());
            return Content.Chunk.from(all, false);
        }
    }
}
