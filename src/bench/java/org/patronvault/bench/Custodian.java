package org.patronvault.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A custodian at the vault's own API, who asks too seldom for a connection to stay open. */
final class Custodian {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int POLL_MILLIS = 20;

    private final int port;
    private final String token;

    /** Signs in. */
    Custodian(int port) throws IOException {
        this.port = port;
        token = ask("POST", "/v1/sessions", "", credentials(), 201)
                .path("token")
                .asText();
    }

    private static String credentials() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("username", VaultSide.CUSTODIAN)
                .put("password", VaultSide.PASSWORD)
                .toString();
    }

    private JsonNode ask(String method, String path, String bearer, String json, int expected) throws IOException {
        return ask(port, method, path, bearer, json, expected);
    }

    private static JsonNode ask(int port, String method, String path, String bearer, String json, int expected)
            throws IOException {
        try (HttpConnection connection = new HttpConnection(port)) {
            int status = connection.exchange(HttpConnection.request(method, path, bearer, json));
            if (status != expected) {
                throw new IOException(method + " " + path + " was answered " + status + ": " + connection.body());
            }
            return JSON.readTree(connection.body());
        }
    }

    /** Begins to rotate the KEK of that patron field, or of {@code all}. */
    List<String> rotate(String name) throws IOException {
        List<String> begun = new ArrayList<>();
        ask("POST", "/v1/keys/" + name + "/rotate", token, "", 202)
                .path("operations")
                .forEach(id -> begun.add(id.asText()));
        return begun;
    }

    /** Values that were moved until now; fails if all have ended, since then there is nothing to be beside. */
    long movedByRunning(List<String> operations) throws IOException {
        long moved = 0;
        boolean running = false;
        for (String id : operations) {
            JsonNode operation = operation(id);
            moved += operation.path("done").asLong();
            running |= isRunning(operation);
        }
        if (!running) {
            throw new IOException("the rotation ended before the round; take more patrons, or fewer seconds");
        }
        return moved;
    }

    /** Waits until they are done; gives how many values they moved. */
    long await(List<String> operations) throws IOException, InterruptedException {
        long moved = 0;
        for (String id : operations) {
            JsonNode operation = operation(id);
            while (isRunning(operation)) {
                Thread.sleep(POLL_MILLIS);
                operation = operation(id);
            }
            if (!operation.path("state").asText().equals("done")) {
                throw new IOException("a rotation was not done: " + operation);
            }
            moved += operation.path("done").asLong();
        }
        return moved;
    }

    private static boolean isRunning(JsonNode operation) {
        return operation.path("state").asText().equals("running");
    }

    private JsonNode operation(String id) throws IOException {
        return ask("GET", "/v1/operations/" + id, token, "", 200);
    }

    /** Seals the vault, and unseals it with that passphrase; gives the seconds the second took. */
    double unseal(String passphrase) throws IOException {
        ask("POST", "/v1/seal", token, "", 200);
        return unsealSealed(port, passphrase);
    }

    /** Unseals a vault that is sealed; gives the seconds that took. */
    static double unsealSealed(int port, String passphrase) throws IOException {
        String offered = JsonNodeFactory.instance
                .objectNode()
                .put("passphrase", passphrase)
                .toString();
        long start = System.nanoTime();
        JsonNode now = ask(port, "POST", "/v1/unseal", "", offered, 200);
        double seconds = (System.nanoTime() - start) / 1e9;
        if (now.path("sealed").asBoolean(true)) {
            throw new IOException("the passphrase did not unseal: " + now);
        }
        return seconds;
    }
}
