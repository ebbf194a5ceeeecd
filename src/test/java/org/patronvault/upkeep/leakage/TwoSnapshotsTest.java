package org.patronvault.upkeep.leakage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.store.copy.StoreCopy;
import org.patronvault.testing.CellView;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;
import org.patronvault.upkeep.leakage.Report.Verdict;

/** Tests of what a thief with an older copy learns. */
@Tag(LongRun.TAG)
final class TwoSnapshotsTest {
    @TempDir
    Path backups;

    private OpenVault vault;
    private PatronId ann;
    private PatronId bob;
    private PatronId cat;

    @BeforeEach
    void registerThreeAndBackUp() {
        vault = OpenVault.onSqlite();
        ann = vault.register("'card':'A1','name':{'family':'Ames'},'phone':['203-555-0101']");
        bob = vault.register("'card':'B1','name':{'family':'Bell'},'phone':['203-555-0102']");
        cat = vault.register("'card':'C1','name':{'family':'Cole'}");
        vault.backup().make(OpenVault.person("admin"), before(), Progress.UNSEEN);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private Path before() {
        return backups.resolve("before");
    }

    private Report.Game compare(Path directory) {
        return play(vault.opened(directory), 0).game("two-snapshots");
    }

    private Report play(Path file, int sample) {
        try (StoreCopy copy = StoreCopy.open(file)) {
            return copy.read(before -> new ThiefGames(vault.vault()).play(sample, Optional.of(before)));
        }
    }

    private void run(String sql) {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whoChangedAndWhichFieldsIsSeenAndNothingElse() {
        vault.patch(ann, 1, "{'phone':['203-555-0199'],'name':{'family':'Ames-Lee'}}");
        vault.patch(bob, 1, "{'phone':[]}");
        vault.register("'card':'D1','name':{'family':'Dahl'}");
        vault.erase(cat);
        Report.Game game = compare(before());
        assertThat(game.verdict()).isEqualTo(Verdict.HOLDS);
        assertThat(game.figures())
                .containsEntry("came", 1L)
                .containsEntry("changed", 2L)
                .containsEntry("erased", 1L)
                .containsEntry("fieldsWritten", Map.of("name", 1L, "phone", 2L, "meta", 2L, "labels", 2L))
                .containsEntry("entriesAdded", 3 * 40L)
                .containsEntry("entriesRewritten", 3 * 40L);
    }

    @Test
    void changeOfOnePatronAloneTellsWhichEntriesAreThatPatrons() {
        vault.patch(ann, 1, "{'phone':['203-555-0199']}");
        Report.Game game = compare(before());
        assertThat(game.verdict()).isEqualTo(Verdict.HOLDS);
        assertThat(game.says()).contains("he knows which entries are whose");
    }

    @Test
    void indexThatWasRebuiltHasNothingInCommonWithTheOneBefore() {
        assertThat(vault.rotate("search").state()).isEqualTo(Operation.DONE);
        Report.Game game = compare(before());
        assertThat(game.verdict()).isEqualTo(Verdict.HOLDS);
        assertThat(game.figures()).containsEntry("rebuilt", true);
    }

    @Test
    void entryThatChangedByItselfIsTold() {
        run("UPDATE search_index SET value = randomblob(32) WHERE label = (SELECT min(label) FROM search_index)");
        assertThat(compare(before()).verdict()).isEqualTo(Verdict.BROKEN);
    }

    @Test
    void rowThatCannotBeReadIsCountedAndTheOthersAreCompared() {
        vault.patch(ann, 1, "{'phone':['203-555-0199']}");
        run("UPDATE patron SET registered = 'x' WHERE id = " + ann.number());
        run("UPDATE patron SET category = 'x' WHERE id = " + cat.number());
        vault.erase(bob);
        Report.Game game = compare(before());
        assertThat(game.verdict()).as(game.toString()).isEqualTo(Verdict.HOLDS);
        assertThat(game.figures())
                .containsEntry("came", 0L)
                .containsEntry("erased", 1L)
                .containsEntry("changed", 0L)
                .containsEntry("unreadable", 2L)
                .containsEntry("entriesRewritten", 2 * 40L);
    }

    @Test
    void moreEntriesThanPatronsWereIndexedAreTold() {
        vault.register("'card':'D1','name':{'family':'Dahl'}");
        assertThat(compare(before()).verdict()).isEqualTo(Verdict.HOLDS);
        run("INSERT INTO search_index (label, value) SELECT randomblob(16), randomblob(32) FROM search_index LIMIT 40");
        assertThat(compare(before()).verdict()).isEqualTo(Verdict.BROKEN);
    }

    @Test
    void entriesOfWhoWasIndexedOftenAndOfWhoCameAndWasErasedAreExplained() {
        vault.patch(ann, 1, "{'phone':['203-555-0199']}");
        vault.patch(ann, 2, "{'phone':['203-555-0198']}");
        vault.patch(cat, 1, "{'phone':['203-555-0197']}");
        vault.patch(cat, 2, "{'phone':['203-555-0196']}");
        PatronId dan = vault.register("'card':'D1','name':{'family':'Dahl'}");
        vault.patch(dan, 1, "{'phone':['203-555-0195']}");
        for (PatronId erased : List.of(cat, dan)) {
            vault.erase(erased);
        }
        Report.Game game = compare(before());
        assertThat(game.verdict()).as(game.toString()).isEqualTo(Verdict.HOLDS);
        assertThat(game.figures()).containsEntry("came", 0L).containsEntry("entriesAdded", 6 * 40L);
    }

    private byte[] phone() {
        return vault.vault()
                .store()
                .read(tx -> tx.patrons().find(ann).orElseThrow())
                .value(PatronField.PHONE)
                .orElseThrow()
                .envelope();
    }

    /** Puts a part of an older envelope where it stood into the one that is there now. */
    private void bringBack(byte[] old, int from, int to) throws SQLException {
        byte[] spoilt = phone();
        System.arraycopy(old, from, spoilt, from, to - from);
        try (Connection connection = vault.connect();
                PreparedStatement write = connection.prepareStatement(
                        "UPDATE cell SET envelope = ? WHERE field = 'phone' AND patron = ?")) {
            write.setBytes(1, spoilt);
            write.setLong(2, ann.number());
            write.execute();
        }
    }

    @Test
    void keyCommitmentOrNonceThatIsTheSameAfterAWriteIsTold() throws SQLException {
        byte[] old = phone();
        vault.patch(ann, 1, "{'phone':['203-555-0199']}");
        byte[] written = phone();
        assertThat(compare(before()).figures()).containsEntry("sealedAlike", Map.of());
        // The nonce of the wrap, the commitment, the nonce of the payload, all of them, and all there is.
        int[][] parts = {{5, 29}, {77, 109}, {109, 121}, {5, 121}, {5, old.length}};
        for (int[] part : parts) {
            bringBack(old, part[0], part[1]);
            Report.Game game = compare(before());
            assertThat(game.verdict()).as("%s", part[0]).isEqualTo(Verdict.BROKEN);
            assertThat(game.figures()).containsEntry("sealedAlike", Map.of("phone", 1L));
            assertThat(game.says()).contains("phone");
            bringBack(written, 0, written.length);
        }
    }

    @Test
    void payloadStaysWhereAKeyIsEncryptedAgainAndTheNonceOfTheWrapDoesNot() throws SQLException {
        byte[] old = phone();
        assertThat(vault.rotate("phone").state()).isEqualTo(Operation.DONE);
        Report.Game game = compare(before());
        assertThat(game.verdict()).as(game.toString()).isEqualTo(Verdict.HOLDS);
        assertThat(phone()).isNotEqualTo(old).endsWith(Arrays.copyOfRange(old, 77, old.length));
        bringBack(old, 5, 29);
        assertThat(compare(before()).verdict()).isEqualTo(Verdict.BROKEN);
    }

    @Test
    void copyThatIsNotOfThisVaultOrWasMadeInAnImportIsRefused() throws IOException, SQLException {
        Path other = Files.copy(vault.opened(before()), backups.resolve("other"));
        Path importing = Files.copy(vault.opened(before()), backups.resolve("importing"));
        run(other, "UPDATE vault_fact SET value = 'another' WHERE name = 'vault'");
        run(importing, "INSERT INTO search_index_staged (n, next, run, labels, vals) VALUES (1, 0, 0, x'00', x'00')");
        for (Path file : List.of(other, importing)) {
            assertThatThrownBy(() -> play(file, 0))
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> assertThat(refused.problem()).isEqualTo(Problem.INVALID));
        }
    }

    private static void run(Path file, String sql) throws SQLException {
        try (Connection connection = CellView.open("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
