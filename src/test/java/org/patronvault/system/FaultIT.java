package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;

/**
 * One vault that people work with, whose server is killed, told to end, or fails in what it asks of the system, again and
 * again and at any moment: what was received is in the log, what was acknowledged is there and was done once, the log
 * never shrinks or forks, and the next start needs no hand. Few times unless more are asked for:
 * {@code mvn -B -Pfault verify -Dfault.kills=100}, which the ledger then has (fault.md).
 */
final class FaultIT {
    private static final Path LEDGER = Path.of("src/test/fault/ledger.csv");
    private static final String HEAD =
            "seed,date,fault,times,acknowledged,received,lost,unlogged,not once,shrunk,slowest start ms\n";
    private static final long SEED = Long.getLong("fault.seed", System.nanoTime() % 1_000_000);
    private static final int TERMINATED = 128 + 15;
    private static final int BROKEN = 70;
    private static final int SLOWEST_START_MILLIS = 10_000;
    private static final int MOST_CALLS_BETWEEN = 80;

    /** As many calls to the system may one thread make before one fails. */
    private static final int MOST_BEFORE = 40;

    private final Random random = new Random(SEED);
    private RunningVault vault;
    private RecordedLoad load;
    private String client;
    private String officer;
    private Path checkpoint;
    private int shrunk;
    private long slowestMillis;

    /** Something that is asked of the system, and how it fails once. */
    private record Failing(String calls, String error) {
        /** SQLite says of a page that cannot be read what it says of one that is damaged. */
        private boolean isReading() {
            return calls.equals("pread64");
        }

        private static final List<Failing> ALL = List.of(
                new Failing("fsync,fdatasync", "EIO"),
                new Failing("pwrite64", "EIO"),
                new Failing("pwrite64", "ENOSPC"),
                new Failing("pread64", "EIO"),
                new Failing("openat", "EMFILE"),
                new Failing("fcntl", "ENOLCK"),
                new Failing("ftruncate", "EIO"));
    }

    @BeforeEach
    void beginToWork() throws IOException {
        vault = RunningVault.create();
        vault.start();
        client = vault.json("admin", "client", "add", RecordedLoad.CLIENT, "--scope", "ils", "--daily", "none")
                .path("key")
                .asText();
        officer = vault.signIn("officer");
        checkpoint = vault.root().resolve("checkpoint");
        load = RecordedLoad.begin(List.of(vault), client, vault.signIn(RecordedLoad.PERSON), random, true);
    }

    @AfterEach
    void remove() {
        load.close();
        vault.close();
    }

    @Test
    void killedAtAnyMomentNothingAcknowledgedIsLostAndNothingReceivedIsUnlogged() throws IOException {
        int times = Integer.getInteger("fault.kills", 5);
        for (int n = 0; n < times; n++) {
            awaitAnyMoment();
            vault.server().kill();
            goOn();
        }
        prove("kill", times);
    }

    @Test
    void toldToEndAtAnyMomentItEndsInOrderAndNothingIsLost() throws IOException {
        int times = Integer.getInteger("fault.ends", 2);
        for (int n = 0; n < times; n++) {
            awaitAnyMoment();
            assertThat(vault.stop()).as("exit code").isIn(0, TERMINATED);
            goOn();
        }
        prove("end", times);
    }

    @Test
    void whateverFailsOfWhatItAsksTheSystemForItGoesOnOrEndsAndNothingIsLost() throws IOException {
        Databases.requireSqlite("what fails is the server's");
        Strace.require();
        int times = Integer.getInteger("fault.injections", 5);
        String only = System.getProperty("fault.only", "");
        List<Failing> some = Failing.ALL.stream()
                .filter(one -> (one.calls() + ":" + one.error()).contains(only))
                .toList();
        int failed = 0;
        for (int tries = 0; failed < times && tries < 3 * times; tries++) {
            Failing one = some.get(random.nextInt(some.size()));
            System.out.println(one);
            if (fails(one)) {
                failed++;
            }
        }
        prove("injection", failed);
        assertThat(failed).as("times that something failed").isEqualTo(times);
    }

