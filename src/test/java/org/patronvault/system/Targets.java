package org.patronvault.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.patronvault.web.OpenApiDocument;

/**
 * What there is for requests to reach, learnt from answers: the newest ids of each collection, as it is called in a path,
 * the version of each patron, and how often each operation was done. Safe for use by many threads.
 */
final class Targets {
    private static final int NEWEST = 12;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, List<String>> ids = new ConcurrentHashMap<>();
    private final Map<String, String> tags = new ConcurrentHashMap<>();
    private final Map<String, Integer> done = new ConcurrentHashMap<>();

    /** Adds one. */
    void add(String collection, String id) {
        ids.compute(collection, (name, all) -> {
            List<String> newest = new ArrayList<>(all == null ? List.of() : all);
            newest.remove(id);
            newest.add(id);
            return List.copyOf(newest.subList(Math.max(0, newest.size() - NEWEST), newest.size()));
        });
    }

    /** One of those, if there is any. */
    Optional<String> one(String collection, Random random) {
        List<String> all = all(collection);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
    }

    List<String> all(String collection) {
        return ids.getOrDefault(collection, List.of());
    }

    /** Which version a patron had last, as {@code If-Match} wants it. */
    String tag(String patron) {
        return tags.getOrDefault(patron, "\"1\"");
    }

    /** What was done at least once, and how often. */
    Map<String, Integer> done() {
        return new TreeMap<>(done);
    }

    /** Takes what an answer to a request by that operation names. */
    void learn(OpenApiDocument.Operation operation, RawHttp.Reply reply) {
        if (reply.status() >= 300) {
            return;
        }
        done.merge(operation.node().path("operationId").asText(), 1, Integer::sum);
        JsonNode answer = json(reply.body());
        String id = answer.path("id").asText();
        String collection = collection(operation.path());
        if (!id.isEmpty()) {
            reply.header("ETag").ifPresent(tag -> tags.put(id, tag));
        }
        if (reply.status() == 201) {
            add(collection, answer.path("name").asText(id));
        } else if (reply.status() == 202) {
            add("operations", id);
            add("approvals", id);
            add("mailings", id);
        }
        answer.forEach(list -> {
            if (list.isArray()) {
                list.forEach(one -> {
                    if (one.path("id").isTextual()) {
                        add(collection, one.path("id").asText());
                    }
                });
            }
        });
    }

    private static String collection(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static JsonNode json(byte[] body) {
        try {
            return body.length > 0 && body[0] == '{' ? JSON.readTree(body) : JSON.createObjectNode();
        } catch (IOException e) {
            return JSON.createObjectNode();
        }
    }
}
