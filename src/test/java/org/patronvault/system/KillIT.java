package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;

/**
 * A server that is killed or told to end at any moment, under work, or started beside another. Few times unless more are
 * asked for: {@code mvn -B -Pfault verify -Dfault.kills=100}.
 */
final class KillIT {
    private static final int TERMINATED = 128 + 15;
    private static final int IN_USE = 5;
    private static final Pattern LISTENING = Pattern.compile("(Listening on http)");
    private static final int LONGEST_START_MILLIS = 3_000;

    @AutoClose
    private final RunningVault vault = RunningVault.create().withoutLimits();

    /** Does that at any moment of the work, as often as is asked for, and proves what came of it. */
    private void atAnyMoment(String fault, boolean mayEnd, String counted, Consumer<UnderFault> what) {
        vault.start();
        try (UnderFault work = UnderFault.begin(vault, fault, mayEnd)) {
            int times = UnderFault.times(counted, 1);
            for (int n = 0; n < times; n++) {
                work.awaitAnyMoment();
                what.accept(work);
            }
            work.prove(times);
        }
    }

    @Test
    void killedAtAnyMomentNothingAcknowledgedIsLostAndNothingReceivedIsUnlogged() {
        vault.start();
        try (UnderFault work = UnderFault.begin(vault, "kill", true)) {
            int times = UnderFault.times("kills", 2);
            work.killAndGoOn(times);
            work.prove(times);
        }
    }

    @Test
    @Tag(LongRun.TAG)
    void killedAgainWhileItStartsItStartsTheNextTimeAndNothingIsLost() {
        atAnyMoment("kill while it starts", true, "starts", work -> {
            vault.server().kill();
            try (VaultProcess starting = vault.process(vault.environment(), List.of(), "serve", "--port", "0")) {
                starting.killAfter(work.random().nextInt(LONGEST_START_MILLIS));
            }
            work.goOn();
        });
    }

    @Test
    @Tag(LongRun.TAG)
    void secondServerOnTheSameHomeIsRefusedAndTheFirstGoesOn() {
        atAnyMoment("second server", false, "seconds", work -> {
            Ran second = vault.apart(vault.environment(), "serve", "--port", "0");
            assertThat(second.exit()).as("%s", second).isEqualTo(IN_USE);
            assertThat(second.err()).contains("Another process uses this home").doesNotContain("Exception");
            work.awaitAnswered();
        });
    }

    @Test
    @Tag(LongRun.TAG)
    void ofTwoServersThatAreStartedAtTheSameMomentOneServes() {
        for (int n = 0; n < UnderFault.times("seconds", 1); n++) {
            List<VaultProcess> both = new ArrayList<>();
            for (int server = 0; server < 2; server++) {
                both.add(vault.process(vault.environment(), List.of(), "serve", "--port", "0"));
            }
            try (VaultProcess one = both.get(0);
                    VaultProcess other = both.get(1)) {
                one.awaitUntil("both go on", () -> !one.isAlive() || !other.isAlive());
                VaultProcess refused = one.isAlive() ? other : one;
                VaultProcess serving = one.isAlive() ? one : other;
                Ran ran = refused.await();
                assertThat(ran.exit()).as("%s", ran).isEqualTo(IN_USE);
                assertThat(ran.err()).doesNotContain("Exception");
                String unused = serving.awaitLine(LISTENING);
            }
        }
    }

    @Test
    @Tag(LongRun.TAG)
    void toldToEndAtAnyMomentItEndsInOrderAndNothingIsLost() {
        atAnyMoment("end", true, "ends", work -> {
            assertThat(vault.stop()).as("exit code").isIn(0, TERMINATED);
            work.goOn();
        });
    }
}
