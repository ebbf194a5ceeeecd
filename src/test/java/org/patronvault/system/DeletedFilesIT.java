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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.system.VaultProcess.Ran;

/**
 * A server whose database's files are deleted, replaced or cut at any moment, while people work with it. Few times unless
 * more are asked for: {@code mvn -B -Pfault verify -Dfault.deletions=100}.
 */
final class DeletedFilesIT {
    private static final String FAULT = "file deleted or replaced";
    private static final int BROKEN = 70;
    private static final int SEALED = 4;
    private static final int TERMINATED = 128 + 15;

    /** The machine ends a process so that loses the part of a file that it has in memory. */
    private static final int ABORTED = 128 + 6;

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int CALLERS = 4;
    private static final int LEAST_ANSWERS = 20;
    private static final int LONGEST_WAIT_MILLIS = 400;

    /** A change to a file behind the vault's back. */
    private enum Deed {
        DELETED {
            @Override
            void to(Path file, Path copy) throws IOException {
                Files.delete(file);
            }
        },
        REPLACED_BY_AN_EQUAL_COPY {
            @Override
            void to(Path file, Path copy) throws IOException {
                Files.copy(file, copy);
                Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        },
        EMPTIED {
            @Override
            void to(Path file, Path copy) throws IOException {
                Files.newOutputStream(file).close();
            }
        },
        OVERWRITTEN_BY_A_SHORTER_ONE {
            @Override
            void to(Path file, Path copy) throws IOException {
                byte[] all = Files.readAllBytes(file);
                Files.write(file, Arrays.copyOf(all, all.length / 3));
            }
        };

        abstract void to(Path file, Path copy) throws IOException;
    }

    /** A deed, and the files of {@code data/} that it is done to. */
    private record Done(Deed deed, List<String> files) {
        static List<Done> all() {
            List<String> files = List.of("vault.db", "vault.db-wal", "vault.db-shm");
            List<Done> all = new ArrayList<>(files.stream()
                    .flatMap(file -> Stream.of(Deed.values()).map(deed -> new Done(deed, List.of(file))))
                    .toList());
            all.add(new Done(Deed.DELETED, files));
            return all;
        }
    }

    /** An answer that something was done, when it was asked for, and the entry that came with it; -1 for none. */
    private record Answered(long began, boolean isWrite, long entry) {}

    @AutoClose
    private final RunningVault vault = RunningVault.create().withoutLimits();

    private final Queue<Answered> answered = new ConcurrentLinkedQueue<>();
    private final AtomicInteger cards = new AtomicInteger(100);

    @Test
    void serviceEndsWithinASecondAndAnswersNothingAfterItWhateverBecomesOfAFile() throws Exception {
        Databases.requireSqlite("the files are the server's");
        Path kept = vault.root().resolve("kept");
        vault.start();
        String patron = vault.register(vault.signIn("clerk"), SamplePatron.of(1));
        assertThat(vault.stop()).isEqualTo(TERMINATED);
        RunningVault.copy(vault.home(), kept);
        int times = UnderFault.times("deletions", 5);
        List<String> violations = new ArrayList<>();
        Deque<Done> next = new ArrayDeque<>();
        int acknowledged = 0;
        int received = 0;
        boolean ended = false;
        try {
            for (int n = 0; n < times; n++) {
                if (next.isEmpty()) {
                    List<Done> all = Done.all();
                    Collections.shuffle(all, UnderFault.RANDOM);
                    next.addAll(all);
                }
                Done done = next.remove();
                violations.addAll(disturb(done, patron));
                violations.addAll(startAgain(done));
                acknowledged +=
                        (int) answered.stream().filter(Answered::isWrite).count();
                received +=
                        (int) answered.stream().filter(one -> !one.isWrite()).count();
                RunningVault.remove(vault.home());
                RunningVault.copy(kept, vault.home());
            }
            ended = true;
        } finally {
            UnderFault.record(FAULT, times, acknowledged, received, 0, 0, 0, 0, violations.size(), ended ? 0 : 1, 0);
        }
        assertThat(violations).isEmpty();
    }

