package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;

/**
 * A server that fails in what it asks of the system, again and again and at any moment, under work. Few times unless more
 * are asked for: {@code mvn -B -Pfault verify -Dfault.injections=100}.
 */
@Tag(LongRun.TAG)
final class FaultIT {
    private static final int BROKEN = 70;
    private static final int CALLS_AFTER = 80;

    /** More than may be under way at once. */
    private static final int CALLS_AT_ONCE = 20;

    /** As many calls to the system may one thread make before one fails. */
    private static final int MOST_BEFORE = 40;

    private static final int FILES_OF_A_TURN = 4;

    /** From the call on until the thread that made it knows, stopped twice by who traces it, that it failed. */
    private static final long TOLD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** From that call on until whatever was done before it has been received. */
    private static final int RECEIVED_MILLIS = 100;

    private final RunningVault vault = RunningVault.create().withoutLimits();
    private Optional<UnderFault> begun = Optional.empty();

    /** What is written beside the database, each by replacing it but the last. */
    private static final List<String> HOME_FILES =
            List.of("published/checkpoint.new", "keys/ring.json.new", "keys/ledger");

    /** The file that is written before anybody is answered. */
    private static final String ANCHOR = "node/head";

    private static final List<String> DATABASE_FILES =
            List.of("data/vault.db", "data/vault.db-wal", "data/vault.db-shm", "data/vault.db-journal");

    /** What of a vault's files something is asked of. */
    private enum Of {
        /** Any of them, and whatever else a process has open. */
        ANYTHING,
        /** The database's files, which are opened while others are read and written. */
        DATABASE,
        /** What is written beside the database. */
        BESIDE,
        /** How far the log has come, as this node knows it. */
        ANCHOR;

        private List<String> only(RunningVault vault) {
            return switch (this) {
                case ANYTHING -> List.of();
                case DATABASE ->
                    DATABASE_FILES.stream()
                            .flatMap(file -> Stream.of("-P", path(vault, file).toString()))
                            .toList();
                case ANCHOR -> List.of("-P", path(vault, FaultIT.ANCHOR).toString());
                case BESIDE ->
                    HOME_FILES.stream()
                            .flatMap(file -> Failing.only(path(vault, file)).stream())
                            .toList();
            };
        }

        private static Path path(RunningVault vault, String file) {
            return vault.home().resolve(file);
        }
    }

    /**
     * Something that is asked of the system, and how it fails.
     *
     * @param forGood whether it goes on failing, of each thread from that call on
     */
    private record Failing(String calls, String error, Of of, boolean forGood) {
        /** Fails once. */
        private Failing(String calls, String error, Of of) {
            this(calls, error, of, false);
        }

        private static final String SYNCS = "fsync,fdatasync";
        private static final String OPENS = "openat";
        private static final Failing SYNC = new Failing(SYNCS, "EIO", Of.ANYTHING);

        private static final List<Failing> BY_THE_DISK = List.of(
                SYNC,
                new Failing(SYNCS, "ENOSPC", Of.ANYTHING),
                new Failing(SYNCS, "EIO", Of.BESIDE),
                new Failing(SYNCS, "ENOSPC", Of.BESIDE),
                new Failing("pwrite64", "EIO", Of.ANYTHING),
                new Failing("pwrite64", "ENOSPC", Of.ANYTHING),
                new Failing("write,rename", "EIO", Of.BESIDE),
                new Failing("write,rename", "ENOSPC", Of.BESIDE),
                new Failing("write", "EIO", Of.ANCHOR),
                new Failing("write", "ENOSPC", Of.ANCHOR),
                new Failing("pread64", "EIO", Of.ANYTHING),
                new Failing("ftruncate", "EIO", Of.ANYTHING),
                new Failing(OPENS, "EIO", Of.DATABASE),
                new Failing(OPENS, "ENOSPC", Of.DATABASE),
                new Failing(OPENS, "EIO", Of.BESIDE),
                new Failing(OPENS, "ENOSPC", Of.BESIDE),
                new Failing(SYNCS, "EIO", Of.ANYTHING, true),
                new Failing("pwrite64", "EIO", Of.ANYTHING, true),
                new Failing("pwrite64", "ENOSPC", Of.ANYTHING, true),
                // Not of Java's own files: without its classes it dies of what it cannot even throw.
                new Failing("pread64", "EIO", Of.DATABASE, true));

