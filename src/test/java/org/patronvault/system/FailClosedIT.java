package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever a desk was shown is in the log afterwards, and what it was told is written is written: though the disk fails,
 * fills up, or the process is killed while many ask (promise 1).
 */
final class FailClosedIT {
    private static final int DESKS = 6;
    private static final String[] TRACE = {
        "strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=fsync", "-o", "/dev/null", "true"
    };

    private RunningVault vault;
    private final List<String> patrons = new ArrayList<>();
    private final Queue<Shown> shown = new ConcurrentLinkedQueue<>();
    private final Queue<String> registered = new ConcurrentLinkedQueue<>();
    private final Queue<Integer> refused = new ConcurrentLinkedQueue<>();

    /** What somebody has seen. */
    private record Shown(String patron, long entry) {}

    @BeforeEach
    void makeAVaultWithPatrons() {
        vault = RunningVault.create();
        vault.start();
        String clerk = vault.signIn("clerk");
        for (int n = 100; n < 105; n++) {
            patrons.add(vault.register(clerk, SamplePatron.of(n)));
        }
        vault.stop();
    }

    @AfterEach
    void remove() {
        vault.close();
    }

    /** Desks that reveal, and register now and then, until the service is gone or {@code rounds} are over. */
    private List<Future<?>> work(ExecutorService desks, int rounds) {
        String clerk = vault.signIn("clerk");
        List<Future<?>> working = new ArrayList<>();
        for (int desk = 0; desk < DESKS; desk++) {
            int first = desk;
            working.add(desks.submit(() -> {
                try {
                    for (int n = 0; n < rounds; n++) {
                        reveal(clerk, patrons.get((first + n) % patrons.size()));
                        if (n % 10 == first) {
                            register(clerk, 1_000 * (first + 1) + n);
                        }
                    }
                } catch (UncheckedIOException e) {
                    // No answer, so nothing was shown.
                }
            }));
        }
        return working;
    }

    private void reveal(String clerk, String patron) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("purpose", "account-service");
        body.putArray("fields").add("phone").add("address");
        Answer answer = vault.call("POST", "/v1/patrons/" + patron + "/reveal", clerk, body);
        if (answer.status() == 200) {
            assertThat(answer.json().path("phone")).isNotEmpty();
            shown.add(new Shown(patron, answer.json().path("entry").asLong()));
        } else {
            refused.add(answer.status());
            assertThat(answer.text()).doesNotContain("2035550", "555-0", "555 0");
        }
    }

    private void register(String clerk, int n) {
        Answer answer = vault.call("POST", "/v1/patrons", clerk, SamplePatron.of(n));
        if (answer.status() == 201) {
            registered.add(answer.json().path("id").asText());
        } else {
            refused.add(answer.status());
        }
    }

    private static void await(List<Future<?>> working) throws Exception {
        for (Future<?> one : working) {
            one.get(60, TimeUnit.SECONDS);
        }
    }

    /** Starts the vault as usual, and looks for everything that was shown or said to be written. */
    private void assertNothingIsMissing() {
        vault.start();
        String officer = vault.signIn("officer");
        String clerk = vault.signIn("clerk");
        for (Shown one : shown) {
            JsonNode entry = vault.call(
                            "GET", "/v1/log/entries?from=" + one.entry() + "&to=" + (one.entry() + 1), officer)
                    .json()
                    .at("/entries/0");
            assertThat(entry.path("outcome").asText()).as("%s", one).isEqualTo("disclosed");
            assertThat(entry.at("/patrons/0").asText()).isEqualTo(one.patron());
        }
        for (String patron : registered) {
            assertThat(vault.call("GET", "/v1/patrons/" + patron, clerk).status())
                    .isEqualTo(200);
        }
        vault.stop();
        assertThat(vault.run("log", "verify").exit()).isZero();
        shown.clear();
        registered.clear();
    }

    @ParameterizedTest
    @ValueSource(ints = 40)
    void errorOfTheDiskAtAnySyncEndsTheServiceAndNothingUnloggedWasShown(int sync) throws Exception {
        Databases.requireSqlite("the server synchronises the disk, not the vault");
        Strace.require();
        assumeTrue(run(TRACE) == 0, "this machine lets nobody trace");
        // Each thread counts by itself: the one that writes the log is the one with so many.
        vault.startUnder(
                "strace",
                "-f",
                "-qq",
                "-o",
                "/dev/null",
                "--seccomp-bpf",
                "-e",
                "trace=fsync,fdatasync",
                "-e",
                "inject=fsync,fdatasync:error=EIO:when=" + sync);
        ExecutorService desks = Executors.newFixedThreadPool(DESKS);
        List<Future<?>> working = work(desks, 10_000);
        vault.server().awaitUntil("the service goes on", () -> !vault.server().isAlive());
        await(working);
        desks.shutdown();
        assertThat(vault.server().await().exit()).isEqualTo(70);
        assertThat(vault.server().printed()).contains("sealed itself and stops");
        assertThat(shown).isNotEmpty();
        assertThat(refused).allMatch(status -> status == 503);
        assertNothingIsMissing();
    }

    @Test
    void fullDiskIsSaidAndPasses() throws Exception {
        Databases.requireSqlite("the disk that fills up is the server's");
        vault.start();
        vault.stop();
        Path data = vault.home().resolve("data");
        Path kept = vault.root().resolve("kept-data");
        RunningVault.copy(data, kept);
        long used;
        try (var files = Files.list(data)) {
            used = files.mapToLong(file -> file.toFile().length()).sum();
        }
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=" + (used + 400_000), "tmpfs", data.toString()) == 0,
                "this machine lets nobody mount a small disk");
        try {
            try (var files = Files.list(kept)) {
                for (Path file : files.toList()) {
                    Files.copy(file, data.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
            vault.start();
            ExecutorService desks = Executors.newFixedThreadPool(DESKS);
            await(work(desks, 60));
            desks.shutdown();
            assertThat(refused).isNotEmpty().allMatch(status -> status == 503);
            assertThat(vault.server().isAlive()).isTrue();
            assertThat(vault.call("GET", "/health/live").status()).isEqualTo(200);
            int before = shown.size();
            assertThat(run("mount", "-o", "remount,size=64m", data.toString())).isZero();
            refused.clear();
            reveal(vault.signIn("clerk"), patrons.get(0));
            assertThat(refused).isEmpty();
            assertThat(shown).hasSize(before + 1);
            vault.stop();
            assertNothingIsMissing();
        } finally {
            vault.server().close();
            assertThat(run("umount", data.toString())).isZero();
        }
    }

    private static int run(String... words) throws Exception {
        return new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }
}
