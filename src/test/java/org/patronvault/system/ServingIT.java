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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;

/** The service and its commands over the socket, from its start to an orderly or a sudden end. */
class ServingIT {
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

    @AutoClose
    private final RunningVault vault = RunningVault.create();

    @Test
    @Tag(LongRun.TAG)
    void commandsOverTheSocketAnswerAsInProcess() {
        Ran alone = vault.apart(vault.environment("admin"), "staff", "list", "--json");
        Ran refusedAlone = vault.as("clerk", "staff", "list");
        vault.start();

        assertThat(RunningVault.document(alone)).isNotEmpty();
        assertThat(vault.apart(vault.environment("admin"), "staff", "list", "--json"))
                .isEqualTo(alone);
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

    /** SQLite's library lies there as long as it is in use, Conscrypt's only while it is loaded. */
    @Test
    @Tag(LongRun.TAG)
    void ofLibrariesNothingLiesWhereOthersMayEnter() throws IOException {
        vault.start();
        try (Stream<Path> temporary = Files.list(vault.root().resolve("tmp"))) {
            assertThat(temporary).isNotEmpty().allSatisfy(one -> {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(one)))
                        .isEqualTo("rwx------");
                assertThat(one).isDirectoryContaining("glob:**sqlite*");
            });
        }
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
        if (!Databases.ON_POSTGRES) {
            assertThat(vault.home().resolve("data/vault.db-wal"))
                    .satisfiesAnyOf(
                            wal -> assertThat(wal).doesNotExist(),
                            wal -> assertThat(wal).isEmptyFile());
        }
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
    @Tag(LongRun.TAG)
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
        vault.startSealed();

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
    @Tag(LongRun.TAG)
    void sealingDuringATryVoidsTheTry() throws Exception {
        // With a small heap the passphrase is stretched in a process of its own.
        vault.start("-Xmx256m");
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
    @Tag(LongRun.TAG)
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

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
