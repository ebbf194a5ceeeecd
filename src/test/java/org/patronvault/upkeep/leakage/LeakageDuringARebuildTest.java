package org.patronvault.upkeep.leakage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditLog;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.leakage.Report.Verdict;

/** Tests that a table in the middle of its filling or emptying, in label order, raises no alarm. */
@Tag(LongRun.TAG)
final class LeakageDuringARebuildTest {
    private static final int PATRONS = LongRun.times(200, 800);

    private OpenVault vault;

    @BeforeEach
    void open() {
        vault = OpenVault.onSqlite();
        vault.patrons().importerAlone().run(OpenVault.person("admin"), new NumberedPatrons(PATRONS), false, n -> {});
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private Report.Game repeats() {
        return new ThiefGames(vault.vault()).play(0).game("repeats");
    }

    @Test
    void nothingIsToldWhileARebuildIsUnderWay() {
        Optional<Operation> rebuild = vault
                .vault()
                .rotations()
                .begin(
                        OpenVault.person("custodian"),
                        "search",
                        LongRun.times(PATRONS * 2 / 3, PATRONS / 3),
                        Optional::empty,
                        AuditLog.newRequest())
                .stream()
                .findFirst();
        int looks = 0;
        while (vault.vault().operations().find(rebuild.orElseThrow().id()).isRunning()) {
            Report.Game game = repeats();
            assertThat(game.verdict()).as(game.toString()).isEqualTo(Verdict.HOLDS);
            looks++;
        }
        assertThat(looks).isGreaterThan(2);
    }
}
