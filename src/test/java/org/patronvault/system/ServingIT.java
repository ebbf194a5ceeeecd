package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;

/** The service and its commands over the socket, from its start to an orderly or a sudden end. */
class ServingIT {
    private static final Pattern ADDRESS = Pattern.compile("(http://127\\.0\\.0\\.1:[0-9]+/)");
    private static final List<String> DATA_CALLS = List.of(
            "GET /v1/patrons/0123456789abcdef",
            "POST /v1/patrons",
            "POST /v1/patrons/search",
            "PATCH /v1/patrons/0123456789abcdef",
            "DELETE /v1/patrons/0123456789abcdef",
            "POST /v1/patrons/0123456789abcdef/reveal",
            "POST /v1/patrons/0123456789abcdef/verify",
            "POST /v1/patrons/0123456789abcdef/card",
            "GET /v1/patrons/0123456789abcdef/accesses",
            "POST /v1/entitlements/check",
            "POST /v1/sessions",
            "GET /v1/log/entries",
            "GET /v1/log/checkpoint",
            "GET /v1/keys");

    private RunningVault vault;

    @BeforeEach
    void create() {
        vault = RunningVault.create();
    }

    @AfterEach
    void remove() {
        vault.close();
    }

    @Test
    void commandsOverTheSocketAnswerAsInProcess() {
        JsonNode alone = vault.json("admin", "staff", "list");
        Ran refusedAlone = vault.as("clerk", "staff", "list");
        vault.start();

        assertThat(vault.json("admin", "staff", "list")).isEqualTo(alone);
        assertThat(vault.as("clerk", "staff", "list")).isEqualTo(refusedAlone);
        assertThat(vault.run("keys", "status").exit()).isZero();
        // What a command does is there for the server at once, and the other way round.
        vault.json(
                "admin",
                "staff",
                "add",
                "kim",
                "--role",
                "circulation",
                "--library",
                "NC",
                "--new-password-file",
                "../pw");
        String kim = vault.signIn("kim");
        vault.register(kim, SamplePatron.of(1));
        assertThat(values("card")).isEqualTo(1);
        vault.stop();
        assertThat(values("card")).isEqualTo(1);
    }

    private long values(String field) {
        for (JsonNode key : vault.json("cust1", "keys", "status").path("keys")) {
            if (key.path("field").asText().equals(field)) {
                return key.at("/versions/0/values").asLong();
            }
        }
        throw new AssertionError("no key of " + field);
    }

    @Test
    void nobodyElseOnTheMachineMayReadAnything() throws IOException {
        vault.start();
        vault.register(vault.signIn("clerk"), SamplePatron.of(1));

        try (Stream<Path> files = Files.walk(vault.home())) {
            assertThat(files).allSatisfy(file -> {
                String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
                assertThat(mode)
                        .as("%s", vault.home().relativize(file))
                        .isEqualTo(Files.isDirectory(file) ? "rwx------" : "rw-------");
            });
        }
        assertThat(vault.home().resolve("node/socket")).exists();
    }

    @Test
    void secondServerOnTheHomeIsRefused() {
        vault.start();

        Ran second = vault.run("serve", "--port", "0");

        assertThat(second.exit()).as("%s", second).isEqualTo(5);
        assertThat(second.err().lines()).hasSize(1);
        assertThat(vault.call("GET", "/health/ready").status()).isEqualTo(200);
    }

    @Test
    void terminatedServerEndsCleanlyAndAKilledOneStartsAgain() throws IOException {
        vault.start();
        String clerk = vault.signIn("clerk");
        String id = vault.register(clerk, SamplePatron.of(1));
        vault.server().kill();

        vault.start();
        assertThat(vault.run("log", "verify").exit()).isZero();
        assertThat(vault.call("GET", "/v1/patrons/" + id, clerk).status())
                .as("sessions outlive the restart")
                .isEqualTo(200);

        // Somebody whose body never ends is not waited for long, and does not keep the end from being orderly.
        try (Socket stalled = stalled()) {
            assertThat(vault.stop()).isIn(0, 143);
            assertThat(stalled.isConnected()).isTrue();
        }
        assertThat(vault.server().printed().lines())
                .filteredOn(line -> !line.endsWith("failed to stop gracefully"))
                .hasSize(1);
        assertThat(vault.home().resolve("node/socket")).doesNotExist();
        assertThat(vault.home().resolve("data/vault.db-wal"))
                .satisfiesAnyOf(
                        wal -> assertThat(wal).doesNotExist(),
                        wal -> assertThat(wal).isEmptyFile());
        Ran verified = vault.run("log", "verify", "--json");
        assertThat(RunningVault.document(verified).path("ok").asBoolean()).isTrue();
    }

