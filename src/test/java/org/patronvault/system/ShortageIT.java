package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.Skips;

/**
 * A server that runs short of something, or whose clock is set, under work: it says "not now", or nothing at all happens,
 * and when there is enough again the same process goes on.
 */
final class ShortageIT {
    private static final String MEBIBYTES_ENOUGH = "64m";

    /** What a write needs, less than once more. */
    private static final int LEFT_BYTES = 100_000;

    /** The write-ahead log is as large soon, and the server's output is not. */
    private static final int LEAST_FILE_BYTES = 40_000;

    private static final int MORE_FILE_BYTES = 200_000;

    private static final int CALLS_SHORT = 100;

    /** It starts with no less. */
    private static final String LEAST_HEAP = "-Xmx256m";

    /** As many passwords are computed at once. */
    private static final int AT_ONCE = 2;

    /** What a server ends with that cannot go on. */
    private static final int BROKEN = 70;

    /** As many lock an account. */
    private static final int WRONG_PASSWORDS = 5;

    private static final int LONGEST_LOCK_SECONDS = 900;

    /** A request may be decided for so long. */
    private static final Duration OPEN = Duration.ofDays(1);

    /** Longer than whatever is begun may last. */
    private static final Duration FAR = Duration.ofDays(40);

    private static final Path LIBRARIES = Path.of("/usr/lib");
    private static final Path FAKE_CLOCK = Path.of("faketime/libfaketimeMT.so.1");

    @AutoClose
    private final RunningVault vault = RunningVault.create().withoutLimits();

    /** Something that is tried with the database on a disk of its own. */
    private interface OnADisk {
        void tried(Path disk) throws Exception;
    }

    /** Has the database on a small disk, as long as that is tried. */
    private void onADisk(OnADisk test) throws Exception {
        Databases.requireSqlite("the disk is the server's");
        Path data = vault.home().resolve("data");
        Path kept = vault.root().resolve("kept-data");
        RunningVault.copy(data, kept);
        Skips.unless(
                run("mount", "-t", "tmpfs", "-o", "size=" + MEBIBYTES_ENOUGH, "tmpfs", data.toString()) == 0,
                "this machine lets nobody mount a small disk");
        try {
            copyInto(data, kept);
            test.tried(data);
        } finally {
            if (vault.server() != null) {
                vault.server().close();
            }
            assertThat(run("umount", data.toString())).isZero();
        }
    }

    private static void remount(Path disk, String how) throws IOException {
        assertThat(run("mount", "-o", "remount," + how, disk.toString())).isZero();
    }

    @Test
    @Tag(LongRun.TAG)
    void fullDiskIsSaidAndPasses() throws Exception {
        onADisk(data -> {
            vault.start();
            try (UnderFault work = UnderFault.begin(vault, "full disk", false)) {
                int times = UnderFault.times("full", 1);
                for (int n = 0; n < times; n++) {
                    work.awaitAnyMoment();
                    // Again, where so much was written meanwhile that it would be too small for what is there.
                    vault.server().awaitUntil("the disk cannot be made smaller", () -> isFull(data));
                    int before = work.load().answered("503 store-full");
                    vault.server()
                            .awaitUntil(
                                    "nobody is told that it is full",
                                    () -> work.load().answered("503 store-full") > before);
                    assertThat(vault.call("GET", "/health/live").status()).isEqualTo(200);
                    work.awaitCallsOrEnd(CALLS_SHORT, () -> false);
                    remount(data, "size=" + MEBIBYTES_ENOUGH);
                    work.awaitAnswered();
                }
                work.prove(times);
            }
        });
    }

    @Test
    void diskThatIsReadOnlyIsSaidAtTheStart() throws Exception {
        onADisk(data -> {
            remount(data, "ro");
            Ran ran = vault.apart(vault.environment(), "serve", "--port", "0");
            assertThat(ran.exit()).as("%s", ran).isEqualTo(2);
            assertThat(ran.err()).contains("cannot be written").doesNotContain("Exception");
            remount(data, "rw");
            vault.start();
        });
    }

    @Test
    @Tag(LongRun.TAG)
    void processThatMayOpenNoMoreFilesGoesOnWhenItMay() throws Exception {
        vault.start();
        String pid = Long.toString(vault.server().pid());
        try (UnderFault work = UnderFault.begin(vault, "no more files", false)) {
            int times = UnderFault.times("files", 1);
            for (int n = 0; n < times; n++) {
                work.awaitAnyMoment();
                work.load().connectionsFail(true);
                assertThat(run("prlimit", "--pid", pid, "--nofile=" + openFiles(pid) + ":"))
                        .isZero();
                int before = work.load().answered("503 log-unavailable");
                // Over connections that are open to callers and to a database server the work may go on.
                if (!Databases.ON_POSTGRES) {
                    vault.server()
                            .awaitUntil(
                                    "nobody is told that it cannot go on",
                                    () -> work.load().answered("503 log-unavailable") > before);
                }
                work.awaitCallsOrEnd(CALLS_SHORT, () -> false);
                assertThat(run("prlimit", "--pid", pid, "--nofile=4096:")).isZero();
                work.load().connectionsFail(false);
                work.awaitAnswered();
            }
            work.prove(times);
        }
    }

