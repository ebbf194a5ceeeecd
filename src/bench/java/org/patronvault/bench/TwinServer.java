package org.patronvault.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.EagerContentHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The twin's HTTP: Javalin and Jetty set as the vault sets them, and the answers of the vault's search and check. */
final class TwinServer {
    private static final int THREADS = 32;
    private static final int MAX_BODY_BYTES = 64 * 1024;
    private static final int MAX_HEADER_BYTES = 8 * 1024;
    private static final int IDLE_MILLIS = 30_000;
    private static final Duration A_DAY = Duration.ofDays(1);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TwinStore store;
    private final int port;

    TwinServer(TwinStore store, int port) {
        this.store = store;
        this.port = port;
    }

    /** Serves until the process ends. */
    void start() {
        Javalin.create(this::configure).start();
    }

    private void configure(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.http.maxRequestSize = MAX_BODY_BYTES;
        config.http.compressionStrategy = CompressionStrategy.NONE;
        config.jetty.threadPool = new QueuedThreadPool(THREADS, 4);
        config.jetty.addConnector(this::connector);
        config.jetty.modifyServer(server -> server.setHandler(new EagerContentHandler(
                new EagerContentHandler.RetainedContentLoaderFactory(MAX_BODY_BYTES, -1, false))));
        config.routes.get("/health/ready", ctx -> ctx.result("{\"status\":\"ready\"}"));
        config.routes.post("/v1/patrons/search", this::search);
        config.routes.post("/v1/entitlements/check", this::check);
    }

    private ServerConnector connector(Server server, HttpConfiguration http) {
        http.setSendServerVersion(false);
        http.setSendDateHeader(true);
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        http.setResponseHeaderSize(MAX_HEADER_BYTES);
        ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
        connector.setHost("127.0.0.1");
        connector.setPort(port);
        connector.setIdleTimeout(IDLE_MILLIS);
        return connector;
    }

    private void search(Context ctx) throws IOException {
        JsonNode query = JSON.readTree(ctx.bodyInputStream().readAllBytes());
        Optional<Map<String, Object>> row = store.find(query.path("card").asText());
        ObjectNode answer = object();
        ArrayNode results = answer.putArray("results");
        if (row.isPresent()) {
            results.add(result(row.get(), query.path("reveal")));
        }
        answer.put("more", false);
        answer.put("entry", 0);
        write(ctx, answer);
    }

    private void check(Context ctx) throws IOException {
        JsonNode query = JSON.readTree(ctx.bodyInputStream().readAllBytes());
        Optional<Map<String, Object>> entitled = store.findStanding(
                        query.path("card").asText())
                .filter(row -> text(row, "status").equals("active"))
                .filter(row -> text(row, "expires").isEmpty()
                        || !LocalDate.parse(text(row, "expires")).isBefore(LocalDate.now(ZoneOffset.UTC)));
        ObjectNode answer = object().put("entitled", entitled.isPresent());
        if (entitled.isPresent()) {
            answer.put(
                    "validUntil",
                    Instant.now().plus(A_DAY).truncatedTo(ChronoUnit.SECONDS).toString());
            answer.put("subject", id(entitled.get()));
        } else {
            answer.put("reason", "not-entitled");
        }
        write(ctx, answer);
    }

    private static void write(Context ctx, ObjectNode answer) {
        ctx.header("Cache-Control", "no-store");
        ctx.result(answer.toString().getBytes(StandardCharsets.UTF_8));
        ctx.contentType("application/json");
    }

    private static String id(Map<String, Object> row) {
        return String.format("%016x", ((Number) row.get("id")).longValue());
    }

    private static ObjectNode result(Map<String, Object> row, JsonNode reveal) throws JsonProcessingException {
        ObjectNode one = object().put("id", id(row));
        one.put("match", "exact");
        for (String member : new String[] {"library", "category", "status", "expires"}) {
            one.put(member, text(row, member));
        }
        for (JsonNode field : reveal) {
            switch (field.asText()) {
                case "name" ->
                    TwinStore.nameParts()
                            .forEach(part -> one.withObjectProperty("name").put(part, text(row, part)));
                case "address" ->
                    TwinStore.addressParts()
                            .forEach(part -> one.withObjectProperty("address").put(part, text(row, part)));
                case "phone", "email" -> one.set(field.asText(), JSON.readTree(text(row, field.asText())));
                default -> throw new IllegalArgumentException("no such field");
            }
        }
        return one;
    }

    private static String text(Map<String, Object> row, String column) {
        // Jdbi's maps have their keys in lower case.
        return (String) row.get(column.toLowerCase(java.util.Locale.ROOT));
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
