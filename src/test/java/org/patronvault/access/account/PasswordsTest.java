package org.patronvault.access.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.access.AccessTestVault;
import org.patronvault.access.Refusals;
import org.patronvault.core.crypto.Argon2Parameters;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

final class PasswordsTest {
    @TempDir
    private static Path directory;

    private static Passwords passwords;

    @BeforeAll
    static void openKeys() {
        passwords = new Passwords(AccessTestVault.keysIn(directory, Clock.systemUTC()), Argon2Parameters.LOGIN);
    }

    @Test
    void composedAndDecomposedLettersAreOnePassword() {
        Passwords.Hash hash = passwords.hash("K\u00E4seglocke-12");
        assertThat(passwords.matches("Ka\u0308seglocke-12", hash, "", 0)).isTrue();
        assertThat(passwords.matches("Kaseglocke-12", hash, "", 0)).isFalse();
    }

    @Test
    void onePasswordHashedTwiceLooksLikeTwo() {
        Passwords.Hash once = passwords.hash(AccessTestVault.PASSWORD);
        Passwords.Hash again = passwords.hash(AccessTestVault.PASSWORD);
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
        assertThatCode(() -> Passwords.requireStrongEnough("twelve chars")).doesNotThrowAnyException();
        assertThatCode(() -> Passwords.requireStrongEnough("x".repeat(1_024))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "passwordpassword",
                "PasswordPassword",
                "PASSWORDPASSWORD",
                "\uFF50\uFF41\uFF53\uFF53\uFF57\uFF4F\uFF52\uFF44\uFF11\uFF12\uFF13\uFF14",
                "123456789012",
                "qwertyuiop[]",
                "1QAZ2wsx3edc",
                "aaaaaaaaaaaa",
                "iloveyouforever",
                "Correct Horse Battery Staple",
                "December2026!",
                "P@ssw0rd1234",
                "stephanie1985",
                "LibraryLibrary",
                "PatronVault123",
                "vaultpassword",
                "administrator",
            })
    void commonPasswordIsRefusedInWhateverCaseAndWidth(String password) {
        assertThatThrownBy(() -> Passwords.requireStrongEnough(password))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.INVALID))
                .hasMessageContaining("too common")
                .hasMessageNotContaining(password);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "correct horse battery staple 7",
                "passwordpassword of mine",
                " passwordpassword",
                "twelve small herons wade at dawn",
                "demo clerk password",
            })
    void passwordThatOnlyHoldsACommonOneIsTaken(String password) {
        assertThatCode(() -> Passwords.requireStrongEnough(password)).doesNotThrowAnyException();
    }

    @Test
    void listHasThousandsOfPasswordsEachAsItIsComparedAndLongEnoughToBeTaken() throws IOException {
        List<String> list =
                Files.readAllLines(Path.of("src/main/resources/org/patronvault/access/account/common-passwords.txt"));
        assertThat(list).hasSizeBetween(5_000, 20_000).isSorted().doesNotHaveDuplicates();
        assertThat(list)
                .allSatisfy(one -> assertThat(one)
                        .isEqualTo(
                                Normalizer.normalize(one, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT))
                        .hasSizeGreaterThanOrEqualTo(Passwords.MIN_LENGTH));
    }
}
