package org.patronvault.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.patronvault.access.Caller;
import org.patronvault.app.Home;
import org.patronvault.app.Opening;
import org.patronvault.app.VaultInstance;
import org.patronvault.audit.AuditLog;
import org.patronvault.model.Actor;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.patron.Consenting;

/** How fast a mailing list of everybody streams to whoever fetches it. */
final class MailingFigure implements Figure {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CALLERS = 64;

    @Override
    public String name() {
        return "mailing";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        Rig.Disk unused = rig.disk(rig.vault());
        long readers = haveEverybodySayYes(rig.home(rig.vault()));
        Bench.tell("mailing: %d patrons said yes", readers);
        String certificate = certificate(rig);
        double[] addresses = new double[rig.options().rounds()];
        try (Rig.Serving serving = rig.serve(rig.vault())) {
            String token = ask(
                            serving.port(),
                            "/v1/sessions",
                            "",
                            object().put("username", VaultSide.OUTREACH).put("password", VaultSide.PASSWORD))
                    .path("token")
                    .asText();
            ObjectNode wanted =
                    object().put("purpose", "newsletter").put("limit", 100_000).put("recipient", certificate);
            String id = ask(serving.port(), "/v1/mailings", token, wanted)
                    .path("id")
                    .asText();
            // One to warm the server.
            fetch(serving.port(), id, token);
            for (int round = 0; round < addresses.length; round++) {
                long start = System.nanoTime();
                fetch(serving.port(), id, token);
                addresses[round] = readers / ((System.nanoTime() - start) / 1e9);
                Bench.tell("mailing: %.0f addresses/s", addresses[round]);
            }
        }
        return List.of(Reading.of(
                        "mailing",
                        "mailing list, streamed",
                        "addresses/s",
                        new Series(addresses),
                        readers
                                + " addresses, from the request to the last byte: everybody looked at, each named in the"
                                + " log, opened, given a link and sealed")
                .atLeast(5_000));
    }

    /** How many there are who have an address. */
    private static long haveEverybodySayYes(Path home) throws InterruptedException {
        Actor clerk = new Actor(Actor.Kind.STAFF, "clerk", "circulation", "NC");
        Caller caller = new Caller(clerk, Set.of(), Optional.empty(), Optional.empty(), OptionalInt.empty(), false);
        byte[] passphrase = VaultSide.PASSPHRASE.getBytes(StandardCharsets.UTF_8);
        AtomicLong readers = new AtomicLong();
        try (VaultInstance vault = Opening.of(
                        new Home(home), keys -> keys.unseal(passphrase), Clock.systemUTC(), why -> {
                            throw new IllegalStateException(why);
                        })
                .unsealed()) {
            ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
            Arrays.stream(vault.patrons().reindexing().everybody())
                    .mapToObj(PatronId::new)
                    .forEach(id -> callers.execute(() -> {
                        vault.patrons()
                                .consenting()
                                .put(
                                        caller,
                                        Optional.of(id),
                                        OptionalLong.empty(),
                                        () -> new Consenting.Said(
                                                "newsletter", true, "2018-05", "desk", Optional.empty()),
                                        Optional.empty(),
                                        AuditLog.newRequest());
                        readers.addAndGet(
                                vault.patrons()
                                                .directory()
                                                .find(caller, Optional.of(id), AuditLog.newRequest())
                                                .facts()
                                                .set()
                                                .contains(PatronField.EMAIL)
                                        ? 1
                                        : 0);
                    }));
            callers.shutdown();
            if (!callers.awaitTermination(1, TimeUnit.HOURS)) {
                throw new IllegalStateException("not everybody said yes");
            }
        }
        return readers.get();
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** A recipient who throws away what comes. */
    private static String certificate(Rig rig) throws IOException, InterruptedException {
        Path store = rig.scratch("recipient.p12");
        keytool("-genkeypair -alias post -keyalg EC -groupname secp256r1 -dname CN=post -validity 30", store);
        return keytool("-exportcert -rfc -alias post", store);
    }

    private static String keytool(String words, Path store) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(words.split(" ", -1)));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", "changeit", "-storetype", "PKCS12"));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("keytool failed");
        }
        return said;
    }

    private static JsonNode ask(int port, String path, String token, ObjectNode body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = request(port, path, token)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
        HttpResponse<String> answer = client().send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 201) {
            throw new IOException(path + " was answered " + answer.statusCode() + ": " + answer.body());
        }
        return JSON.readTree(answer.body());
    }

    private static HttpRequest.Builder request(int port, String path, String token) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
    }

    private static HttpClient client() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    private static void fetch(int port, String id, String token) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = client().send(
                        request(port, "/v1/mailings/" + id + "/file", token).build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        if (answer.statusCode() != 200) {
            throw new IOException("the file was answered " + answer.statusCode());
        }
        try (InputStream in = answer.body()) {
            in.transferTo(OutputStream.nullOutputStream());
        }
    }
}