    @Test
    @Tag(LongRun.TAG)
    void writeThatIsCutShortEndsTheServiceAndNothingIsLost() throws Exception {
        Databases.requireSqlite("the server writes the file, not the vault");
        vault.start();
        try (UnderFault work = UnderFault.begin(vault, "short write", true)) {
            int times = UnderFault.times("shorts", 1);
            for (int n = 0; n < times; n++) {
                work.awaitAnyMoment();
                String pid = Long.toString(vault.server().pid());
                // Less than there is in the file already: a write up to there is cut short, and beyond it refused.
                int most = LEAST_FILE_BYTES + work.random().nextInt(MORE_FILE_BYTES);
                assertThat(run("prlimit", "--pid", pid, "--fsize=" + most + ":"))
                        .isZero();
                vault.server()
                        .awaitUntil("the service goes on", () -> !vault.server().isAlive());
                work.requireSealed("a short write");
                work.goOn();
            }
            work.prove(times);
        }
    }

    @Test
    void heapThatIsTooSmallIsSaidWithTheCure() {
        Ran ran = vault.process(vault.environment(), List.of("-Xmx192m"), "serve", "--port", "0")
                .await();
        assertThat(ran.exit()).as("%s", ran).isEqualTo(2);
        assertThat(ran.err()).contains("java -Xmx256m");
    }

    @Test
    @Tag(LongRun.TAG)
    void leastHeapThatItStartsWithIsEnough() {
        vault.start(LEAST_HEAP);
        try (UnderFault work = UnderFault.begin(vault, "small heap", false)) {
            int times = UnderFault.times("heaps", 1);
            try (SigningIn people = SigningIn.begin(vault, AT_ONCE)) {
                for (int n = 0; n < times; n++) {
                    work.awaitCallsOrEnd(4 * CALLS_SHORT, () -> false);
                }
                people.requireAnswered();
            }
            work.awaitAnswered();
            assertThat(vault.server().isAlive()).isTrue();
            work.prove(times);
        }
    }

    @Test
    @Tag(LongRun.TAG)
    void threadThatRunsOutOfMemoryEndsTheProcessAndTheNextStartNeedsNoHand() throws IOException {
        Path now = vault.root().resolve("now");
        vault.start(LEAST_HEAP, Exhaustion.option(vault.root(), now));
        String clerk = vault.signIn("clerk");
        String id = vault.register(clerk, SamplePatron.of(1));
        Files.createFile(now);
        Ran ran = vault.server().await();
        assertThat(ran.exit()).as("%s", ran).isEqualTo(BROKEN);
        vault.start(LEAST_HEAP);
        assertThat(vault.call("GET", "/v1/patrons/" + id, vault.signIn("clerk")).status())
                .isEqualTo(200);
    }

    @Test
    @Tag(LongRun.TAG)
    void clockThatIsSetForwardAndBackChangesNothing() throws Exception {
        startByAClockThatIsSet();
        try (UnderFault work = UnderFault.begin(vault, "clock", false)) {
            int times = UnderFault.times("clocks", 1);
            for (int n = 0; n < times; n++) {
                for (String offset : List.of("+600", "-600", "+0")) {
                    work.awaitAnyMoment();
                    setClock(offset);
                }
                work.awaitAnswered();
            }
            work.prove(times);
        }
    }

    @Test
    @Tag(LongRun.TAG)
    void whatIsBegunByAClockThatIsFarAheadIsOverWhenTheClockIsRight() throws Exception {
        startByAClockThatIsSet();
        Answer registered = registerOnce(1, vault.signIn("clerk"));
        assertThat(registered.status()).as("%s", registered).isEqualTo(201);
        String patron = registered.json().path("id").asText();
        setClock("+" + FAR.toDays() + "d");
        Begun ahead = begin("boss");
        assertThat(registerOnce(2, ahead.session()).status()).isEqualTo(201);
        setClock("+0");
        requireOver(ahead, Duration.ZERO);
        assertThat(registerOnce(1, vault.signIn("clerk")).json())
                .as("a write that is sent again")
                .isEqualTo(registered.json());
        // By one that is set back from what is right, what was begun by then is as far ahead.
        Begun now = begin("page");
        setClock("-" + FAR.toDays() + "d");
        requireOver(now, FAR.negated());
        setClock("+0");
        assertThat(vault.call("GET", "/v1/patrons/" + patron, vault.signIn("clerk"))
                        .status())
                .isEqualTo(200);
        vault.stop();
        Ran checked = vault.as("officer", "check");
        assertThat(checked.exit()).as("%s", checked).isZero();
        Ran verified = vault.run("log", "verify");
        assertThat(verified.exit()).as("%s", verified).isZero();
    }