    /** Has one call fail, and the server started anew; whether there was such a call. */
    private boolean fails(Failing one) throws IOException {
        load.awaitAnswered(1);
        keepCheckpoint();
        load.mayFail(one.isReading());
        Path trace = Files.createTempFile(vault.root(), "strace", ".txt");
        boolean seen;
        try (Strace strace = Strace.attach(
                vault,
                trace,
                "-e",
                "trace=" + one.calls(),
                "-e",
                "inject=" + one.calls() + ":error=" + one.error() + ":when=" + (1 + random.nextInt(MOST_BEFORE)))) {
            awaitCallsOrEnd(4 * MOST_BEFORE, strace::hasInjected);
            seen = strace.hasInjected();
        }
        if (seen) {
            awaitCallsOrEnd(random.nextInt(MOST_CALLS_BETWEEN), () -> false);
        }
        boolean goesOn = vault.server().isAlive();
        if (goesOn) {
            vault.server().kill();
        }
        Ran ended = vault.server().await();
        if (!load.faults().isEmpty()) {
            System.out.println(ended);
        }
        if (!goesOn) {
            assertThat(ended.exit()).as("%s after %s", ended, one).isEqualTo(BROKEN);
            assertThat(ended.err()).as("%s", one).contains("sealed itself and stops");
        }
        goOn();
        return seen;
    }

    private void awaitCallsOrEnd(int calls, BooleanSupplier before) {
        int enough = load.calls() + calls;
        vault.server()
                .awaitUntil(
                        "nobody calls",
                        () -> before.getAsBoolean()
                                || load.calls() >= enough
                                || !vault.server().isAlive());
    }

    private void awaitAnyMoment() {
        load.awaitAnswered(1);
        keepCheckpoint();
        int calls = load.calls() + random.nextInt(MOST_CALLS_BETWEEN);
        vault.server().awaitUntil("nobody calls", () -> load.calls() >= calls);
    }

    private void keepCheckpoint() {
        Answer signed = vault.call("GET", "/v1/log/checkpoint", officer);
        assertThat(signed.status()).as("%s", signed).isEqualTo(200);
        try {
            Files.writeString(checkpoint, signed.text());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it as usual, and asks whether the log goes on from where it was last seen. */
    private void goOn() {
        long began = System.nanoTime();
        vault.start();
        slowestMillis = Math.max(slowestMillis, (System.nanoTime() - began) / 1_000_000);
        Ran verified = vault.run("log", "verify", "--checkpoint", checkpoint.toString());
        if (verified.exit() != 0) {
            System.out.println(verified);
            shrunk++;
        }
    }

    private void prove(String fault, int times) throws IOException {
        load.awaitAnswered(1);
        load.finish();
        RecordedProof proof = new RecordedProof(vault, client, load);
        record(fault, times, proof);
        proof.requireNothing(load);
        assertThat(shrunk)
                .as("logs that do not go on from what was seen of them")
                .isZero();
        assertThat(slowestMillis).as("slowest start, ms").isLessThanOrEqualTo(SLOWEST_START_MILLIS);
        vault.stop();
        Ran checked = vault.as("officer", "check");
        assertThat(checked.exit()).as("%s", checked).isZero();
    }

    private void record(String fault, int times, RecordedProof proof) throws IOException {
        String line = Stream.of(
                        SEED,
                        LocalDate.now(ZoneOffset.UTC),
                        fault,
                        times,
                        load.acknowledged(),
                        load.released().size(),
                        proof.lost().size(),
                        proof.unlogged().size(),
                        proof.notOnce().size(),
                        shrunk,
                        slowestMillis)
                .map(Object::toString)
                .collect(Collectors.joining(","));
        System.out.print(HEAD + line + "\n" + load + "\n");
        if (Boolean.getBoolean("fault.record")) {
            if (!Files.exists(LEDGER)) {
                Files.createDirectories(LEDGER.getParent());
                Files.writeString(LEDGER, HEAD);
            }
            Files.writeString(LEDGER, line + "\n", StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        }
    }
}
