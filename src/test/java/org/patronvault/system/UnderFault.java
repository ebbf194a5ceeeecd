package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.Ledger;

/**
 * One vault that people work with while things go wrong, and what must be true of it afterwards: what was received is in
 * the log, what was acknowledged is there and was done once, the log never shrinks or forks, and each start needs no hand.
 * What was found is a line in the ledger where that is asked for (fault.md).
 */
final class UnderFault implements AutoCloseable {
    private static final Ledger LEDGER = new Ledger(
            "ledger.csv",
            "seed",
            "date",
            "fault",
            "times",
            "acknowledged",
            "received",
            "lost",
            "unlogged",
            "not once",
            "shrunk",
            "slowest start ms");
    private static final long SEED = Long.getLong("fault.seed", System.nanoTime() % 1_000_000);
    private static final int SLOWEST_START_MILLIS = 10_000;
    private static final int MOST_CALLS_BETWEEN = 80;

    private final Random random = new Random(SEED);
    private final RunningVault vault;
    private final RecordedLoad load;
    private final String client;
    private final String officer;
    private final Path checkpoint;
    private int shrunk;
    private long slowestMillis;

    private UnderFault(RunningVault vault, String client) {
        this.vault = vault;
        this.client = client;
        this.officer = vault.signIn("officer");
        this.checkpoint = vault.root().resolve("checkpoint");
        this.load = RecordedLoad.begin(List.of(vault), client, vault.signIn(RecordedLoad.PERSON), random, true);
    }

    /** Begins to work on a vault that has been started. */
    static UnderFault begin(RunningVault vault) {
        return begin(vault, client(vault));
    }

    /** The same with the key of a client that {@link #client} added. */
    static UnderFault begin(RunningVault vault, String client) {
        return new UnderFault(vault, client);
    }

    /** Adds the client that works; as long as there is no patron one person may. */
    static String client(RunningVault vault) {
        return vault.json("admin", "client", "add", RecordedLoad.CLIENT, "--scope", "ils", "--daily", "none")
                .path("key")
                .asText();
    }

    /** How often that is to happen, unless more is asked for. */
    static int times(String fault, int atLeast) {
        return Integer.getInteger("fault." + fault, atLeast);
    }

    RecordedLoad load() {
        return load;
    }

    Random random() {
        return random;
    }

    /** Lets everybody be answered, and then any number of calls be made. */
    void awaitAnyMoment() {
        awaitAnswered();
        awaitCallsOrEnd(random.nextInt(MOST_CALLS_BETWEEN), () -> false);
        assertThat(vault.server().isAlive()).as(vault.server().printed()).isTrue();
    }

    /** Waits until everybody is answered as usual, and keeps a checkpoint of then. */
    void awaitAnswered() {
        load.awaitAnswered(1);
        Answer signed = vault.call("GET", "/v1/log/checkpoint", officer);
        assertThat(signed.status()).as("%s", signed).isEqualTo(200);
        try {
            Files.writeString(checkpoint, signed.text());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until so many calls were made, or the server has ended, or that. */
    void awaitCallsOrEnd(int calls, BooleanSupplier that) {
        int enough = load.calls() + calls;
        vault.server()
                .awaitUntil(
                        "nobody calls",
                        () -> that.getAsBoolean()
                                || load.calls() >= enough
                                || !vault.server().isAlive());
    }

    /** Kills it at any moment and starts it anew, so often. */
    void killAndGoOn(int times) {
        for (int n = 0; n < times; n++) {
            awaitAnyMoment();
            vault.server().kill();
            goOn();
        }
    }

    /** Starts it as usual, and asks whether the log goes on from where it was last seen. */
    void goOn() {
        long began = System.nanoTime();
        vault.start();
        slowestMillis = Math.max(slowestMillis, (System.nanoTime() - began) / 1_000_000);
        requireLog();
    }

    private void requireLog() {
        Ran verified = vault.run("log", "verify", "--checkpoint", checkpoint.toString());
        if (verified.exit() != 0) {
            System.out.println(verified);
            shrunk++;
        }
    }

    /** Ends the work, and fails if anything was lost, unlogged, not done once, or is not as it was written. */
    void prove(String fault, int times) {
        load.awaitAnswered(1);
        load.finish();
        requireLog();
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

    private void record(String fault, int times, RecordedProof proof) {
        LEDGER.add(
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
                slowestMillis);
        System.out.println(load);
    }

    @Override
    public void close() {
        load.close();
    }
}
