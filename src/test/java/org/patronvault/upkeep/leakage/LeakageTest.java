package org.patronvault.upkeep.leakage;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;
import org.patronvault.upkeep.leakage.Report.Verdict;

/**
 * Tests of the measurement on SQLite, and of games that a thief wins on a spoiled copy. The games therefore can find
 * leaks.
 */
final class LeakageTest extends LeakageContract {
    @Override
    OpenVault open() {
        return OpenVault.onSqlite();
    }

    @Test
    void whatARebuildStagesIsOfNoTellingLength() {
        run("INSERT INTO search_index_staged VALUES (1, 1, 0, randomblob(16000), randomblob(32000)),"
                + " (2, 1, 1, randomblob(640), randomblob(1280))");
        try {
            assertThat(play(ThiefGames.SAMPLE).games())
                    .filteredOn(game -> game.verdict() == Verdict.BROKEN)
                    .extracting(Report.Game::name)
                    .isEmpty();
        } finally {
            run("DELETE FROM search_index_staged");
        }
    }

    /** A forbidden change to a patron's value. */
    private interface Change {
        byte[] of(int place, byte[] envelope);
    }

    private Sample everybody() {
        SurnameSample.Drawn all = vault.vault()
                .store()
                .read(tx -> new SurnameSample(vault.patrons().parts())
                        .draw(
                                tx,
                                ThiefGames.SAMPLE,
                                List.of(),
                                vault.vault()
                                        .log()
                                        .event(Actor.VAULT, ActKind.LEAKAGE, Outcome.DISCLOSED, AuditLog.newRequest())
                                        .forPurpose(Purpose.CHECK),
                                n -> {}));
        return new Sample(all.patrons(), all.surnames());
    }

    /** How the games come out while a field of everybody's is changed. */
    private List<Report.Game> spoilt(Sample sample, PatronField field, Change change) throws SQLException {
        run("CREATE TABLE kept AS SELECT * FROM cell");
        try {
            write(sample, field, change);
            return vault.vault()
                    .store()
                    .read(tx -> new Games(tx, sample, 0).play(Progress.UNSEEN).outcomes(OptionalLong.empty()));
        } finally {
            run("DELETE FROM cell");
            run("INSERT INTO cell SELECT * FROM kept");
            run("DROP TABLE kept");
        }
    }

    private void write(Sample sample, PatronField field, Change change) throws SQLException {
        try (Connection connection = vault.connect();
                PreparedStatement write =
                        connection.prepareStatement("UPDATE cell SET envelope = ? WHERE patron = ? AND field = ?")) {
            connection.setAutoCommit(false);
            for (int place = 0; place < sample.size(); place++) {
                PatronId patron = sample.patrons().get(place);
                byte[] envelope = vault.vault()
                        .store()
                        .read(tx -> tx.patrons().find(patron).orElseThrow())
                        .value(field)
                        .orElseThrow()
                        .envelope();
                write.setBytes(1, change.of(place, envelope));
                write.setLong(2, patron.number());
                write.setString(3, field.wireName());
                write.addBatch();
            }
            write.executeBatch();
            connection.commit();
        }
    }

    private static Verdict verdict(List<Report.Game> games, String name) {
        return games.stream()
                .filter(game -> game.name().equals(name))
                .findFirst()
                .orElseThrow()
                .verdict();
    }

    @Test
    void surnamesOfWhichTwentyBytesAreSealedAlikeAreTold() throws SQLException {
        Sample sample = everybody();
        List<Report.Game> games = spoilt(sample, PatronField.NAME, (place, envelope) -> {
            byte[] alike = new byte[20];
            new Random(sample.surnames()[place]).nextBytes(alike);
            System.arraycopy(alike, 0, envelope, 121, alike.length);
            return envelope;
        });
        assertThat(verdict(games, "repeats")).isEqualTo(Verdict.BROKEN);
        assertThat(verdict(games, "pairs")).isEqualTo(Verdict.BROKEN);
        assertThat(verdict(games, "lengths")).isEqualTo(Verdict.HOLDS);
    }

    @Test
    void lengthsThatMoreThanOneInAHundredHaveAreTold() throws SQLException {
        List<Report.Game> games = spoilt(
                everybody(),
                PatronField.EMAIL,
                (place, envelope) -> place % LongRun.times(10, 20) == 0 ? longer(envelope, 393) : envelope);
        assertThat(verdict(games, "lengths")).isEqualTo(Verdict.BROKEN);
    }

    @Test
    void fourthLengthIsToldHoweverFewHaveIt() throws SQLException {
        List<Report.Game> games = spoilt(
                everybody(),
                PatronField.EMAIL,
                (place, envelope) -> place < 3 ? longer(envelope, 300 + place) : envelope);
        assertThat(verdict(games, "lengths")).isEqualTo(Verdict.BROKEN);
    }

    private static byte[] longer(byte[] envelope, int length) {
        byte[] longer = Arrays.copyOf(envelope, length);
        byte[] more = new byte[length - envelope.length];
        new Random(Arrays.hashCode(envelope)).nextBytes(more);
        System.arraycopy(more, 0, longer, envelope.length, more.length);
        return longer;
    }

