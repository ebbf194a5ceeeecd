package org.patronvault.web;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;

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
                ctx.res().reset();
            }
            throw e;
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