    private Socket stalled() throws IOException {
        URI address = URI.create(vault.address());
        Socket socket = new Socket(address.getHost(), address.getPort());
        String begun = "POST /v1/unseal HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: 1000\r\n\r\n{\"pass";
        socket.getOutputStream().write(begun.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return socket;
    }

    @Test
    void triesOfOthersDoNotKeepAServerFromItsOwnPassphrase() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        vault.at("http://127.0.0.1:" + port);
        try (VaultProcess server =
                vault.process(vault.environment(), List.of(), "serve", "--port", Integer.toString(port))) {
            Set<String> refusals = new HashSet<>();
            server.awaitUntil("it is not ready", () -> {
                try {
                    refusals.add(offer("a passphrase that opens nothing").refusal());
                    return vault.call("GET", "/health/ready").status() == 200;
                } catch (UncheckedIOException notListeningYet) {
                    return false;
                }
            });
            assertThat(refusals).isSubsetOf("503 busy", "422 share-refused").isNotEmpty();
            assertThat(vault.signIn("clerk")).isNotEmpty();
        }
    }

    @Test
    void sealedServerAnswersNoDataUntilThePassphraseIsOffered() {
        vault.startSealed("-Xmx192m");

        assertThat(vault.call("GET", "/health/ready").refusal()).isEqualTo("503 sealed");
        assertThat(vault.call("GET", "/health/live").status()).isEqualTo(200);
        assertThat(vault.call("GET", "/v1/policy").status()).isEqualTo(200);
        assertThat(DATA_CALLS).allSatisfy(call -> {
            String[] words = call.split(" ", 2);
            Answer answer = vault.call(words[0], words[1]);
            assertThat(answer.refusal()).isEqualTo("503 sealed");
            assertThat(answer.header("Retry-After")).isNotEmpty();
        });
        assertThat(vault.run("keys", "status").exit()).isEqualTo(4);

        Answer wrong = offer("a passphrase that opens nothing");
        assertThat(wrong.status()).isBetween(400, 499);
        assertThat(vault.call("GET", "/health/ready").status()).isEqualTo(503);

        Answer right = offer(RunningVault.PASSPHRASE);
        assertThat(right.status()).as("%s", right).isEqualTo(200);
        assertThat(right.json())
                .isEqualTo(object().put("sealed", false).put("have", 0).put("need", 0));
        String clerk = vault.signIn("clerk");
        String custodian = vault.signIn("cust1");
        String id = vault.register(clerk, SamplePatron.of(1));

        assertThat(offer("a passphrase that opens nothing").refusal())
                .as("a wrong passphrase is wrong on an open vault too")
                .isEqualTo("422 share-refused");
        assertThat(offer(RunningVault.PASSPHRASE).status()).isEqualTo(200);
        assertThat(vault.call("POST", "/v1/seal").status()).isEqualTo(401);
        assertThat(vault.call("POST", "/v1/seal", clerk).status()).isEqualTo(403);
        Answer seal = vault.call("POST", "/v1/seal", custodian);
        assertThat(seal.status()).as("%s", seal).isEqualTo(200);
        assertThat(seal.json().path("sealed").asBoolean()).isTrue();
        assertThat(vault.call("GET", "/v1/patrons/" + id, clerk).refusal()).isEqualTo("503 sealed");
        assertThat(offer(RunningVault.PASSPHRASE).status()).isEqualTo(200);
        assertThat(vault.call("GET", "/v1/patrons/" + id, clerk).status())
                .as("sessions outlive the seal")
                .isEqualTo(200);
    }

    @Test
    void sealingDuringATryVoidsTheTry() throws Exception {
        // With a small heap the passphrase is stretched in a process of its own.
        vault.start("-Xmx192m");
        String custodian = vault.signIn("cust1");
        CompletableFuture<Answer> tried = CompletableFuture.supplyAsync(() -> offer(RunningVault.PASSPHRASE));
        vault.server().awaitUntil("nobody tries the passphrase", vault.server()::hasChildren);

        assertThat(vault.call("POST", "/v1/seal", custodian).status()).isEqualTo(200);

        assertThat(tried.get(60, TimeUnit.SECONDS).refusal()).isEqualTo("503 busy");
        assertThat(vault.call("GET", "/health/ready").refusal()).isEqualTo("503 sealed");
        assertThat(offer(RunningVault.PASSPHRASE + "\n").status()).isEqualTo(200);
        assertThat(vault.call("GET", "/health/ready").status()).isEqualTo(200);
    }

    @Test
    void portsThatCannotBeAreNamed() {
        assertThat(vault.run("serve", "--port", "99999").exit()).isEqualTo(2);
        Ran same = vault.run("serve", "--port", "4711", "--public-port", "4711");
        assertThat(same.exit()).isEqualTo(2);
        assertThat(same.err()).contains("--public-port");
    }

