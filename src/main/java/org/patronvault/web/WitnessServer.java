package org.patronvault.web;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.log.witness.Witness;
import org.patronvault.web.http.BodyBuffering;
import org.patronvault.web.http.ProtocolGuard;
import org.patronvault.web.http.SecurityHeaders;
import org.patronvault.web.http.SessionlessServer;
import org.patronvault.web.http.SlowClientGuard;

/** The HTTP server of a witness (C2SP tlog-witness). Its traffic is not secret. */
public final class WitnessServer implements AutoCloseable {
    private static final SecurityHeaders HEADERS = new SecurityHeaders(false);
    private static final int THREADS = 16;
    private static final int IDLE_MILLIS = 30_000;
    private static final long MIN_BYTES_PER_SECOND = 512;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration HURRIED_PATIENCE = Duration.ofSeconds(5);
    private static final int CROWD = 50;
    private static final int MOST_CONNECTIONS = 200;
    private static final String TEXT = "text/plain; charset=utf-8";

    private final Witness witness;
    private final SlowClientGuard patience = new SlowClientGuard(PATIENCE, HURRIED_PATIENCE);
    private final Server server;
    private final ServerConnector connector;

    private WitnessServer(Witness witness, String host, int port) {
        this.witness = witness;
        this.server =
                SessionlessServer.create(Javalin.create(this::configure), new QueuedThreadPool(THREADS, 2), patience);
        server.setErrorHandler(new PlainErrors(HEADERS));
        server.setHandler(new ProtocolGuard(new BodyBuffering(Witness.MAX_BYTES, patience::arrived, patience)));
        this.connector = connector(host, port);
    }

    /**
     * Starts to listen.
     *
     * @throws Refused if the address cannot be bound
     */
    public static WitnessServer start(Witness witness, String host, int port) {
        WitnessServer server = new WitnessServer(witness, host, port);
        try {
            server.server.start();
            return server;
        } catch (Exception e) {
            server.close();
            throw new Refused(Problem.HOME_IN_USE, "The port is taken, or the address is not this machine's.");
        }
    }

    private void configure(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.http.maxRequestSize = Witness.MAX_BYTES;
        config.http.compressionStrategy = CompressionStrategy.NONE;
        config.routes.post("/add-checkpoint", this::add);
        config.routes.get("/{origin}/checkpoint", this::checkpoint);
        config.routes.get("/", ctx -> answer(ctx, 200, TEXT, witness.verifierKey() + "\n"));
        config.routes.before(ctx -> HEADERS.put(ctx));
        // Otherwise the answer repeats the address.
        config.routes.exception(
                HttpResponseException.class,
                (e, ctx) -> answer(
                        ctx,
                        e.getStatus(),
                        TEXT,
                        e.getStatus() == 404 ? "There is nothing here.\n" : "The request cannot be read.\n"));
        config.routes.exception(
                UncheckedIOException.class,
                (e, ctx) ->
                        // A disk error: nothing was signed, and the log asks again.
                        answer(ctx, 503, TEXT, "The witness cannot write; nothing was signed.\n"));
    }

    @SuppressWarnings("removal")
    private ServerConnector connector(String host, int port) {
        HttpConfiguration http = SessionlessServer.configuration();
        http.setMinRequestDataRate(MIN_BYTES_PER_SECOND);
        ServerConnector made = new ServerConnector(server, new HttpConnectionFactory(http));
        made.setHost(host);
        made.setPort(port);
        made.setIdleTimeout(IDLE_MILLIS);
        made.addBean(patience, false);
        patience.keepRoom(made, MOST_CONNECTIONS - THREADS, CROWD);
        server.addBean(new NetworkConnectionLimit(MOST_CONNECTIONS, made));
        server.addConnector(made);
        return made;
    }

    private void add(Context ctx) {
        byte[] body = body(ctx);
        if (body.length > Witness.MAX_BYTES) {
            answer(ctx, 413, TEXT, "That is larger than any checkpoint with its proof.\n");
            return;
        }
        Witness.Reply reply = witness.add(body);
        answer(ctx, reply.status(), reply.type(), reply.body());
    }

    /** Reads at most one byte beyond the limit, whatever the length and encoding. */
    private static byte[] body(Context ctx) {
        try {
            return ctx.bodyInputStream().readNBytes(Witness.MAX_BYTES + 1);
        } catch (IOException e) {
            throw new BadRequestResponse();
        }
    }

    private void checkpoint(Context ctx) {
        Optional<String> last = witness.checkpoint(ctx.pathParam("origin"));
        answer(ctx, last.isPresent() ? 200 : 404, TEXT, last.orElse("This witness has signed no such log.\n"));
    }

    private static void answer(Context ctx, int status, String type, String body) {
        ctx.status(status).contentType(type).header("Cache-Control", "no-store").result(body);
    }

    /** The port in use. */
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            // A request was slower.
        }
    }
}
