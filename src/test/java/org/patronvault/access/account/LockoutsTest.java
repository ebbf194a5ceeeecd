package org.patronvault.access.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.access.AccessTestVault;
import org.patronvault.access.Refusals;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LockoutsTest {
    private AccessTestVault vault;
    private Lockouts lockouts;
    private String name;
    private String desk;
    private int tests;

    @BeforeAll
    void open(@TempDir Path directory) {
        vault = new AccessTestVault(directory);
        lockouts = new Lockouts(
                vault.access().authority(), vault.custody, new KnownBrowsers(vault.custody, vault.clock), vault.clock);
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

    /** Whether an alert is raised. */
    private boolean wrong(String name, SignInOrigin origin) {
        AtomicBoolean told = new AtomicBoolean();
        vault.write(tx -> told.set(lockouts.wrong(tx, name, origin)));
        return told.get();
    }

    private boolean wrong(String name, String address) {
        return wrong(name, SignInOrigin.of(address));
    }

    private void requireOpen(String name, SignInOrigin origin) {
        vault.store().read(tx -> {
            lockouts.requireOpen(tx, name, origin);
            return null;
        });
    }

    private void requireOpen(String name, String address) {
        requireOpen(name, SignInOrigin.of(address));
    }

    private Refused locked(String name, SignInOrigin origin) {
        Refused refused = Refusals.refusedBy(() -> requireOpen(name, origin));
        assertThat(refused.problem()).isEqualTo(Problem.TOO_MANY_ATTEMPTS);
        return refused;
    }

    private Refused locked(String name, String address) {
        return locked(name, SignInOrigin.of(address));
    }

    private Lockouts.Precedence precedence(String name, SignInOrigin origin) {
        return vault.store().read(tx -> lockouts.precedence(tx, name, origin));
    }

    private Duration delay(String name, String address) {
        return precedence(name, SignInOrigin.of(address)).delay();
    }

    /** The browser at that address that has signed in to those accounts. */
    private SignInOrigin browser(String address, String... names) {
        SignInOrigin origin = SignInOrigin.of(address);
        for (String one : names) {
            origin = SignInOrigin.of(address, Optional.of(vault.access().remembering(origin, one)));
        }
        return origin;
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
    void fiveWrongLockTheAccountThereAndNowhereElse() {
        for (int i = 0; i < 5; i++) {
            wrong(name, "127.0.0.9");
        }
        locked(name, "127.0.0.9");
        requireOpen(name, "127.0.0.1");
        requireOpen("berta-" + tests, "127.0.0.9");
        assertThat(delay(name, "127.0.0.1")).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void ipv6NetworkIsOnePlaceAndTheNextOneAnother() {
        for (int i = 0; i < 5; i++) {
            wrong(name, "2001:db8:1:" + tests + "::" + (i + 1));
        }
        locked(name, "2001:DB8:1:" + tests + ":ffff::1");
        requireOpen(name, "2001:db8:2:" + tests + "::1");
    }

    @Test
    void wrongTriesElsewhereSlowAnAccountByTwoSecondsAtMostAndForAQuarterOfAnHour() {
        assertThat(delay(name, desk)).isZero();
        wrong(name, desk);
        assertThat(delay(name, desk)).as("one's own").isZero();
        vault.write(tx -> {
            for (int i = 0; i < 200; i++) {
                lockouts.wrong(tx, name, SignInOrigin.of("198.51." + tests + "." + i));
            }
        });
        requireOpen(name, desk);
        assertThat(delay(name, desk)).isEqualTo(Duration.ofSeconds(2));
        assertThat(delay("berta-" + tests, desk)).isZero();
        vault.advance(Duration.ofMinutes(15));
        assertThat(delay(name, desk)).isZero();
    }

    @Test
    void accountThatIsGuessedAtFromManyNetworksIsToldOfAtEachTwentiethTry() {
        List<Integer> told = new ArrayList<>();
        for (int i = 1; i <= 41; i++) {
            if (wrong(name, "198.51." + tests + "." + i)) {
                told.add(i);
            }
        }
        assertThat(told).containsExactly(20, 40);
    }

    @Test
    void hostsOwnCommandLineIsNeitherLockedNorSlowed() {
        for (int i = 0; i < 10; i++) {
            wrong(name, desk);
            wrong(name, SignInOrigin.HOST);
        }
        requireOpen(name, SignInOrigin.HOST);
        assertThat(precedence(name, SignInOrigin.HOST))
                .isEqualTo(new Lockouts.Precedence(Duration.ZERO, TurnQueue.FIRST));
    }

    @Test
    void browserThatHasSignedInIsNeitherLockedNorSlowedUntilFiveWrongTriesOfItsOwn() {
        SignInOrigin known = browser(desk, name);
        vault.write(tx -> {
            for (int i = 0; i < 100; i++) {
                lockouts.wrong(tx, i < 20 ? name : "name-" + i, SignInOrigin.of(desk));
            }
        });
        locked(name, desk);
        locked("name-100", desk);
        for (int i = 0; i < 5; i++) {
            requireOpen(name, known);
            assertThat(precedence(name, known).delay()).isZero();
            assertThat(wrong(name, known)).as("told, as the network is locked").isTrue();
        }
        locked(name, known);
        vault.write(tx -> lockouts.clear(tx, name, known));
        requireOpen(name, known);
    }

    @Test
    void browserThatHasSignedInIsKnownElsewhereAndNoOtherBrowserIs() {
        SignInOrigin known = browser("192.0.2.50", name);
        for (int i = 0; i < 5; i++) {
            wrong(name, desk);
        }
        requireOpen(name, SignInOrigin.of(desk, known.browser()));
        List<String> others = new ArrayList<>();
        others.add(browser(desk, "berta-" + tests).browser().orElseThrow());
        String kept = known.browser().orElseThrow();
        for (int i = 0; i < kept.length(); i++) {
            char changed = kept.charAt(i) == 'A' ? 'B' : 'A';
            others.add(kept.substring(0, i) + changed + kept.substring(i + 1));
        }
        String berta = browser(desk, "berta-" + tests).browser().orElseThrow();
        others.add(kept.substring(0, kept.indexOf('.')) + berta.substring(berta.indexOf('.')));
        others.addAll(List.of("", ".", kept + ".", kept + kept, kept.toUpperCase(Locale.ROOT), kept.substring(23)));
        assertThat(others).allSatisfy(other -> locked(name, SignInOrigin.of(desk, Optional.of(other))));
    }

    @Test
    void browserOfSeveralPeopleIsKnownForEachOfTheNewestAndForHalfAYear() {
        String[] people = new String[KnownBrowsers.MOST + 1];
        Arrays.setAll(people, i -> "person-" + tests + "-" + i);
        SignInOrigin known = browser(desk, people);
        for (String person : people) {
            for (int i = 0; i < 5; i++) {
                wrong(person, "192.0.2.51");
            }
        }
        SignInOrigin elsewhere = SignInOrigin.of("192.0.2.51", known.browser());
        locked(people[0], elsewhere);
        for (int i = 1; i < people.length; i++) {
            requireOpen(people[i], elsewhere);
        }
        vault.advance(Duration.ofDays(KnownBrowsers.DAYS));
        for (int i = 0; i < 5; i++) {
            wrong(people[1], "192.0.2.51");
        }
        locked(people[1], elsewhere);
    }

    @Test
    void unlockedAccountIsOpenInAllNetworksAndFurtherTriesCountAgain() {
        for (int i = 0; i < 5; i++) {
            wrong(name, desk);
            wrong(name, "192.0.2.52");
        }
        vault.write(tx -> lockouts.unlock(tx, name));
        requireOpen(name, desk);
        requireOpen(name, "192.0.2.52");
        assertThat(delay(name, desk)).isZero();
        for (int i = 0; i < 4; i++) {
            wrong(name, desk);
            requireOpen(name, desk);
        }
        wrong(name, desk);
        locked(name, desk);
    }

    @Test
    void rightPasswordElsewhereLeavesTheGuessersNetworkLocked() {
        for (int i = 0; i < 5; i++) {
            wrong(name, "192.0.2.53");
        }
        vault.write(tx -> lockouts.clear(tx, name, SignInOrigin.of(desk)));
        locked(name, "192.0.2.53");
        assertThat(delay(name, desk)).isZero();
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
        vault.write(tx -> lockouts.clear(tx, name, SignInOrigin.of(desk)));
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
                lockouts.wrong(tx, "name-" + i, SignInOrigin.of(desk));
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

    /** A household, or the tenant of a machine, may choose the rest. */
    @Test
    void addressesOfOneIpv6NetworkAreOne() {
        vault.write(tx -> {
            for (int i = 0; i < 99; i++) {
                lockouts.wrong(tx, "name-" + i, SignInOrigin.of("2001:db8:1:2::" + Integer.toHexString(i + 1)));
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
                lockouts.wrong(tx, "name-" + i, SignInOrigin.of("::ffff:192.0.2.77"));
            }
        });
        locked("name-100", "192.0.2.77");
        requireOpen("name-100", "192.0.2.78");
    }

    @Test
    void clearingNameLeavesItsAddressLocked() {
        vault.write(tx -> {
            for (int i = 0; i < 100; i++) {
                lockouts.wrong(tx, "name-" + i, SignInOrigin.of(desk));
            }
            lockouts.clear(tx, "name-0", SignInOrigin.of(desk));
        });
        locked("name-0", desk);
    }

    @Test
    void neitherNameNorAddressIsStored() {
        wrong(name, desk);
        assertThat(vault.names("lockout")).isNotEmpty().allMatch(key -> key.matches("[0-9a-f]{32}"));
    }
}