    @Test
    void publicListenerServesThePublicPagesAndNothingElse() {
        vault.startWith("--public-port", "0");
        String inside = vault.address();
        String outside = vault.server().awaitLine(Pattern.compile("Public pages on (http://127\\.0\\.0\\.1:[0-9]+)/"));
        assertThat(outside).isNotEqualTo(inside);

        vault.at(outside);
        assertThat(vault.call("GET", "/policy").status()).isEqualTo(200);
        assertThat(vault.call("GET", "/policy").text()).contains("2018-05");
        assertThat(vault.call("GET", "/v1/policy").status()).isEqualTo(200);
        assertThat(vault.call("GET", "/static/vault.css").status()).isEqualTo(200);
        for (String path :
                List.of("/", "/docs", "/metrics", "/health/ready", "/v1/keys", "/static/desk.js", "/nowhere")) {
            assertThat(vault.call("GET", path).refusal()).as(path).isEqualTo("404 not-found");
        }
        assertThat(vault.call("POST", "/v1/sessions", "", RunningVault.credentials("clerk", RunningVault.PASSWORD))
                        .refusal())
                .isEqualTo("404 not-found");
        vault.at(inside);
        assertThat(vault.call("GET", "/policy").status()).isEqualTo(200);
        assertThat(vault.signIn("clerk")).isNotEmpty();
    }

    @Test
    void sealingEndsTheProcessWhereThatWasAskedFor() {
        vault.startWith("--exit-on-seal");

        Answer sealed = vault.call("POST", "/v1/seal", vault.signIn("cust1"));

        assertThat(sealed.status()).as("%s", sealed).isEqualTo(200);
        assertThat(vault.server().await().exit()).isZero();
        assertThat(vault.run("log", "verify").exit()).isZero();
    }

    private Answer offer(String passphrase) {
        return vault.call("POST", "/v1/unseal", "", object().put("passphrase", passphrase));
    }

    @Test
    void changedLogIsFoundByVerify() throws IOException, SQLException {
        vault.start();
        String clerk = vault.signIn("clerk");
        vault.register(clerk, SamplePatron.of(1));
        Ran kept = vault.as("dir", "log", "checkpoint");
        Files.writeString(vault.root().resolve("kept"), kept.out());
        vault.stop();
        assertThat(vault.run("log", "verify", "--checkpoint", "../kept").exit()).isZero();

        try (Connection database = DriverManager.getConnection(
                        "jdbc:sqlite:" + vault.home().resolve("data/vault.db"));
                Statement statement = database.createStatement()) {
            statement.executeUpdate(
                    "UPDATE access_log SET leaf = (SELECT leaf FROM access_log WHERE idx = 2) WHERE idx = 1");
        }

        Ran found = vault.run("log", "verify", "--checkpoint", "../kept", "--json");
        assertThat(found.exit()).as("%s", found).isEqualTo(1);
        JsonNode report = RunningVault.document(found);
        assertThat(report.path("ok").asBoolean()).isFalse();
        assertThat(report.path("problems")).isNotEmpty();
        assertThat(report.at("/problems/0/what").asText()).matches("[a-z-]+");
    }

    @Test
    void rewrittenLogIsFoundByACheckpointKeptElsewhere() throws IOException {
        vault.json("admin", "client", "list");
        Path before = vault.root().resolve("before");
        RunningVault.copy(vault.home(), before);
        vault.as("page", "staff", "list");
        Ran kept = vault.as("dir", "log", "checkpoint");
        Files.writeString(vault.root().resolve("kept"), kept.out());

        Ran found = vault.run("log", "verify", "--home", before.toString(), "--checkpoint", "../kept");

        assertThat(found.exit()).as("%s", found).isEqualTo(1);
        assertThat(found.out()).contains("NOT");
    }

    @Test
    void demonstrationPrintsAddressAndLoginsAndLeavesNothing() throws IOException {
        Path temporary = vault.root().resolve("tmp");
        try (VaultProcess demo = vault.process(Map.of(), List.of(), "demo", "--port", "0")) {
            String address = demo.awaitLine(ADDRESS);
            demo.awaitLine(Pattern.compile("(Ctrl-C)"));
            assertThat(demo.printed()).contains("clerk", "circulation", "demo clerk password", "custodian", "director");
            Answer ready = vault.at(address).call("GET", "/health/ready");
            assertThat(ready.status()).isEqualTo(200);
            Answer signedIn =
                    vault.call("POST", "/v1/sessions", "", RunningVault.credentials("clerk", "demo clerk password"));
            assertThat(signedIn.status()).isEqualTo(201);
            assertThat(demonstrations(temporary)).isNotEmpty();

            assertThat(demo.terminate()).isIn(0, 143);
            assertThat(demonstrations(temporary)).isEmpty();
        }
    }

    private static List<Path> demonstrations(Path temporary) throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.filter(Files::isDirectory).toList();
        }
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
