package org.patronvault.core.dual;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.access.Access;
import org.patronvault.access.AccessTestVault;
import org.patronvault.core.crypto.Argon2Parameters;
import org.patronvault.core.policy.Caller;

/** Tests for how long a repeated write gets its first answer. */
final class IdempotencyStoreTest {
    private static final Caller KOHA = AccessTestVault.client(Set.of("ils"), Set.of(), Set.of(), OptionalInt.empty());
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    private Path directory;

    private AccessTestVault vault;
    private int others;

    @BeforeEach
    void open() {
        vault = new AccessTestVault(directory);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private static Optional<IdempotencyStore.Key> key(IdempotencyStore replay, String key) {
        return replay.key(KOHA, Optional.of(key), "POST /v1/patrons", key.getBytes(StandardCharsets.UTF_8));
    }

    private void keep(Access access, String key) {
        IdempotencyStore replay = access.replay();
        vault.write(tx -> replay.keep(tx, key(replay, key), "what was answered to " + key));
    }

    private boolean isKept(String key) {
        IdempotencyStore replay = vault.access().replay();
        return replay.answered(key(replay, key)).isPresent();
    }

    /** Some other write. */
    private void write() {
        keep(vault.access(), "other-" + others++);
    }

    private void hours(int hours) {
        for (int hour = 0; hour < hours; hour++) {
            vault.advance(HOUR);
            write();
        }
    }

    @Test
    void answerIsKeptForTwoDaysOfServiceAndNotForMuchLonger() {
        keep(vault.access(), "first");
        hours(48);
        assertThat(isKept("first")).isTrue();
        hours(2);
        assertThat(isKept("first")).isFalse();
        assertThat(vault.count("SELECT count(*) FROM idempotency")).isLessThan(51);
    }

    @Test
    void clockThatIsAheadForAWhileForgetsNoAnswer() {
        keep(vault.access(), "first");
        vault.clock.advance(Duration.ofDays(40));
        write();
        hours(5);
        // A process that starts while it is ahead knows no better, and needs not.
        vault.restart();
        write();
        hours(5);
        vault.clock.advance(Duration.ofDays(-40));
        write();
        assertThat(isKept("first")).isTrue();
        hours(37);
        assertThat(isKept("first")).isTrue();
        hours(5);
        assertThat(isKept("first")).isFalse();
    }

    @Test
    void whatWasAnsweredByAClockThatWasAheadIsForgottenInItsTimeToo() {
        vault.clock.advance(Duration.ofDays(40));
        keep(vault.access(), "first");
        vault.clock.advance(Duration.ofDays(-40));
        hours(48);
        assertThat(isKept("first")).isTrue();
        hours(2);
        assertThat(isKept("first")).isFalse();
    }

    @Test
    void vaultThatIsStartedEachDayForgetsSomeDay() {
        keep(vault.access(), "first");
        for (int day = 0; day < 5; day++) {
            hours(12);
            vault.clock.advance(Duration.ofHours(12));
            vault.restart();
        }
        assertThat(isKept("first")).isFalse();
    }

    /** Each counts in the same rows, and none counts an hour that another has counted. */
    @Test
    void threeNodesForgetNoSooner() {
        Access[] nodes = {vault.access(), another(), another()};
        keep(nodes[0], "first");
        for (int minutes = 0; minutes < 47 * 60; minutes += 20) {
            vault.advance(Duration.ofMinutes(20));
            keep(nodes[minutes / 20 % nodes.length], "other-" + others++);
        }
        assertThat(isKept("first")).isTrue();
    }

    private Access another() {
        return new Access(
                vault.store(),
                vault.log(),
                vault.custody,
                vault.policy,
                vault.clock,
                vault.nanos::get,
                new Argon2Parameters(256, 1, 1));
    }
}
