package org.patronvault.upkeep.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.app.Settings;
import org.patronvault.core.crypto.CmsRecipient;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.OpenVault;

/** Tests of the doctor's check of key copies. */
final class KeyCopiesLookTest {
    private static final Actor CORA = OpenVault.person("custodian").actor();

    @TempDir
    private static Path directory;

    private static CmsRecipient recipient;

    private OpenVault vault;

    @BeforeAll
    static void makeARecipient() throws IOException {
        recipient = OpenSsl.recipient(directory, "keeper");
    }

    @BeforeEach
    void open() {
        vault = OpenVault.onSqlite();
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private PatronId register() {
        return vault.register("'card':'A1','name':{'family':'Ames'},'phone':['203-555-0101']");
    }

    private String export() {
        return vault.vault()
                .keyCopies()
                .export(CORA, Optional.empty(), recipient)
                .id();
    }

    private void assertSaid(Doctor.Verdict verdict, String says) {
        Doctor.Line line = new KeyCopiesLook(
                        () -> Settings.read(vault.home()).store(vault.home()),
                        vault.home().keys(),
                        vault.clock())
                .line();
        assertThat(line.says()).contains(says);
        assertThat(line.verdict()).isEqualTo(verdict);
    }

    @Test
    void noCopyIsANoteUntilAPatronIsStoredAndWrongFromThenOn() {
        assertSaid(Doctor.Verdict.NOTE, "None is held");
        register();
        assertSaid(Doctor.Verdict.WRONG, "`keys export`");
        String copy = export();
        assertSaid(Doctor.Verdict.FINE, "0 days old");
        vault.inUnit(tx -> vault.vault().keyCopies().attestGone(tx, List.of(copy)));
        assertSaid(Doctor.Verdict.WRONG, "None is held");
    }

    @Test
    void copyOfMoreThanAQuarterOfAYearIsNamedThoughItOpensEverything() {
        register();
        export();
        vault.clock().advance(Duration.ofDays(99));
        assertSaid(Doctor.Verdict.FINE, "99 days old");
        vault.clock().advance(Duration.ofDays(1));
        assertSaid(Doctor.Verdict.NOTE, "each quarter");
    }

    @Test
    void copyFromBeforeARotationIsWrongUntilThereIsAnotherForItOpensNobodysPhone() {
        PatronId ann = register();
        export();
        Path kept = directory.resolve("kept");
        vault.keep(vault.home().keys(), kept);
        vault.clock().advance(Duration.ofDays(1));
        vault.rotate("phone");
        assertSaid(Doctor.Verdict.WRONG, "rotated since");
        export();
        assertSaid(Doctor.Verdict.FINE, "0 days old");

        vault.putBackAndAccept(vault.home().keys(), kept);
        assertThatThrownBy(() -> vault.reveal(ann)).isInstanceOf(IntegrityException.class);
    }

    @Test
    void copyFromBeforeTheIndexOrTheLogsKeyWasRotatedIsWrongForByItNobodyIsFound() {
        register();
        for (String key : List.of("search", "log")) {
            export();
            assertSaid(Doctor.Verdict.FINE, "0 days old");
            vault.rotate(key);
            assertSaid(Doctor.Verdict.WRONG, "rotated since");
        }
    }

    @Test
    void rowOfTheIndexThatSaysNothingItCanSayIsWrongAndNoLineIsLost() throws Exception {
        register();
        vault.rotate("search");
        try (var connection = vault.connect();
                var edit = connection.createStatement()) {
            edit.executeUpdate("UPDATE authority SET body = replace(body, 'DROPPED', 'NEVER') WHERE kind = 'index'");
        }
        assertSaid(Doctor.Verdict.WRONG, "cannot be read");
    }

    @Test
    void copyFromBeforeASlotWasAddedIsNamedSinceItDoesNotOpenByThat() {
        register();
        try (SlotMaker made = vault.vault().slots().more()) {
            made.addShares(2, 2).forEach(made::prove);
            // While holders type their words; there is no other moment by which it could be told.
            export();
            vault.vault().slots().add(CORA, Optional.empty(), made);
        }
        assertSaid(Doctor.Verdict.NOTE, "By what was added since");
        export();
        assertSaid(Doctor.Verdict.FINE, "0 days old");
    }

    @Test
    void copyThatOpensByNoSlotThereIsNowIsWrong() {
        register();
        try (SlotMaker made = vault.vault().slots().newRoot()) {
            made.addShares(2, 2).forEach(made::prove);
            export();
            vault.vault().slots().rotateRoot(CORA, Optional.empty(), made);
        }
        assertSaid(Doctor.Verdict.WRONG, "what opens the vault was replaced");
        export();
        assertSaid(Doctor.Verdict.FINE, "0 days old");
    }
}
