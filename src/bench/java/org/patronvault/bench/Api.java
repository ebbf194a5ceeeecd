package org.patronvault.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;
import org.patronvault.app.Home;
import org.patronvault.app.PendingUnseal;
import org.patronvault.app.VaultInstance;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.policy.Caller;

/** A server's API, called by one person in one session; and what is prepared in a vault that nobody serves. */
final class Api {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CALLERS = 64;

    private final int port;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String token;

    private Api(int port, String user) throws IOException, InterruptedException {
        this.port = port;
        ObjectNode who = object().put("username", user).put("password", VaultSide.PASSWORD);
        HttpRequest signIn = HttpRequest.newBuilder(at("/v1/sessions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(who.toString()))
                .build();
        this.token = answer(signIn).path("token").asText();
    }

    /** Signs that person in. */
    static Api as(String user, int port) throws IOException, InterruptedException {
        return new Api(port, user);
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private URI at(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(at(path)).header("Authorization", "Bearer " + token);
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return answer(request(path).build());
    }

    JsonNode post(String path, ObjectNode body) throws IOException, InterruptedException {
        return answer(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build());
    }

    JsonNode delete(String path) throws IOException, InterruptedException {
        return answer(request(path).DELETE().build());
    }

    private JsonNode answer(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(request, HttpResponse.BodyHandlers.ofString());
        return JSON.readTree(answer.body());
    }

    /** Gets what is not JSON. */
    <T> T get(String path, HttpResponse.BodyHandler<T> handler) throws IOException, InterruptedException {
        return send(request(path).build(), handler).body();
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        HttpResponse<T> answer = client.send(request, handler);
        if (answer.statusCode() >= 300) {
            throw new IOException(request.uri().getPath() + " was answered " + answer.statusCode());
        }
        return answer;
    }

    /** Has that done to each of those patrons, or to everybody if {@code most} is more, by many at once. */
    static void prepare(Path home, long most, BiConsumer<VaultInstance, PatronId> each) throws InterruptedException {
        byte[] passphrase = VaultSide.PASSPHRASE.getBytes(StandardCharsets.UTF_8);
        try (VaultInstance vault = PendingUnseal.of(
                        new Home(home), keys -> keys.unseal(passphrase), Clock.systemUTC(), why -> {
                            throw new IllegalStateException(why);
                        })
                .unsealed()) {
            ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
            LongStream.of(vault.patrons().reindexing().everybody())
                    .limit(most)
                    .mapToObj(PatronId::new)
                    .forEach(id -> callers.execute(() -> each.accept(vault, id)));
            callers.shutdown();
            if (!callers.awaitTermination(1, TimeUnit.HOURS)) {
                throw new IllegalStateException("not everybody was made ready");
            }
        }
    }

    /** Somebody at the desk, whom no limit stops. */
    static Caller clerk() {
        Actor clerk = new Actor(Actor.Kind.STAFF, "clerk", "circulation", "NC");
        return new Caller(clerk, Set.of(), Optional.empty(), Optional.empty(), OptionalInt.empty(), false);
    }
}
