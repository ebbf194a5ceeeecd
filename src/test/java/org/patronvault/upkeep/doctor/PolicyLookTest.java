package org.patronvault.upkeep.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.access.posted.Placeholders;
import org.patronvault.access.posted.PostedFiles;
import org.patronvault.app.Settings;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.testing.OpenVault;

/** Tests of the doctor's check of the posted policy (P12). */
final class PolicyLookTest {
    private static final Placeholders ALL =
            new Placeholders(Map.of("library", "Elm Library", "law", "the law of Elm", "contact", "the Director"));

    private OpenVault vault;

    @BeforeEach
    void open() {
        vault = OpenVault.onSqlite();
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private List<Doctor.Line> look(Placeholders words) {
        return new PolicyLook(
                        vault.home().directory(),
                        () -> Settings.read(vault.home()).store(vault.home()),
                        () -> PolicyFile.read(vault.home().policy()),
                        () -> words,
                        vault.clock())
                .look();
    }

    private void assertSaid(Placeholders words, Doctor.Verdict verdict, String says) {
        assertThat(look(words)).singleElement().satisfies(line -> {
            assertThat(line.check()).isEqualTo("posted policy");
            assertThat(line.verdict()).isEqualTo(verdict);
            assertThat(line.says()).contains(says);
        });
    }

    @Test
    void aFilledPolicyIsFineAndAnUnfilledPlaceholderIsNamed() {
        assertSaid(
                ALL, Doctor.Verdict.FINE, "Version 2018-05, approved on 2018-05-01. Its next review is by 2027-11-24.");
        assertSaid(
                new Placeholders(Map.of("library", "Elm Library")),
                Doctor.Verdict.NOTE,
                "Nothing is said in vault.yaml (policy) for law, contact");
    }

    @Test
    void theReviewIsSaidFromSixtyDaysBeforeAndOverdueAfterwards() {
        LocalDate review = LocalDate.parse("2027-11-24");
        long days = LocalDate.parse("2026-11-24").until(review, java.time.temporal.ChronoUnit.DAYS);
        vault.clock().advance(Duration.ofDays(days - 61));
        assertSaid(ALL, Doctor.Verdict.FINE, "next review is by");
        vault.clock().advance(Duration.ofDays(1));
        assertSaid(ALL, Doctor.Verdict.NOTE, "Its review is due by 2027-11-24. Post the reviewed text");
        vault.clock().advance(Duration.ofDays(61));
        assertSaid(ALL, Doctor.Verdict.NOTE, "Its review has been overdue since 2027-11-24.");
    }

    @Test
    void aVersionInForceThatIsNotPostedIsWrong() {
        vault.restartUnder(
                new String(PolicyFile.defaultText(), StandardCharsets.UTF_8).replace("\"2018-05\"", "\"2020-01\""));
        assertSaid(ALL, Doctor.Verdict.WRONG, "carries out version 2020-01, which is not posted");
    }

    @Test
    void aFileThatWasChangedIsNamedWithTheCure() throws IOException {
        var file = PostedFiles.in(vault.home().directory()).resolve("2018-05.md");
        Files.writeString(file, Files.readString(file).replace("nobody", "anybody"));
        assertThat(look(ALL))
                .filteredOn(line -> line.verdict() == Doctor.Verdict.WRONG)
                .extracting(Doctor.Line::says)
                .singleElement()
                .asString()
                .startsWith("policies/2018-05.md says something else than what was posted")
                .contains("remove it");
        Files.writeString(file, "hello");
        assertThat(look(ALL)).extracting(Doctor.Line::says).anyMatch(says -> says.contains("must begin with version"));
    }
}
