package org.patronvault.web;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.ee10.servlet.HttpOutput;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.util.Callback;

/** Answers that are written while they are made: what breaks off must not look like the end. */
final class Streams {
    private Streams() {}

    /** Writes an answer. */
    @FunctionalInterface
    interface Writing {
        void run() throws IOException;
    }

    /** Has it written; if that fails, the connection breaks off, or the refusal is answered if nothing left yet. */
    static void answer(Context ctx, Writing writing) {
        try {
            writing.run();
        } catch (UncheckedIOException | IOException e) {
            // Whoever asked has gone.
            abort(ctx);
        } catch (RuntimeException | Error e) {
            if (ctx.res().isCommitted()) {
                abort(ctx);
            } else {
                // Of what was begun nothing is left, and what every answer carries stays.
                ctx.res().resetBuffer();
                ctx.res().setHeader("Content-Disposition", null);
            }
            throw e;
        }
    }

    /**
     * Has an answer that is longer than one buffer wait for whoever reads it without a thread: anybody may ask for some of
     * them, and not read.
     */
    static void withoutThread(Context ctx) throws IOException {
        InputStream whole = ctx.resultInputStream();
        boolean isLong = whole instanceof ByteArrayInputStream bytes
                && bytes.available() > ctx.res().getBufferSize();
        if (!isLong || ctx.method().equals(HandlerType.HEAD)) {
            return;
        }
        ctx.result(new byte[0]);
        HttpOutput out = (HttpOutput) ctx.res().getOutputStream();
        ctx.future(() -> {
            CompletableFuture<Void> sent = new CompletableFuture<>();
            out.sendContent(whole, Callback.from(() -> sent.complete(null), gone -> {
                abort(ctx);
                sent.complete(null);
            }));
            return sent;
        });
    }

    private static void abort(Context ctx) {
        ServletContextRequest.getServletContextRequest(ctx.req())
                .getConnectionMetaData()
                .getConnection()
                .getEndPoint()
                .close();
    }
}
