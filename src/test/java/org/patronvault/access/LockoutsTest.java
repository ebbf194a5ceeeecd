package org.patronvault.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LockoutsTest {
    private TestVault vault;
    private Lockouts lockouts;
    private String name;
    private String desk;
    private int tests;

    @BeforeAll
    void open(@TempDir Path directory) {
        vault = new TestVault(directory);
        lockouts = new Lockouts(vault.access().authority(), vault.custody, vault.clock);
    }

    @BeforeEach
    void useNameAndAddressOfItsOwn() {
        tests++;
        name = "anna-" + tests;
        desk = "10.0.0." + tests;
    }

    @AfterAll
    void close() {
        vault.close();
    }

    private void wrong(String name, String address) {
        vault.write(tx -> lockouts.wrong(tx, name, address));
    }

    private void requireOpen(String name, String address) {
        vault.store().read(tx -> {
            lockouts.requireOpen(tx, name, address);
            return null;
        });
    }

    private Refused locked(String name, String address) {
        Refused refused = Refusals.refusedBy(() -> requireOpen(name, address));
        assertThat(refused.problem()).isEqualTo(Problem.TOO_MANY_ATTEMPTS);
        return refused;
    }

    @Test
    void fifthWrongLocksForThirtySecondsAndEachFurtherForTwiceAsLongUpToFifteenMinutes() {
        for (int i = 0; i < 4; i++) {
            wrong(name, desk);
            requireOpen(name, desk);
        }
        for (int seconds : new int[] {30, 60, 120, 240, 480, 900, 900, 900}) {
            wrong(name, desk);
            assertThat(locked(name, desk).retryAfterSeconds()).isEqualTo(seconds);
            vault.advance(Duration.ofSeconds(seconds - 1));
            assertThat(locked(name, desk).retryAfterSeconds()).isEqualTo(1);
            vault.advance(Duration.ofSeconds(1));
            requireOpen(name, desk);
        }
    }

    @Test
    void lockIsOfTheNameWhateverTheAddress() {
        for (int i = 0; i < 5; i++) {
            wrong(name, "198.51.100." + i);
        }
        locked(name, "192.0.2.1");
        assertThatCode(() -> requireOpen("berta", "198.51.100.1")).doesNotThrowAnyException();
    }

    @Test
    void lockOfATimeWhenTheClockWasAheadEndsWhenItIsRight() {
        vault.clock.advance(Duration.ofDays(40));
        for (int i = 0; i < 100; i++) {
            wrong(name, desk);
        }
        locked(name, desk);
        vault.clock.advance(Duration.ofDays(-40));
        requireOpen(name, desk);
        wrong("berta-" + tests, desk);
        requireOpen("berta-" + tests, desk);
        // The name's tries still count, and lock it for no longer than any.
        wrong(name, desk);
        assertThat(locked(name, desk).retryAfterSeconds()).isEqualTo(900);
    }

    @Test
    void lockSurvivesRestart() {
        for (int i = 0; i < 5; i++) {
            wrong(name, desk);
        }
        vault.restart();
        assertThat(locked(name, desk).retryAfterSeconds()).isEqualTo(30);
    }

    @Test
    void clearedNameHasItsFreeTriesAgain() {
        for (int i = 0; i < 6; i++) {
            wrong(name, desk);
        }
        vault.write(tx -> lockouts.clear(tx, name));
        for (int i = 0; i < 4; i++) {
            requireOpen(name, desk);
            wrong(name, desk);
        }
        requireOpen(name, desk);
    }

    @Test
    void hundredWrongInTenMinutesLockTheAddressForTheRestOfThem() {
        wrong("name-0", desk);
        vault.advance(Duration.ofMinutes(4));
        vault.write(tx -> {
            for (int i = 1; i < 99; i++) {
                lockouts.wrong(tx, "name-" + i, desk);
            }
        });
        requireOpen("name-100", desk);
        wrong("name-99", desk);

        assertThat(locked("name-100", desk).retryAfterSeconds()).isEqualTo(360);
        requireOpen("name-100", "192.0.2.8");
        vault.restart();
        locked("name-100", desk);
        vault.advance(Duration.ofMinutes(6));
        requireOpen("name-100", desk);
        vault.advance(Duration.ofSeconds(1));
        wrong("name-100", desk);
        requireOpen("name-101", desk);
    }

    /** A household, or whoever rents a machine, may choose the rest. */
    @Test
    void addressesOfOneIpv6NetworkAreOne() {
        vault.write(tx -> {
            for (int i = 0; i < 99; i++) {
                lockouts.wrong(tx, "name-" + i, "2001:db8:1:2::" + Integer.toHexString(i + 1));
            }
        });
        wrong("name-99", "2001:DB8:1:2:ffff::1");
        locked("name-100", "2001:db8:1:2:3:4:5:6");
        requireOpen("name-100", "2001:db8:1:3::1");
    }

    @Test
    void ipv4AddressIsOneHoweverItIsWritten() {
        vault.write(tx -> {
            for (int i = 0; i < 100; i++) {
                lockouts.wrong(tx, "name-" + i, "::ffff:192.0.2.77");
            }
        });
        locked("name-100", "192.0.2.77");
        requireOpen("name-100", "192.0.2.78");
    }

    @Test
    void clearingNameLeavesItsAddressLocked() {
        vault.write(tx -> {
            for (int i = 0; i < 100; i++) {
                lockouts.wrong(tx, "name-" + i, desk);
            }
            lockouts.clear(tx, "name-0");
        });
        locked("name-0", desk);
    }

    @Test
    void neitherNameNorAddressIsStored() {
        wrong(name, desk);
        assertThat(vault.names("lockout")).isNotEmpty().allMatch(key -> key.matches("[0-9a-f]{32}"));
    }
}