    /** An attacker who can write data/ alone would take looks out of the log by putting back a copy from before them. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void databaseThatIsCopiedBeforeALookAndPutBackAfterAKillIsRefused(boolean withNode) {
        Databases.requireSqlite("the files are the server's");
        vault.start();
        String clerk = vault.signIn("clerk");
        String patron = vault.register(clerk, SamplePatron.of(1));
        Path data = vault.home().resolve("data");
        Path copy = vault.root().resolve("copy");
        RunningVault.copy(data, copy);
        assertThat(vault.call("POST", "/v1/patrons/" + patron + "/reveal", clerk, reveal())
                        .status())
                .isEqualTo(200);
        vault.server().kill();
        RunningVault.remove(data);
        RunningVault.copy(copy, data);
        if (!withNode) {
            RunningVault.remove(vault.home().resolve("node"));
            RunningVault.remove(vault.home().resolve("published"));
        }
        Ran ran = vault.apart(vault.environment(), "serve", "--port", "0");
        assertThat(ran.exit()).as("%s", ran).isEqualTo(SEALED);
        assertThat(ran.err())
                .contains(
                        withNode ? "is shorter than what this node has seen" : "published/ from another one",
                        "log accept");
    }

    private static ObjectNode reveal() {
        ObjectNode reveal = JsonNodeFactory.instance.objectNode().put("purpose", "account-service");
        reveal.putArray("fields").add("phone");
        return reveal;
    }

    /** Does that at any moment of the work; returns what was not as it must be. */
    private List<String> disturb(Done done, String patron) throws IOException, InterruptedException {
        answered.clear();
        vault.start();
        String clerk = vault.signIn("clerk");
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try {
            for (int n = 0; n < CALLERS; n++) {
                boolean writes = n == 0;
                callers.execute(() -> work(clerk, patron, writes));
            }
            vault.server().awaitUntil("nobody is answered", () -> answered.size() >= LEAST_ANSWERS);
            TimeUnit.MILLISECONDS.sleep(UnderFault.RANDOM.nextInt(LONGEST_WAIT_MILLIS));
            for (String file : done.files()) {
                done.deed()
                        .to(
                                vault.home().resolve("data").resolve(file),
                                vault.root().resolve("copy"));
            }
            long deed = System.nanoTime();
            List<String> violations = new ArrayList<>();
            vault.server().awaitUntil("it lives on", () -> !vault.server().isAlive());
            long lived = System.nanoTime() - deed;
            if (lived > SECOND_NANOS) {
                violations.add(done + ": it lived on for " + lived / 1_000_000 + " ms");
            }
            callers.shutdown();
            assertThat(callers.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
            answered.stream()
                    .filter(one -> one.began() - deed > SECOND_NANOS)
                    .forEach(one -> violations.add(done + ": " + one));
            Ran ran = vault.server().await();
            boolean isSaid = ran.exit() == BROKEN && ran.err().contains("The vault sealed itself and stops");
            if (!isSaid && !(ran.exit() == ABORTED && done.files().contains("vault.db-shm"))) {
                violations.add(done + ": " + ran);
            }
            return violations;
        } finally {
            callers.shutdownNow();
        }
    }

    /** A home whose log lacks an entry that came with an answer must not be opened. */
    private List<String> startAgain(Done done) {
        Ran ran = vault.as("admin", "staff", "list");
        if (ran.exit() != 0) {
            return ran.err().contains("Exception") ? List.of(done + ": " + ran) : List.of();
        }
        long entries = vault.json("admin", "log", "verify").path("entries").asLong();
        long last = answered.stream().mapToLong(Answered::entry).max().orElse(-1);
        return entries > last ? List.of() : List.of(done + ": opened without entry " + last);
    }

    /** Calls until there is nobody to answer. */
    private void work(String clerk, String patron, boolean writes) {
        while (vault.server().isAlive()) {
            long began = System.nanoTime();
            try {
                JsonNode body = writes ? SamplePatron.of(cards.incrementAndGet()) : reveal();
                String path = writes ? "/v1/patrons" : "/v1/patrons/" + patron + "/reveal";
                Answer answer = vault.call("POST", path, clerk, body);
                if (answer.status() / 100 == 2) {
                    answered.add(new Answered(
                            began, writes, answer.json().path("entry").asLong(-1)));
                }
            } catch (UncheckedIOException e) {
                // It has ended, or is about to.
            }
        }
    }
}