        private static final List<Failing> BY_THE_SYSTEM = List.of(
                new Failing("pwrite64", "EROFS", Of.ANYTHING),
                new Failing(OPENS, "EMFILE", Of.ANYTHING),
                new Failing("fcntl", "ENOLCK", Of.ANYTHING));

        /** What {@code fault.only} takes a part of. */
        private String name() {
            return calls + ":" + error + ":" + of + (forGood ? ":for-good" : "");
        }

        /** SQLite says of a page that cannot be read what it says of one that is damaged. */
        private boolean isReading() {
            return calls.equals("pread64");
        }

        private boolean isLocking() {
            return calls.equals("fcntl");
        }

        /**
         * After what cannot be put on disk nothing may be acknowledged, whoever met it and whatever the disk says, nor
         * after what cannot be written in the database or in the anchor; what cannot be opened is as it was, and so is a file beside it
         * that cannot be written.
         */
        private boolean isTheEnd() {
            boolean isWriting = calls.equals("pwrite64") || calls.equals("ftruncate");
            return calls.equals(SYNCS) || of == Of.ANCHOR || (isWriting && error.equals("EIO"));
        }

        /** A file beside the database that cannot be opened or written is as it was, and nothing is acknowledged by it. */
        private boolean isNotTheEnd() {
            return of == Of.BESIDE && !calls.equals(SYNCS);
        }

        private List<String> injected(RunningVault vault, Random random) {
            return injected(vault, 1 + random.nextInt(of == Of.BESIDE ? FILES_OF_A_TURN : MOST_BEFORE));
        }

        private List<String> injected(RunningVault vault, int after) {
            List<String> options = new ArrayList<>(List.of("-y", "-Y", "-e", "trace=" + calls));
            options.addAll(of.only(vault));
            options.addAll(List.of("-e", injected(after)));
            return options;
        }

        /** That file, and the directory it has its name in, which is put on disk too. */
        private static List<String> only(Path file) {
            return List.of("-P", file.toString(), "-P", file.getParent().toString());
        }

        private String injected(int after) {
            return "inject=" + calls + ":error=" + error + ":when=" + after + (forGood ? "+" : "");
        }
    }

    private UnderFault begin(String fault, boolean mayEnd) {
        vault.start();
        UnderFault work = UnderFault.begin(vault, fault, mayEnd);
        begun = Optional.of(work);
        return work;
    }

    @AfterEach
    void remove() {
        begun.ifPresent(UnderFault::close);
        vault.close();
    }

    @Test
    void whateverTheDiskFailsAtItGoesOnOrEndsAndNothingIsLost() throws IOException {
        failing("injection", UnderFault.times("injections", 2), Failing.BY_THE_DISK);
    }

    @Test
    void whateverElseTheSystemRefusesItGoesOnOrEndsAndNothingIsLost() throws IOException {
        failing("injection of another error", UnderFault.times("others", 1), Failing.BY_THE_SYSTEM);
    }

    private void failing(String fault, int times, List<Failing> all) throws IOException {
        Databases.requireSqlite("what fails is the server's");
        Strace.require();
        String only = System.getProperty("fault.only", "");
        List<Failing> some =
                all.stream().filter(one -> one.name().contains(only)).toList();
        assertThat(Stream.of(Failing.BY_THE_DISK, Failing.BY_THE_SYSTEM).flatMap(List::stream))
                .as("any with %s in their name", only)
                .anyMatch(one -> one.name().contains(only));
        assumeThat(some).as("injections with %s in their name", only).isNotEmpty();
        UnderFault work = begin(fault, true);
        // Each of them comes once before any comes again; what there was no call for comes last.
        Deque<Failing> next = new ArrayDeque<>();
        Map<Failing, Integer> came = new LinkedHashMap<>();
        int failed = 0;
        for (int tries = 0; failed < times && tries < 3 * times; tries++) {
            if (next.isEmpty()) {
                next.addAll(shuffled(some, work.random()));
            }
            Failing one = next.remove();
            if (fails(work, one)) {
                failed++;
                came.merge(one, 1, Integer::sum);
            } else {
                next.add(one);
            }
        }
        System.out.println("failed: " + came);
        // Before the ledger has a line of it: less than was asked for is a run that was broken off.
        assertThat(failed).as("times that something failed").isEqualTo(times);
        if (times >= 2 * some.size()) {
            assertThat(came).containsOnlyKeys(some);
        }
        work.prove(failed);
    }

