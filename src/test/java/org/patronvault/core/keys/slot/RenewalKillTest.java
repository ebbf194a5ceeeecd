package org.patronvault.core.keys.slot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.KeyRingFactory;
import org.patronvault.core.keys.share.Share;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.ChildJvm;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.TestClock;

/**
 * Tests of renewals of the root whose process is killed: afterwards the old shares open the ring, or the new ones do.
 */
final class RenewalKillTest {
    private static final int KILLS = LongRun.times(2, 6);
    private static final int MOST_TRIES = 60;
    private static final String RENEWED = "renewed";
    private static final TestClock CLOCK = new TestClock();

    @TempDir
    Path directory;

    /** Renews the root of keys over and over, first saying the shares that will open it. */
    static final class Renewing {
        private Renewing() {}

        public static void main(String[] words) throws IOException {
            String shares = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
            KeyCustody custody = opened(Path.of(words[0]), List.of(shares.split("\n", -1)));
            while (true) {
                try (SlotMaker maker = custody.newRoot()) {
                    made(maker).forEach(System.out::println);
                    custody.rotateRoot(maker);
                    System.out.println(RENEWED);
                }
            }
        }
    }

    private static List<String> made(SlotMaker maker) {
        List<String> shares = maker.addShares(2, 2).stream().map(Share::words).toList();
        shares.forEach(share -> maker.prove(Share.parse(share)));
        return shares;
    }

    private static KeyCustody opened(Path keys, List<String> shares) {
        KeyCustody custody = KeyCustody.at(keys, CLOCK);
        shares.forEach(custody::offer);
        assertThat(custody.isSealed()).isFalse();
        return custody;
    }

    @Test
    void whereverItDiesOneOfTheTwoSetsOpensTheRing() throws Exception {
        Path keys = directory.resolve("keys");
        List<String> shares;
        try (SlotMaker maker = SlotMaker.forNewVault("vault-a", CLOCK)) {
            shares = made(maker);
            KeyRingFactory.create(keys, maker, CLOCK).seal();
        }
        int within = 0;
        for (int tries = 0; within < KILLS; tries++) {
            assertThat(tries).as("renewals end before they can be killed").isLessThan(MOST_TRIES);
            Said said = killed(keys, shares, 2 + tries, TimeUnit.MICROSECONDS.toNanos(300L * tries));
            boolean old = opens(keys, said.before());
            boolean renewed = opens(keys, said.after());
            assertThat(renewed).as("try %d", tries).isNotEqualTo(old);
            shares = old ? said.before() : said.after();
            within += said.within() ? 1 : 0;
        }
        // The next renewal removes the sets that the kills left behind.
        KeyCustody custody = opened(keys, shares);
        try (SlotMaker maker = custody.newRoot()) {
            List<String> last = made(maker);
            custody.rotateRoot(maker);
            assertThat(opens(keys, last)).isTrue();
        }
        assertThat(SlotsFile.read(keys.resolve("slots.json")).slots()).hasSize(1);
    }

    /** The last set that was in force for sure, the one that was to be, and whether the kill fell between them. */
    private record Said(List<String> before, List<String> after, boolean within) {}

    /** Kills a process so long after it has said the shares of its {@code nth} renewal. */
    private static Said killed(Path keys, List<String> shares, int nth, long nanos)
            throws IOException, InterruptedException {
        Process process = ChildJvm.of(Renewing.class, List.of(keys.toString()))
                .redirectErrorStream(true)
                .start();
        try (OutputStream out = process.getOutputStream()) {
            out.write(String.join("\n", shares).getBytes(StandardCharsets.UTF_8));
        }
        List<String> said = new ArrayList<>(shares);
        said.add(RENEWED);
        BufferedReader printed = process.inputReader(StandardCharsets.UTF_8);
        for (int lines = 3 * nth - 1; lines > 0; lines--) {
            said.add(printed.readLine());
        }
        LockSupport.parkNanos(nanos);
        // By its handle, which leaves open what it has said.
        process.toHandle().destroyForcibly();
        process.waitFor();
        printed.lines().forEach(said::add);
        // A set whose second share was not said had nothing done for it.
        int sets = (said.size() + 1) / 3;
        return new Said(
                said.subList(3 * sets - 6, 3 * sets - 4),
                said.subList(3 * sets - 3, 3 * sets - 1),
                said.size() == 3 * sets - 1);
    }

    private static boolean opens(Path keys, List<String> shares) {
        try {
            opened(keys, shares).seal();
            return true;
        } catch (Refused e) {
            assertThat(e.problem()).isEqualTo(Problem.SHARE_FOREIGN);
            return false;
        }
    }
}
