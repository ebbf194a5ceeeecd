package org.patronvault.upkeep.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.patronvault.app.Settings;
import org.patronvault.core.keys.LedgerLine;
import org.patronvault.testing.OpenVault;

/** Tests of the doctor's check of keys/ledger. */
final class LedgerLookTest {
    private static Optional<LedgerLine.Head> head(long size) {
        return Optional.of(new LedgerLine.Head(size, "cm9vdA==", 1, false));
    }

    @Test
    void aLedgerThatIsThereIsFineAndOneThatIsNotIsWrong() throws IOException {
        try (OpenVault vault = OpenVault.onSqlite()) {
            LedgerLook look = new LedgerLook(
                    () -> Settings.read(vault.home()).store(vault.home()),
                    vault.home().keys());
            assertThat(look.line().verdict()).isEqualTo(Doctor.Verdict.FINE);
            Path ledger = vault.home().keys().resolve("ledger");
            Files.writeString(ledger, "nothing\n");
            assertThat(look.line().verdict()).isEqualTo(Doctor.Verdict.WRONG);
            Files.delete(ledger);
            assertThat(look.line().says()).contains("put the newest keys/ back");
        }
    }

    @Test
    void oneThatHasSeenMoreThanTheLogHasOrHasFallenBehindIsWrong() {
        assertThat(LedgerLook.line(100, head(101)).says()).contains("`log accept`");
        assertThat(LedgerLook.line(100, head(100)).verdict()).isEqualTo(Doctor.Verdict.FINE);
        assertThat(LedgerLook.line(2_100, head(100)).verdict()).isEqualTo(Doctor.Verdict.FINE);
        assertThat(LedgerLook.line(2_101, head(100)).verdict()).isEqualTo(Doctor.Verdict.WRONG);
        assertThat(LedgerLook.line(2_101, head(100)).says()).contains("behind the log");
    }
}