    private static <T> List<T> shuffled(List<T> all, Random random) {
        List<T> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, random);
        return shuffled;
    }

    /** Has one call fail, and the server started anew; whether there was such a call. */
    private boolean fails(UnderFault work, Failing one) throws IOException {
        work.awaitAnswered();
        work.load().mayFail(one.isReading());
        work.load().locksFail(one.isLocking());
        Path trace = Files.createTempFile(vault.root(), "strace", ".txt");
        boolean seen;
        String[] injecting = one.injected(vault, work.random()).toArray(String[]::new);
        try (Strace strace = Strace.attach(vault, trace, injecting)) {
            work.awaitCallsOrEnd(4 * MOST_BEFORE, strace::hasInjected);
            seen = strace.hasInjected();
            if (seen && one.isTheEnd()) {
                requireEndAtOnce(work, strace, one + " " + strace.injected());
            } else if (seen && one.forGood()) {
                work.awaitCallsOrEnd(CALLS_AFTER, () -> false);
            }
        }
        if (seen && !one.isTheEnd()) {
            work.awaitCallsOrEnd(work.random().nextInt(CALLS_AFTER), () -> false);
        }
        if (seen && one.isNotTheEnd()) {
            assertThat(vault.server().isAlive()).as("it goes on after %s", one).isTrue();
        }
        if (vault.server().isAlive()) {
            vault.server().kill();
        } else {
            work.requireSealed(one);
        }
        work.goOn();
        work.load().mayFail(false);
        work.load().locksFail(false);
        return seen;
    }

    /** From then on nothing that is asked for is done, and it has ended within a second. */
    private void requireEndAtOnce(UnderFault work, Strace strace, String after) {
        vault.server()
                .awaitUntil("it goes on after " + after, () -> !vault.server().isAlive());
        long ended = System.nanoTime();
        long failed = strace.injectedNanos();
        assertThat((ended - failed) / 1_000_000)
                .as("until it has ended after %s, ms", after)
                .isLessThan(1_000);
        assertThat(work.load().hasDoneWhatWasAskedAfter(failed + TOLD_NANOS))
                .as("something was done after %s", after)
                .isFalse();
        assertThat(TimeUnit.NANOSECONDS.toMillis(work.load().answeredNanosAfter(failed)))
                .as("last answer that something is done after %s, ms", after)
                .isLessThanOrEqualTo(RECEIVED_MILLIS);
    }

    /**
     * What it cannot open to be written SQLite opens to be read, without a word, and such a connection never writes: the
     * last ones that are opened are the writer's.
     */
    @Test
    void databaseThatCannotBeOpenedOnceIsWrittenAllTheSameOrItIsSaid() throws IOException {
        Databases.requireSqlite("the server opens the database, not the vault");
        Strace.require();
        int opens = opensOfACommand();
        for (int n = 0; n < UnderFault.times("opens", 2); n++) {
            Failing open = new Failing(Failing.OPENS, n % 2 == 0 ? "EIO" : "ENOSPC", Of.DATABASE);
            Path trace = vault.root().resolve("opens-" + n);
            List<String> words = new ArrayList<>(List.of("strace", "-D", "-f", "-qq", "-o", trace.toString()));
            words.addAll(open.injected(vault, opens - n % opens));
            String name = "client-" + n;
            Ran ran = vault.apartUnder(
                    words, vault.environment("admin"), "client", "add", name, "--scope", "ils", "--daily", "none");
            assertThat(Files.readString(trace)).as("%s", ran).contains("INJECTED");
            assertThat(ran.exit()).as("%s", ran).isIn(0, BROKEN);
            assertThat(ran.err()).doesNotContain("Exception");
            Ran listed = vault.as("admin", "client", "list");
            assertThat(listed.exit()).as("%s", listed).isZero();
            assertThat(listed.out().contains(name)).as("%s", ran).isEqualTo(ran.exit() == 0);
        }
    }

    /** How often SQLite, or whoever else in the thread that opens a vault, opens a file of the database until it is open. */
    private int opensOfACommand() throws IOException {
        Path trace = vault.root().resolve("opens");
        List<String> words = new ArrayList<>(
                List.of("strace", "-D", "-f", "-qq", "-o", trace.toString(), "-e", "trace=" + Failing.OPENS));
        words.addAll(Of.DATABASE.only(vault));
        Ran ran = vault.apartUnder(
                words, vault.environment("admin"), "client", "add", "first", "--scope", "ils", "--daily", "none");
        assertThat(ran.exit()).as("%s", ran).isZero();
        List<String> opens = Files.readAllLines(trace).stream()
                .filter(line -> line.contains(Failing.OPENS + "("))
                .collect(Collectors.groupingBy(line -> line.split(" ", 2)[0]))
                .values()
                .stream()
                .max(Comparator.comparing(List::size))
                .orElseThrow();
        // As SQLite opens them; what comes after is only read.
        int last = opens.size() - 1;
        while (!opens.get(last).contains("O_NOFOLLOW")) {
            last--;
        }
        return last + 1;
    }

    @Test
    void diskThatTurnsReadOnlyUnderWorkIsSaidOrEndsTheServiceAndNothingIsLost() throws IOException {
        Databases.requireSqlite("the disk is the server's");
        Strace.require();
        // Linux makes no disk read-only by order while somebody may write to it, only by itself, when it finds it
        // broken.
        String[] readOnly = {
            "-P",
            vault.home().resolve("data/vault.db").toString(),
            "-P",
            vault.home().resolve("data/vault.db-wal").toString(),
            "-e",
            "trace=pwrite64,ftruncate,fallocate",
            "-e",
            "inject=pwrite64,ftruncate,fallocate:error=EROFS"
        };
        UnderFault work = begin("read-only disk", true);
        int times = UnderFault.times("readonly", 1);
        for (int n = 0; n < times; n++) {
            work.awaitAnyMoment();
            try (Strace strace = Strace.attach(vault, Files.createTempFile(vault.root(), "strace", ".txt"), readOnly)) {
                work.awaitCallsOrEnd(CALLS_AFTER, strace::hasInjected);
                // All that are answered from here on were sent when nothing could be written.
                work.awaitCallsOrEnd(CALLS_AT_ONCE, () -> false);
                int acknowledged = work.load().acknowledged();
                int received = work.load().released().size();
                work.awaitCallsOrEnd(CALLS_AFTER, () -> false);
                assertThat(strace.hasInjected()).isTrue();
                assertThat(work.load().acknowledged())
                        .as("acknowledged while nothing is written")
                        .isEqualTo(acknowledged);
                assertThat(work.load().released())
                        .as("received while nothing is written")
                        .hasSize(received);
            }
            if (vault.server().isAlive()) {
                work.awaitAnswered();
                vault.server().kill();
            } else {
                work.requireSealed("a read-only disk");
            }
            work.goOn();
        }
        work.prove(times);
    }

    @Test
    void errorOfTheDiskAsTheLogIsWrittenOrSignedEndsTheServiceAtOnceAndNothingIsLost() {
        Databases.requireSqlite("the server synchronises the disk, not the vault");
        Strace.require();
        Failing sync = Failing.SYNC;
        UnderFault work = begin("sync", true);
        int times = UnderFault.times("syncs", 1);
        for (int n = 0; n < times; n++) {
            endsAt(work, "vault-log", sync.injected(1 + work.random().nextInt(MOST_BEFORE)));
            // A turn of the signer is three seconds, and puts some files on disk.
            endsAt(work, "vault-checkpoin", sync.injected(1 + work.random().nextInt(FILES_OF_A_TURN)));
        }
        work.prove(2 * times);
    }

    /** Nobody else asks anything: it is this call's own entry that is not put on disk. */
    @ParameterizedTest
    @ValueSource(strings = {"/v1/patrons/ID/reveal", "/v1/patrons/search", "/v1/patrons"})
    void callWhoseEntryIsNotPutOnDiskIsNotAnsweredAsDone(String path) throws IOException {
        Databases.requireSqlite("the server synchronises the disk, not the vault");
        Strace.require();
        vault.start();
        String clerk = vault.signIn("clerk");
        String id = vault.register(clerk, SamplePatron.of(1));
        ObjectNode body = switch (path) {
            case "/v1/patrons" -> SamplePatron.of(2);
            case "/v1/patrons/search" ->
                JsonNodeFactory.instance
                        .objectNode()
                        .put("card", SamplePatron.card(1))
                        .put("purpose", "account-service");
            default -> JsonNodeFactory.instance.objectNode().put("purpose", "account-service");
        };
        if (!path.equals("/v1/patrons")) {
            body.putArray(path.endsWith("reveal") ? "fields" : "reveal").add("phone");
        }
        String asked = path.replace("ID", id);
        try (Strace strace = Strace.attach(
                vault,
                vault.root().resolve("syncs"),
                Strace.threads(vault, "vault-log"),
                "-e",
                "trace=" + Failing.SYNC.calls(),
                "-e",
                Failing.SYNC.injected(1))) {
            assertThat(statusOrNone(asked, clerk, body)).isIn(0, 503);
            vault.server().awaitUntil("it goes on", () -> !vault.server().isAlive());
            assertThat(strace.hasInjected()).isTrue();
        }
    }

    @Test
    void errorOfTheDiskAsAnyOtherFileOfTheHomeIsWrittenEndsTheServiceAtOnceAndNothingIsLost() {
        Databases.requireSqlite("the home is the same on both");
        Strace.require();
        UnderFault work = begin("sync beside the database", true);
        List<String> all = Stream.concat(HOME_FILES.stream(), Stream.of(ANCHOR)).toList();
        List<String> files = shuffled(all, work.random()).subList(0, UnderFault.times("beside", 1));
        for (String file : files) {
            work.awaitAnswered();
            List<String> options = new ArrayList<>(Failing.only(vault.home().resolve(file)));
            // The file, or the directory after it.
            int which = 1 + work.random().nextInt(2);
            options.addAll(List.of("-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=" + which));
            try (Strace strace = Strace.attach(vault, vault.root().resolve("syncs"), options.toArray(String[]::new));
                    // Which makes a key, beside what the others do.
                    VaultProcess rotating =
                            vault.process(vault.environment("cust1"), List.of(), "keys", "rotate", "phone")) {
                vault.server()
                        .awaitUntil(
                                file + " is not synchronised",
                                () -> strace.hasInjected() || !vault.server().isAlive());
                requireEndAtOnce(work, strace, "a sync of " + file);
                assertThat(strace.hasInjected()).as("a sync of %s", file).isTrue();
                assertThat(rotating.await().err()).doesNotContain("Exception");
            }
            work.requireSealed(file);
            work.goOn();
        }
        work.prove(files.size());
    }

    /** What it is answered with, or 0 for no answer. */
    private int statusOrNone(String path, String clerk, ObjectNode body) {
        try {
            return vault.call("POST", path, clerk, body).status();
        } catch (UncheckedIOException e) {
            return 0;
        }
    }

    /** Has a call of the thread fail that is named so, as far as Linux keeps a name. */
    private void endsAt(UnderFault work, String thread, String failing) {
        work.awaitAnswered();
        try (Strace strace = Strace.attach(
                vault,
                vault.root().resolve("syncs"),
                Strace.threads(vault, thread),
                "-e",
                "trace=" + Failing.SYNC.calls(),
                "-e",
                failing)) {
            vault.server()
                    .awaitUntil(
                            "nothing is synchronised",
                            () -> strace.hasInjected() || !vault.server().isAlive());
            requireEndAtOnce(work, strace, "a sync of " + thread);
            assertThat(strace.hasInjected()).as("a sync of %s", thread).isTrue();
        }
        work.requireSealed(Failing.SYNC);
        work.goOn();
    }
}
