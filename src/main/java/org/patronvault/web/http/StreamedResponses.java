package org.patronvault.web.http;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.ee10.servlet.HttpOutput;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.util.Callback;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.web.WebServer;

/** Answers that are written while they are made. An answer that breaks off must not look complete. */
public final class StreamedResponses {
    /** The part of the heap that answers may take while slow callers read them. */
    private static final long MOST_WAITING_BYTES = Runtime.getRuntime().maxMemory() / 8;

    private static final AtomicLong WAITING_BYTES = new AtomicLong();

    /** A streamed answer holds a thread while its caller reads, so all together may hold only a part of the threads. */
    private static final int MOST_STREAMED = WebServer.THREADS / 4;

    private static final int MOST_OF_ONE = 2;

    /** The number of streamed answers, by reader's name. */
    private static final Map<String, Integer> STREAMED = new HashMap<>();

    private static final String SHARED = "shared";
    private static final String RESERVED = "reserved";

    private StreamedResponses() {}

    /** Answers with shared bytes, held once however many callers read them. */
    public static void shared(Context ctx, byte[] bytes) {
        ctx.attribute(SHARED, true);
        ctx.result(bytes);
    }

    /** Writes an answer. */
    @FunctionalInterface
    public interface BodyWriter {
        void run() throws IOException;
    }

    /**
     * Runs {@code writing}. If it fails, the connection breaks off, or the refusal is sent if no byte has left yet.
     *
     * @param reader the caller
     * @throws Refused with {@code busy} while a quarter of all threads write such answers, or two of them for that
     *     reader
     */
    public static void answer(Context ctx, Actor reader, BodyWriter writing) {
        begin(reader.name());
        try {
            writing.run();
        } catch (UncheckedIOException | IOException e) {
            // The caller has disconnected.
            abort(ctx);
        } catch (RuntimeException | Error e) {
            if (ctx.res().isCommitted()) {
                abort(ctx);
            } else {
                // Drops the begun answer, and keeps the headers of every answer.
                ctx.res().resetBuffer();
                ctx.res().setHeader("Content-Disposition", null);
                ctx.res().setHeader("Vault-Entry", null);
            }
            throw e;
        } finally {
            end(reader.name());
        }
    }

    private static void begin(String reader) {
        synchronized (STREAMED) {
            int all = STREAMED.values().stream().mapToInt(Integer::intValue).sum();
            if (all >= MOST_STREAMED || STREAMED.getOrDefault(reader, 0) >= MOST_OF_ONE) {
                throw new Refused(Problem.BUSY, "Too many files are being fetched; try again in a moment.", 5);
            }
            STREAMED.merge(reader, 1, Integer::sum);
        }
    }

    private static void end(String reader) {
        synchronized (STREAMED) {
            STREAMED.computeIfPresent(reader, (name, many) -> many == 1 ? null : many - 1);
        }
    }

    /**
     * Reserves memory for an answer longer than one buffer: any caller may request several and not read them. Reserves
     * it for any answer of a future as well, because the thread that completes a future may not wait for a reader.
     *
     * @throws Refused with {@code busy} while too much waits already
     */
    public static void reserve(Context ctx) throws IOException {
        InputStream whole = ctx.resultInputStream();
        int atOnce = ctx.req().isAsyncStarted() ? 0 : ctx.res().getBufferSize();
        boolean isLong = whole instanceof ByteArrayInputStream bytes && bytes.available() > atOnce;
        if (!isLong || ctx.method().equals(HandlerType.HEAD)) {
            return;
        }
        int size = ctx.attribute(SHARED) == null ? whole.available() : 0;
        reserve(size);
        ctx.attribute(RESERVED, size);
    }

    /** Reserves that many bytes, and refuses like {@link #reserve(Context)}. */
    static void reserve(int size) {
        // Added before the comparison, so that the sum never exceeds the limit under concurrency.
        if (WAITING_BYTES.addAndGet(size) > MOST_WAITING_BYTES && size > 0) {
            release(size);
            throw new Refused(Problem.BUSY, "Too many answers wait to be read; try again.", 1);
        }
    }

    /** Gives reserved bytes back. */
    static void release(int size) {
        WAITING_BYTES.addAndGet(-size);
    }

    /** Makes a reserved answer wait for its reader without a thread. */
    public static void withoutThread(Context ctx) throws IOException {
        Integer size = ctx.attribute(RESERVED);
        if (size == null) {
            return;
        }
        InputStream whole = ctx.resultInputStream();
        ctx.res().setContentLength(whole.available());
        ctx.result(new byte[0]);
        HttpOutput out = (HttpOutput) ctx.res().getOutputStream();
        ctx.future(() -> {
            SlowReader sent = new SlowReader();
            out.sendContent(whole, Callback.from(() -> release(size), Callback.from(() -> sent.complete(null), gone -> {
                abort(ctx);
                sent.complete(null);
            })));
            return sent;
        });
    }

    /** A future that ignores the time limit for making answers, so that slow readers are not cut off. */
    private static final class SlowReader extends CompletableFuture<Void> {
        @Override
        public boolean cancel(boolean mayInterrupt) {
            return false;
        }
    }

    private static void abort(Context ctx) {
        ServletContextRequest.getServletContextRequest(ctx.req())
                .getConnectionMetaData()
                .getConnection()
                .getEndPoint()
                .close();
    }
}
