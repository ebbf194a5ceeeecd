package org.patronvault.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.doctor.Doctor;

/** Tests of an older database in a home with an emptied node/, with fewer and fewer records of the newer one. */
final class EmptiedNodeTest {
    @TempDir
    private Path directory;

    private OpenVault vault;
    private PatronId patron;
    private Path data;

    @BeforeEach
    void keepTheDatabaseOfBefore() {
        vault = OpenVault.onSqlite();
        patron = vault.register("'card':'A1','name':{'family':'Ann'}");
        data = directory.resolve("data");
        vault.keep(vault.home().database().getParent(), data);
        vault.reveal(patron);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private static void empty(Path part) {
        OpenVault.delete(part);
        try {
            Files.createDirectory(part);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertRefusedWith(String why, Runnable done) {
        assertThatThrownBy(() -> vault.whileStopped(() -> {
                    OpenVault.putBack(vault.home().database().getParent(), data);
                    empty(vault.home().node());
                    done.run();
                }))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED))
                .hasMessageContaining(why);
    }

    private byte[] published() {
        try {
            return Files.readAllBytes(vault.home().published().resolve("checkpoint"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void databaseOfBeforeIsRefusedByWhatWasPublishedWhichStays() {
        byte[][] newest = new byte[1][];
        assertRefusedWith("is shorter than what this node has seen", () -> newest[0] = published());
        assertThat(published()).isEqualTo(newest[0]);
    }

    @Test
    void databaseOfBeforeIsRefusedWhereNothingIsPublishedEither() {
        assertRefusedWith(
                "published/ from another one", () -> empty(vault.home().published()));
        assertThat(vault.home().published().resolve("checkpoint")).doesNotExist();
    }

    @Test
    void databaseOfBeforeUnderAPublishedCheckpointOfBeforeIsRefusedByTheLedger() {
        Path published = directory.resolve("published");
        // The process that ended recorded the log's size, although no patron was erased.
        vault.keep(vault.home().published(), published);
        vault.keep(vault.home().database().getParent(), directory.resolve("later"));
        vault.reveal(patron);
        data = directory.resolve("later");
        assertRefusedWith(
                "is shorter than what this node has seen",
                () -> OpenVault.putBack(vault.home().published(), published));
    }

    @Test
    void databaseOfBeforeARotationIsRefusedByTheRing() {
        Path published = directory.resolve("published");
        vault.keep(vault.home().published(), published);
        vault.keep(vault.home().database().getParent(), directory.resolve("later"));
        Path ledger = directory.resolve("ledger");
        vault.keep(vault.home().keys().resolve("ledger"), ledger);
        data = directory.resolve("later");
        vault.rotate("phone");
        assertRefusedWith("keys/ has changes that the access log in the database does not know", () -> {
            OpenVault.putBack(vault.home().published(), published);
            OpenVault.putBack(vault.home().keys().resolve("ledger"), ledger);
        });
    }

    @Test
    void doctorSaysThatEntriesAreMissing() {
        assertThat(logLines()).isEmpty();
        assertThatThrownBy(() -> vault.whileStopped(
                        () -> OpenVault.putBack(vault.home().database().getParent(), data)))
                .isInstanceOf(Refused.class);
        assertThat(logLines()).singleElement().satisfies(line -> {
            assertThat(line.verdict()).isEqualTo(Doctor.Verdict.WRONG);
            assertThat(line.says()).contains("custody-backup.md");
        });
    }

    private List<Doctor.Line> logLines() {
        return new HomeDoctor(vault.home())
                .doctor().look().stream()
                        .filter(line -> line.check().equals("log"))
                        .toList();
    }

    @Test
    void databaseThatWasThereAllAlongIsServedWithTheAnchorMadeAnew() {
        vault.whileStopped(() -> empty(vault.home().node()));
        assertThat(vault.reveal(patron).card()).contains("A1");
        assertThat(vault.home().node().resolve("head")).exists();
    }

    /** As after a kill between the two. */
    @Test
    void ringThatIsAheadByTheChangeThatWasUnderWayIsTakenAndTheLogNamesIt() {
        vault.vault().custody().addVersion("phone");
        long revision = vault.vault().custody().mark().revision();
        vault.restart();
        assertThat(vault.reveal(patron).card()).contains("A1");
        assertThat(vault.logSince(0))
                .filteredOn(event -> event.mark().isPresent())
                .last()
                .satisfies(event ->
                        assertThat(event.mark().orElseThrow().revision()).isEqualTo(revision));
    }
}
