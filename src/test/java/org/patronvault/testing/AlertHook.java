package org.patronvault.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A real HTTP server that alerts are posted to, and what it got. */
public final class AlertHook implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 30;

    /** One request, and its body as sent. */
    public record Got(String method, String path, Map<String, List<String>> headers, String body) {
        /** The first value of that header, or nothing. */
        public String header(String name) {
            return headers.getOrDefault(name, List.of("")).get(0);
        }

        /** The body, which is JSON. */
        public JsonNode json() {
            try {
                return new ObjectMapper().readTree(body);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private final BlockingQueue<Got> got = new LinkedBlockingQueue<>();
    private final Queue<Integer> statuses = new ArrayDeque<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private volatile CountDownLatch answering = new CountDownLatch(0);

    /** Listens on a free port of this machine. */
    public AlertHook() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::take);
        server.start();
    }

    private void take(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        got.add(new Got(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                Map.copyOf(exchange.getRequestHeaders()),
                body));
        try {
            answering.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        int status = nextStatus();
        if (status / 100 == 3) {
            exchange.getResponseHeaders().add("Location", "/elsewhere");
        }
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    private synchronized int nextStatus() {
        return statuses.isEmpty() ? 204 : statuses.remove();
    }

    /** Answers the next requests so, and those after them with 204. */
    public synchronized void answer(Integer... next) {
        statuses.addAll(List.of(next));
    }

    /** Answers nothing until {@link #goOn}. */
    public void hang() {
        answering = new CountDownLatch(1);
    }

    /** Answers again. */
    public void goOn() {
        answering.countDown();
    }

    /** Where alerts are posted; the query is there to be kept out of messages. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/alerts?key=not-to-be-said");
    }

    /** The next request, waiting for it. */
    public Got next() {
        try {
            Got next = got.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing was posted");
            }
            return next;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The next alert of that kind, waiting for it and passing over others. */
    public JsonNode next(String kind) {
        JsonNode alert = next().json();
        while (!alert.path("alert").asText().equals(kind)) {
            alert = next().json();
        }
        return alert;
    }

    /** What came in and was not looked at yet. */
    public List<Got> rest() {
        Collection<Got> rest = new ArrayList<>();
        got.drainTo(rest);
        return List.copyOf(rest);
    }

    @Override
    public void close() {
        goOn();
        server.stop(0);
        threads.shutdownNow();
    }
}