    /** Registers the sample patron of that number, always by the same key. */
    private Answer registerOnce(int number, String token) {
        return vault.send(
                "POST",
                "/v1/patrons",
                token,
                SamplePatron.of(number).toString(),
                Map.of("Idempotency-Key", "registration-" + number));
    }

    /** A session, an account that was locked, and the id of a request that nobody has decided. */
    private record Begun(String session, String locked, String request) {}

    /** Has somebody sign in, somebody type wrong passwords for that account, and somebody ask for a role for it. */
    private Begun begin(String account) {
        String session = vault.signIn("clerk");
        assertThat(vault.call("GET", "/v1/sessions", session).status()).isEqualTo(200);
        for (int n = 0; n < WRONG_PASSWORDS; n++) {
            assertThat(signIn(account, "wrong").status()).isEqualTo(401);
        }
        assertThat(signIn(account, RunningVault.PASSWORD).status()).isEqualTo(429);
        ObjectNode grant = JsonNodeFactory.instance.objectNode();
        grant.putArray("roles").add("director");
        Answer filed = vault.call("POST", "/v1/staff/" + account + "/grant", vault.signIn("admin"), grant);
        assertThat(filed.status()).as("%s", filed).isEqualTo(202);
        return new Begun(session, account, filed.json().path("id").asText());
    }

    private Answer signIn(String account, String password) {
        return vault.call("POST", "/v1/sessions", "", RunningVault.credentials(account, password));
    }

    /** None of it is good any more by a clock that is set by that, or for no longer than if it had been begun now. */
    private void requireOver(Begun begun, Duration offset) {
        SoftAssertions.assertSoftly(all -> {
            all.assertThat(vault.call("GET", "/v1/sessions", begun.session()).status())
                    .as("who comes with that session")
                    .isEqualTo(401);
            Answer locked = signIn(begun.locked(), RunningVault.PASSWORD);
            all.assertThat(locked.status()).as("%s", locked).isIn(201, 429);
            if (locked.status() == 429) {
                all.assertThat(Integer.parseInt(locked.header("Retry-After")))
                        .as("seconds until the account is open")
                        .isLessThanOrEqualTo(LONGEST_LOCK_SECONDS);
            }
            JsonNode request = vault.call("GET", "/v1/approvals/" + begun.request(), vault.signIn("dir"))
                    .json();
            if (request.path("state").asText().equals("pending")) {
                all.assertThat(Instant.parse(request.path("expires").asText()))
                        .as("until when the request can be decided")
                        .isBeforeOrEqualTo(Instant.now().plus(offset).plus(OPEN));
            }
        });
    }

    /** Starts it by a clock that goes as the machine's own until it is set. */
    private void startByAClockThatIsSet() throws IOException {
        Optional<Path> library = fakeClock();
        Skips.unless(library.isPresent(), "libfaketime is not installed");
        Files.writeString(clock(), "+0\n");
        vault.startUnder(
                "env",
                "LD_PRELOAD=" + library.get(),
                "FAKETIME_TIMESTAMP_FILE=" + clock(),
                "FAKETIME_CACHE_DURATION=1",
                "FAKETIME_DONT_FAKE_MONOTONIC=1",
                // Else it takes the other clock's waits for those of an old C library, and each comes to an end late.
                "FAKETIME_FORCE_MONOTONIC_FIX=0");
    }

    private Path clock() {
        return vault.root().resolve("clock");
    }

    /** Sets the clock by that from the machine's own, and waits until the log says that it was set. */
    private void setClock(String offset) throws IOException {
        int told = timesTheClockWasSet();
        Files.writeString(clock(), offset + "\n");
        vault.server().awaitUntil("the log does not say so", () -> timesTheClockWasSet() > told);
    }

    /** It lies in a directory that is called as the kind of machine is. */
    private static Optional<Path> fakeClock() throws IOException {
        try (Stream<Path> machines = Files.list(LIBRARIES)) {
            return machines.map(machine -> machine.resolve(FAKE_CLOCK))
                    .filter(Files::exists)
                    .findFirst();
        }
    }

    private int timesTheClockWasSet() {
        Answer found = searchForClocks();
        if (found.status() == 401) {
            // A session that was begun just before the clock was set back is over just after.
            found = searchForClocks();
        }
        assertThat(found.status()).as("%s", found).isEqualTo(200);
        return found.json().path("visits").size();
    }

    private Answer searchForClocks() {
        ObjectNode act = JsonNodeFactory.instance.objectNode().put("act", "clock");
        return vault.call("POST", "/v1/log/search", vault.signIn("officer"), act);
    }

    private static void copyInto(Path data, Path kept) throws IOException {
        try (Stream<Path> files = Files.list(kept)) {
            for (Path file : files.toList()) {
                Files.copy(file, data.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static long openFiles(String pid) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc", pid, "fd"))) {
            return open.count();
        }
    }

    private static boolean isFull(Path data) {
        try {
            return run("mount", "-o", "remount,size=" + (bytes(data) + LEFT_BYTES), data.toString()) == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long bytes(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    private static int run(String... words) throws IOException {
        try {
            return new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
