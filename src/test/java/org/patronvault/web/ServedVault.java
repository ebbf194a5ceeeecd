package org.patronvault.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import org.patronvault.access.Access;
import org.patronvault.access.QuickAccess;
import org.patronvault.app.VaultInstance;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Role;
import org.patronvault.core.policy.CurrentPolicy;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.custody.destroy.KeyCopies;
import org.patronvault.custody.destroy.KeyDestruction;
import org.patronvault.custody.rotate.BackupRegister;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.doctor.StoreGauges;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;

/**
 * A vault that serves HTTP in this process, behind a trusted local proxy. Its password hashes are cheap, tests set its
 * clocks, and its connections stay open.
 */
public final class ServedVault implements AutoCloseable {
    public static final String PASSWORD = "a quiet reading room";
    public static final Actor ADMIN = new Actor(Actor.Kind.STAFF, "root", "admin", "");
    private static final ObjectMapper JSON = new ObjectMapper();

    public final CurrentPolicy policy = new CurrentPolicy(PolicyFile.parse(PolicyFile.defaultText()));
    private final OpenVault vault = OpenVault.onSqlite();
    private final AtomicLong nanos = new AtomicLong();
    private final HttpClient http = HttpClient.newHttpClient();
    private Access access;
    private WebServer server;
    private WebServer unproxied;

    /** One answer. */
    public record Answer(HttpResponse<String> http) {
        int status() {
            return http.statusCode();
        }

        public JsonNode json() {
            try {
                return JSON.readTree(http.body());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Status and problem. */
        String refusal() {
            String type = json().path("type").asText();
            return status() + " " + type.substring(type.lastIndexOf('/') + 1);
        }

        int retryAfter() {
            return Integer.parseInt(http.headers().firstValue("Retry-After").orElse("0"));
        }
    }

    public ServedVault() {
        start();
    }

    private void start() {
        VaultInstance instance = vault.vault();
        access =
                QuickAccess.of(instance.store(), instance.log(), instance.custody(), policy, vault.clock(), nanos::get);
        WebUseCases parts = new WebUseCases(
                access,
                instance.log(),
                instance.patrons(),
                instance.privacy(),
                instance.keyStatus(),
                instance.rotations(),
                instance.seal(),
                instance.slots(),
                destruction(instance),
                instance.alerts(),
                instance.witnesses(),
                instance.doctor().doctor(),
                instance.verification(),
                List::of,
                new StoreGauges(instance.store(), vault.clock()),
                instance.store()::weakness,
                Optional.empty());
        server = WebServer.start(parts, settings(new Proxies(List.of("127.0.0.0/8"))));
        unproxied = WebServer.start(parts, settings(Proxies.NONE));
    }

    /** As the vault has it, but that who agrees does so by this vault's access. */
    private KeyDestruction destruction(VaultInstance instance) {
        KeyCopies copies = new KeyCopies(instance.store(), instance.custody(), access, instance.log(), vault.clock());
        return new KeyDestruction(new KeyDestruction.Parts(
                instance.store(),
                instance.custody(),
                access,
                instance.log(),
                instance.operations(),
                new BackupRegister(instance.store(), instance.log(), access),
                copies,
                vault.home().node().resolve("destroy-waits"),
                7));
    }

    private static WebSettings settings(Proxies proxies) {
        return new WebSettings("127.0.0.1", 0, Optional.empty(), true, OptionalInt.empty(), proxies);
    }

    /** Restarts the servers and the vault on the home. */
    void restart() {
        stop();
        vault.restart();
        start();
    }

    private void stop() {
        server.close();
        unproxied.close();
    }

    @Override
    public void close() {
        stop();
        vault.close();
    }

    public Access access() {
        return access;
    }

    public OpenVault vault() {
        return vault;
    }

    public int port() {
        return server.port();
    }

    void advance(Duration by) {
        vault.clock().advance(by);
        nanos.addAndGet(by.toNanos());
    }

    /** Adds an account with {@link #PASSWORD}. */
    public void staff(String name, String... roles) {
        access.accounts()
                .add(
                        Approvals.Requester.alone(ADMIN),
                        name,
                        List.of(roles).stream().map(Role::new).toList(),
                        "NC",
                        PASSWORD);
    }

    public static ObjectNode credentials(String user, String password) {
        return JSON.createObjectNode().put("username", user).put("password", password);
    }

    /** Tries to sign in from that address, as the proxy tells it. */
    Answer signIn(String address, ObjectNode credentials) {
        return post(server, address, "/v1/sessions", credentials);
    }

    /** Tries to sign in where no proxy is believed. */
    Answer signInUnproxied(String address, ObjectNode credentials) {
        return post(unproxied, address, "/v1/sessions", credentials);
    }

    public Answer post(String path, ObjectNode body) {
        return post(server, "198.51.100.1", path, body);
    }

    private Answer post(WebServer to, String address, String path, ObjectNode body) {
        return send(request(to, path)
                .header("X-Forwarded-For", address)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
    }

    Answer call(String method, String path, String token) {
        return send(request(server, path)
                .header("Authorization", "Bearer " + token)
                .method(method, HttpRequest.BodyPublishers.noBody()));
    }

    Answer call(String method, String path, String token, ObjectNode body) {
        return send(request(server, path)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body.toString())));
    }

    /** Sends a call that asks for another media type. */
    Answer call(String method, String path, String token, ObjectNode body, String accept) {
        return send(request(server, path)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .header("Accept", accept)
                .method(method, HttpRequest.BodyPublishers.ofString(body.toString())));
    }

    private static HttpRequest.Builder request(WebServer to, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + to.port() + path));
    }

    private Answer send(HttpRequest.Builder request) {
        try {
            return new Answer(http.send(request.build(), HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
