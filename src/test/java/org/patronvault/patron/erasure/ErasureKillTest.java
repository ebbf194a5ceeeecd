package org.patronvault.patron.erasure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.keys.LedgerLine;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Refused;
import org.patronvault.patron.ErasingVault;
import org.patronvault.testing.ChildJvm;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;

/**
 * Tests that a process killed in the middle of erasures leaves each patron whole or erased. SIGSTOP stops the process,
 * and its files are copied, which are what SIGKILL would leave. Then it continues to the next place.
 */
final class ErasureKillTest {
    private static final int KILLS = LongRun.times(6, 50);
    private static final long SPREAD_NANOS = TimeUnit.MILLISECONDS.toNanos(12);

    @TempDir
    private Path directory;

    @Test
    void whereverItIsKilledAPatronIsWholeOrGone() throws Exception {
        int inTheMidst = 0;
        try (OpenVault vault = OpenVault.onSqlite()) {
            List<PatronId> ids = new ArrayList<>();
            for (int i = 0; i < KILLS; i++) {
                ids.add(vault.register(
                        "'card':'K" + (100 + i) + "','name':{'family':'Doe'},'phone':['203-555-0" + (100 + i) + "']"));
            }
            vault.whileStopped(() -> kill(vault, ids));
            for (int i = 0; i < KILLS; i++) {
                inTheMidst += look(vault, ids, i) ? 1 : 0;
            }
        }
        assertThat(inTheMidst)
                .as("kills before the commit of the erasure under way")
                // If there are few kills, each may come before the commit.
                .isBetween(1, LongRun.times(KILLS, KILLS - 1));
    }

    private void kill(OpenVault vault, List<PatronId> ids) {
        Random random = new Random(8);
        List<String> words = new ArrayList<>(List.of(vault.home().directory().toString()));
        ids.forEach(id -> words.add(id.toString()));
        try {
            Process process = ChildJvm.of(ErasingVault.class, words)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (PrintWriter out = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
                    BufferedReader printed = process.inputReader(StandardCharsets.UTF_8)) {
                out.println(OpenedKeys.told(vault.home().keys()));
                for (int i = 0; i < KILLS; i++) {
                    String line = printed.readLine();
                    while (line != null && !line.equals(ids.get(i).toString())) {
                        line = printed.readLine();
                    }
                    assertThat(line).isNotNull();
                    LockSupport.parkNanos((long) (random.nextDouble() * SPREAD_NANOS));
                    signal(process, "-STOP");
                    awaitStopped(process);
                    OpenVault.copyOf(vault.home().directory(), directory.resolve("killed-" + i));
                    signal(process, "-CONT");
                    out.println();
                }
            }
            assertThat(process.waitFor()).isZero();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits for all threads to stop: a thread in a system call runs until the call ends, and may still write files. */
    private static void awaitStopped(Process process) throws IOException {
        Path threads = Path.of("/proc", Long.toString(process.pid()), "task");
        boolean allStopped = !Files.isDirectory(threads);
        while (!allStopped) {
            try (Stream<Path> all = Files.list(threads)) {
                allStopped = all.allMatch(ErasureKillTest::isStopped);
            }
        }
    }

    private static boolean isStopped(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            return "Tt".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) >= 0;
        } catch (IOException e) {
            // It has ended.
            return true;
        }
    }

    private static void signal(Process process, String signal) throws IOException, InterruptedException {
        // The shell's own kill: a small system has no program of that name.
        assertThat(new ProcessBuilder("sh", "-c", "kill " + signal + " " + process.pid())
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Whether the kill came before the erasure under way took effect. */
    private boolean look(OpenVault vault, List<PatronId> ids, int kill) {
        vault.whileStopped(() -> OpenVault.putBack(vault.home().directory(), directory.resolve("killed-" + kill)));
        Set<PatronId> here = ids.stream()
                .filter(id ->
                        vault.vault().store().read(tx -> tx.patrons().find(id)).isPresent())
                .collect(Collectors.toSet());
        for (int i = 0; i < ids.size(); i++) {
            String card = "K" + (100 + i);
            PatronId id = ids.get(i);
            if (here.contains(id)) {
                assertThat(i).as("only who was to be erased is gone").isGreaterThanOrEqualTo(kill);
                assertThat(vault.reveal(id).card()).contains(card);
                assertThat(vault.find(card).hits()).hasSize(1);
            } else {
                assertThatThrownBy(() -> vault.reveal(id)).isInstanceOf(Refused.class);
                assertThat(vault.find(card).hits()).isEmpty();
            }
        }
        assertThat(vault.vault()
                        .check()
                        .run(OpenVault.person("custodian"), Progress.UNSEEN)
                        .listed())
                .isEmpty();
        vault.vault().log().ledger().follow();
        Set<PatronId> remembered = new java.util.HashSet<>();
        vault.vault().custody().ledger().forEach(line -> {
            if (line instanceof LedgerLine.Erased one) {
                remembered.add(one.patron());
            }
        });
        assertThat(remembered)
                .isEqualTo(ids.stream().filter(id -> !here.contains(id)).collect(Collectors.toSet()));
        return here.contains(ids.get(kill));
    }
}