    @Test
    void labelsOfTwoSetsAreToldWhereNoRebuildHasBegun() throws SQLException {
        assertThat(verdict(spoilt(everybody(), PatronField.LABELS, LeakageTest::twoSets), "lengths"))
                .isEqualTo(Verdict.BROKEN);
    }

    @Test
    void labelsOfTwoSetsHoldAfterARebuildAndLabelsOfAnotherLengthDoNot() throws SQLException {
        run("INSERT INTO authority (kind, name, generation, body, mac) VALUES ('index', 'search', 1,"
                + " '{\"stage\":\"DROPPED\",\"live\":2,\"other\":0}', randomblob(32))");
        try {
            assertThat(verdict(spoilt(everybody(), PatronField.LABELS, LeakageTest::twoSets), "lengths"))
                    .isEqualTo(Verdict.HOLDS);
            List<Report.Game> games = spoilt(
                    everybody(),
                    PatronField.LABELS,
                    (place, envelope) -> place % 3 == 0 ? longer(envelope, 1_000) : twoSets(place, envelope));
            assertThat(verdict(games, "lengths")).isEqualTo(Verdict.BROKEN);
        } finally {
            run("DELETE FROM authority WHERE kind = 'index'");
        }
    }

    private static byte[] twoSets(int place, byte[] envelope) {
        return place % 2 == 0 ? envelope : longer(envelope, 1_481);
    }

    @Test
    void answersOfAnyNumberOfStepsHold() {
        keep(100, 752, 6_000);
        assertThat(play(0).game("lengths").verdict()).isEqualTo(Verdict.HOLDS);
    }

    private void keep(int... sizes) {
        for (int size : sizes) {
            AccessEvent event = vault.vault()
                    .log()
                    .event(OpenVault.person("admin").actor(), ActKind.REGISTER, Outcome.WRITTEN, AuditLog.newRequest());
            IdempotencyStore replay = vault.vault().access().replay();
            Optional<IdempotencyStore.Key> key =
                    replay.key(OpenVault.person("admin"), Optional.of("of " + size), "POST /v1/patrons", new byte[1]);
            vault.vault().log().call(event, now -> {
                WriteTx tx = now.tx();
                replay.keep(tx, key, "x".repeat(size));
                return Decision.done(event);
            });
        }
    }

    @Test
    void answerThatIsNotOfWholeStepsIsTold() {
        keep(300);
        run("CREATE TABLE kept AS SELECT * FROM idempotency");
        run("UPDATE idempotency SET answer = CAST(answer || randomblob(7) AS BLOB)");
        try {
            assertThat(play(0).game("lengths").says()).contains("idempotency.answer");
        } finally {
            run("DELETE FROM idempotency");
            run("INSERT INTO idempotency SELECT * FROM kept");
            run("DROP TABLE kept");
        }
    }

    @Test
    void entryOfTheIndexThatIsMissingIsTold() {
        run("CREATE TABLE kept AS SELECT * FROM search_index ORDER BY label LIMIT 1");
        run("DELETE FROM search_index WHERE label IN (SELECT label FROM kept)");
        try {
            assertThat(play(0).game("counts").verdict()).isEqualTo(Verdict.BROKEN);
        } finally {
            run("INSERT INTO search_index SELECT * FROM kept");
            run("DROP TABLE kept");
        }
    }

    @Test
    void patronWhoseRowCannotBeReadIsCountedAsUnreadable() {
        String one = "WHERE id = (SELECT min(id) FROM patron)";
        run("CREATE TABLE kept AS SELECT * FROM patron " + one);
        run("UPDATE patron SET registered = 'x' " + one);
        try {
            Report report = play(ThiefGames.SAMPLE);
            assertThat(report.patrons()).isEqualTo(PATRONS - 1);
            assertThat(report.game("ranks").figures()).containsEntry("unreadable", 1);
        } finally {
            run("UPDATE patron SET registered = (SELECT registered FROM kept) " + one);
            run("DROP TABLE kept");
        }
    }

    @Test
    void wordsWhereALibraryOrAMonthBelongsAreAFaultAndNotPrinted() {
        String one = "WHERE id = (SELECT min(id) FROM patron)";
        run("CREATE TABLE kept AS SELECT * FROM patron " + one);
        run("UPDATE patron SET library = 'Smithson, 12 Elm St', registered = 'Smithson' " + one);
        try {
            LeakageReport report = list();
            assertThat(report.faults())
                    .filteredOn(fault -> fault.what().equals("unknown-value"))
                    .extracting(LeakageReport.Fault::column)
                    .containsExactly("patron.library", "patron.registered");
            assertThat(report.toString()).contains("of another form 1").doesNotContain("Smithson");
            assertThat(play(0).game("repeats").says()).contains("patron.library", "patron.registered");
        } finally {
            run("UPDATE patron SET library = (SELECT library FROM kept), registered = (SELECT registered FROM kept) "
                    + one);
            run("DROP TABLE kept");
        }
    }
}
