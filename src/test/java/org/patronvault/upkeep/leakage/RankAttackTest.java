package org.patronvault.upkeep.leakage;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Purpose;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.leakage.Report.Verdict;

/** Tests of a large library with natural surname frequencies, against a table of frequencies. */
final class RankAttackTest {
    private static final int PATRONS = LongRun.times(2_000, 50_000);

    /** On so many of them it is measured how many surnames he finds. */
    private static final int SCORED = LongRun.times(2_000, 10_000);

    @Test
    void rankAttackOnManyIsNoBetterThanAlwaysSayingTheMostFrequentSurname() throws SQLException {
        List<String> table = MadeUpPatrons.frequentSurnames();
        try (OpenVault vault = OpenVault.onSqlite();
                MadeUpPatrons people = new MadeUpPatrons(
                        2018, PATRONS, LocalDate.ofInstant(vault.clock().instant(), ZoneOffset.UTC))) {
            vault.patrons().importerAlone().run(OpenVault.person("admin"), people, false, n -> {});
            AccessEvent opening = vault.vault()
                    .log()
                    .event(Actor.VAULT, ActKind.LEAKAGE, Outcome.DISCLOSED, AuditLog.newRequest())
                    .forPurpose(Purpose.CHECK);
            SurnameSample.Drawn all = vault.vault()
                    .store()
                    .read(tx -> new SurnameSample(vault.patrons().parts()).draw(tx, SCORED, table, opening, n -> {}));
            assertThat(all.unreadable()).isZero();
            Sample sample = new Sample(all.patrons(), all.surnames());

            Report.Game lost = play(vault, sample, table.size());
            assertThat(lost.verdict()).isEqualTo(Verdict.HOLDS);
            assertThat(lost.figures()).containsEntry("patrons", SCORED);
            assertThat((double) lost.figures().get("factor")).isPositive().isLessThanOrEqualTo(LongRun.ON ? 1.2 : 2);

            sealAlikeWhatIsEqual(vault, sample);
            Report.Game won = play(vault, byFrequency(sample), table.size());
            assertThat(won.verdict()).isEqualTo(Verdict.BROKEN);
            assertThat((String) won.figures().get("best")).endsWith("patron.name");
            assertThat((double) won.figures().get("factor")).isGreaterThan(2);
        }
    }

    /** Returns the sample as if the table were made from it, so that the draw decides nothing. */
    private static Sample byFrequency(Sample sample) {
        List<Integer> mostFrequentFirst = sample.bearers().entrySet().stream()
                .sorted(Map.Entry.<Integer, Long>comparingByValue().reversed())
                .map(Map.Entry::getKey)
                .toList();
        Map<Integer, Integer> ranks = new HashMap<>();
        mostFrequentFirst.forEach(surname -> ranks.put(surname, ranks.size()));
        return new Sample(
                sample.patrons(),
                Arrays.stream(sample.surnames()).map(ranks::get).toArray());
    }

    private static Report.Game play(OpenVault vault, Sample sample, int table) {
        return vault.vault()
                .store()
                .read(tx -> new Games(tx, sample, table).compare().ranked());
    }

    /** As a cipher without a nonce would. */
    private static void sealAlikeWhatIsEqual(OpenVault vault, Sample sample) throws SQLException {
        try (Connection connection = vault.connect();
                PreparedStatement write = connection.prepareStatement(
                        "UPDATE cell SET envelope = ? WHERE patron = ? AND field = 'name'")) {
            connection.setAutoCommit(false);
            for (int i = 0; i < sample.size(); i++) {
                byte[] envelope = new byte[233];
                new Random(sample.surnames()[i]).nextBytes(envelope);
                write.setBytes(1, envelope);
                write.setLong(2, sample.patrons().get(i).number());
                write.addBatch();
            }
            write.executeBatch();
            connection.commit();
        }
    }
}
