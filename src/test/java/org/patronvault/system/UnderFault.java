package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.FaultLedger;

/**
 * One vault that people work with while things go wrong, and what must be true of it afterwards: what was received is in
 * the log, what was acknowledged is there and was done once, the log never shrinks or forks, and each start needs no hand.
 * What was found is a line in the ledger where that is asked for (fault.md).
 */
final class UnderFault implements AutoCloseable {
    private static final FaultLedger LEDGER = new FaultLedger(
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
            "otherwise wrong",
            "broken off",
            "slowest start ms");
    private static final long SEED = Long.getLong("fault.seed", System.nanoTime() % 1_000_000);

    /** For tests that have a load of their own. */
    static final Random RANDOM = new Random(SEED);

    private static final int BROKEN = 70;
    private static final int SLOWEST_START_MILLIS = 10_000;
    private static final int MOST_CALLS_BETWEEN = 80;

    /** When a session is used is written down once a minute, which a process that is killed before that does not do. */
    private static final long SESSION_NANOS = TimeUnit.MINUTES.toNanos(20);

    private final Random random = new Random(SEED);
    private final RunningVault vault;
    private final RecordedLoad load;
    private final String client;
    private final String fault;
    private String officer;
    private long signedIn = System.nanoTime();
    private final Path checkpoint;
    private int shrunk;
    private int wrong;
    private boolean ended;
    private boolean loadEnded;
    private long slowestMillis;

    private UnderFault(RunningVault vault, String client, String fault, boolean mayEnd) {
        this.vault = vault;
        this.client = client;
        this.fault = Databases.ON_POSTGRES ? fault + " on PostgreSQL" : fault;
        this.officer = vault.signIn("officer");
        this.checkpoint = vault.root().resolve("checkpoint");
        this.load = RecordedLoad.begin(List.of(vault), client, random, mayEnd);
    }

    /**
     * Begins to work on a vault that has been started.
     *
     * @param fault what goes wrong, as the ledger calls it
     * @param mayEnd whether the process may end, or be kept from answering; else everybody is answered in order
     */
    static UnderFault begin(RunningVault vault, String fault, boolean mayEnd) {
        return begin(vault, client(vault), fault, mayEnd);
    }

    /** The same with the key of a client that {@link #client} added. */
    static UnderFault begin(RunningVault vault, String client, String fault, boolean mayEnd) {
        return new UnderFault(vault, client, fault, mayEnd);
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
        if (System.nanoTime() - signedIn > SESSION_NANOS) {
            signedIn = System.nanoTime();
            officer = vault.signIn("officer");
            load.signIn();
        }
    }

    private void requireLog() {
        Ran verified = vault.run("log", "verify", "--checkpoint", checkpoint.toString());
        if (verified.exit() != 0) {
            System.out.println(verified);
            shrunk++;
        }
    }

    /** Requires that the server has ended by itself, and said why. */
    void requireSealed(Object after) {
        Ran ran = vault.server().await();
        assertThat(ran.exit()).as("%s after %s", ran, after).isEqualTo(BROKEN);
        assertThat(ran.err()).as("%s", after).contains("sealed itself and stops");
    }

    /**
     * Ends the work, and fails if anything was lost, unlogged, not done once, or is not as it was written. What was found
     * stands in the ledger whatever it was; a line that is broken off if this is never asked, or cannot say.
     */
    void prove(int times) {
        endLoad();
        requireLog();
        RecordedProof proof = new RecordedProof(vault, client, load);
        vault.stop();
        Ran checked = vault.as("officer", "check");
        wrong += load.faults().size() + (checked.exit() == 0 ? 0 : 1) + (slowestMillis > SLOWEST_START_MILLIS ? 1 : 0);
        record(
                times,
                proof.lost().size(),
                proof.unlogged().size(),
                proof.notOnce().size(),
                0);
        proof.requireNothing(load);
        assertThat(shrunk)
                .as("logs that do not go on from what was seen of them")
                .isZero();
        assertThat(slowestMillis).as("slowest start, ms").isLessThanOrEqualTo(SLOWEST_START_MILLIS);
        assertThat(checked.exit()).as("%s", checked).isZero();
    }

    /** Has nobody ask for anything any more. */
    void endLoad() {
        if (!loadEnded) {
            load.awaitAnswered(1);
            load.finish();
            loadEnded = true;
        }
    }

    /** Adds a line of that kind to the ledger; what was found is in the order of its columns. */
    static void record(String fault, Object... found) {
        LEDGER.add(Stream.concat(Stream.of(SEED, LocalDate.now(ZoneOffset.UTC), fault), Arrays.stream(found))
                .toArray());
    }

    private void record(int times, int lost, int unlogged, int notOnce, int brokenOff) {
        ended = true;
        record(
                fault,
                times,
                load.acknowledged(),
                load.released().size(),
                lost,
                unlogged,
                notOnce,
                shrunk,
                wrong,
                brokenOff,
                slowestMillis);
        System.out.println(load);
    }

    @Override
    public void close() {
        try {
            load.close();
        } finally {
            if (!ended) {
                record(0, 0, 0, 0, 1);
            }
        }
    }
}
