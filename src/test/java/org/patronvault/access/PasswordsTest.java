package org.patronvault.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.crypto.Argon2Parameters;
import org.patronvault.model.Problem;

final class PasswordsTest {
    @TempDir
    private static Path directory;

    private static Passwords passwords;

    @BeforeAll
    static void openKeys() {
        passwords = new Passwords(TestVault.keysIn(directory, Clock.systemUTC()), Argon2Parameters.LOGIN);
    }

    @Test
    void composedAndDecomposedLettersAreOnePassword() {
        Passwords.Hash hash = passwords.hash("K\u00E4seglocke-12");
        assertThat(passwords.matches("Ka\u0308seglocke-12", hash, "", 0)).isTrue();
        assertThat(passwords.matches("Kaseglocke-12", hash, "", 0)).isFalse();
    }

    @Test
    void onePasswordHashedTwiceLooksLikeTwo() {
        Passwords.Hash once = passwords.hash(TestVault.PASSWORD);
        Passwords.Hash again = passwords.hash(TestVault.PASSWORD);
        assertThat(once.salt()).isNotEqualTo(again.salt());
        assertThat(once.hash()).isNotEqualTo(again.hash());
        assertThat(once.memoryKiB()).isEqualTo(64 * 1024);
        assertThat(once.passes()).isEqualTo(3);
    }

    @Test
    void lengthIsTwelveCharactersToThousandAndTwentyFourBytes() {
        assertThat(Refusals.problemOf(() -> Passwords.requireStrongEnough("x".repeat(11))))
                .isEqualTo(Problem.INVALID);
        assertThat(Refusals.problemOf(() -> Passwords.requireStrongEnough("x".repeat(1_025))))
                .isEqualTo(Problem.INVALID);
        assertThat(Refusals.problemOf(() -> Passwords.requireStrongEnough("\u00E4".repeat(513))))
                .isEqualTo(Problem.INVALID);
        assertThatCode(() -> Passwords.requireStrongEnough("x".repeat(12))).doesNotThrowAnyException();
        assertThatCode(() -> Passwords.requireStrongEnough("x".repeat(1_024))).doesNotThrowAnyException();
    }
}
