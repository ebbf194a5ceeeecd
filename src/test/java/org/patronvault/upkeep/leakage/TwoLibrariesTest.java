package org.patronvault.upkeep.leakage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.Tx;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.patron.transfer.format.PatronReader;
import org.patronvault.store.copy.StoreCopy;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;

/**
 * Tests that the copies of two libraries of one size look alike, at first and after a tenth of the patrons were erased.
 * In one library every patron is called Smith, and in the other all surnames differ.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag(LongRun.TAG)
final class TwoLibrariesTest {
    private static final int PATRONS = LongRun.times(400, 2_000);
    private static final int ERASED = LongRun.times(40, 200);
    private static final int PAGE_BYTES = 4_096;
    /** Signed every few seconds, and filled behind the log when there is leisure. */
    private static final Set<String> GROW_BY_TIME = Set.of("log_checkpoint", "log_view");

    private OpenVault smiths;
    private OpenVault others;
    private Path copies;

    /** A file of patrons with those names. */
    private record Named(NumberedPatrons numbers, IntFunction<Name> names, int[] read) implements PatronReader {
        private static Named of(int size, IntFunction<Name> names) {
            return new Named(new NumberedPatrons(size), names, new int[1]);
        }

        @Override
        public Optional<ImportRow> next() {
            return numbers.next().map(any -> {
                PatronDraft draft = NumberedPatrons.draft(++read[0]);
                return new ImportRow.Accepted(
                        read[0],
                        new PatronDraft(
                                draft.card(),
                                names.apply(read[0]),
                                draft.address(),
                                draft.phone(),
                                draft.email(),
                                draft.library(),
                                draft.category(),
                                draft.expires(),
                                draft.status(),
                                draft.consent(),
                                draft.registered()),
                        Set.of());
            });
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    @BeforeAll
    void importTwoLibraries(@TempDir Path directory) {
        copies = directory;
        smiths = library(n -> new Name("Smith", "Pat", "", "", ""));
        others = library(n -> new Name("Family" + Integer.toString(n, 36), "Given" + n, "", "", ""));
    }

    @AfterAll
    void close() {
        smiths.close();
        others.close();
    }

    private static OpenVault library(IntFunction<Name> names) {
        OpenVault vault = OpenVault.onSqlite();
        vault.patrons().importer().run(OpenVault.person("admin"), Named.of(PATRONS, names), false, n -> {});
        return vault;
    }

    /** A copy without what grows by time alone. */
    private Path copy(OpenVault vault, String name) {
        try {
            Path file = Files.createFile(copies.resolve(name));
            StoreCopy.make(vault.vault().store(), file, bytes -> {});
            try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                    Statement statement = connection.createStatement()) {
                for (String table : GROW_BY_TIME) {
                    statement.execute("DELETE FROM " + table);
                }
                statement.execute("DELETE FROM vault_fact WHERE name = 'log-counts'");
                statement.execute("VACUUM");
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static <T> T read(Path copy, Function<Tx, T> work) {
        try (StoreCopy opened = StoreCopy.open(copy)) {
            return opened.read(work);
        }
    }

    /** How many rows each table has. */
    private static Map<String, Long> rows(Path copy) {
        return read(copy, tx -> {
            Map<String, Long> rows = new TreeMap<>();
            tx.catalogue().tables().forEach(table -> {
                long[] count = new long[1];
                tx.catalogue().forEach(table, row -> count[0]++);
                rows.put(table.name(), count[0]);
            });
            return rows;
        });
    }

    private static double compressed(Path copy) throws IOException {
        byte[] all = Files.readAllBytes(copy);
        Deflater deflater = new Deflater();
        deflater.setInput(all);
        deflater.finish();
        byte[] out = new byte[1 << 16];
        while (!deflater.finished()) {
            deflater.deflate(out);
        }
        double share = (double) deflater.getBytesWritten() / all.length;
        deflater.end();
        return share;
    }

    private static void assertAlike(Path one, Path other) throws IOException {
        assertThat(rows(one)).isEqualTo(rows(other));
        assertThat(Files.size(one)).isCloseTo(Files.size(other), within((long) PAGE_BYTES));
        assertThat(compressed(one)).isCloseTo(compressed(other), within(0.002));
        for (Path copy : List.of(one, other)) {
            Games games = read(copy, tx -> new Games(tx, Sample.NONE, 0).play(Progress.UNSEEN));
            assertThat(games.repeats().recurring()).isEmpty();
        }
    }

    @Test
    void libraryOfSmithsLooksLikeOneOfDifferentPeopleBeforeAndAfterDeletions() throws IOException {
        assertAlike(copy(smiths, "smiths"), copy(others, "others"));
        erase(smiths);
        erase(others);
        Path smithsLater = copy(smiths, "smiths-later");
        Path othersLater = copy(others, "others-later");
        assertAlike(smithsLater, othersLater);
        assertThat(twice("smiths", smithsLater)).isEqualTo(twice("others", othersLater));
        assertPatronsAreFoundByName();
    }

    /** Else an index that leaves names out would look alike as well. */
    private void assertPatronsAreFoundByName() {
        assertThat(smiths.find("Smith").more()).isTrue();
        assertThat(others.find("Smith").hits()).isEmpty();
    }

    private static void erase(OpenVault vault) {
        List<PatronId> patrons =
                new ArrayList<>(vault.vault().store().read(tx -> tx.patrons().idsAfter(Long.MIN_VALUE, ERASED)));
        patrons.forEach(patron -> vault.erase(patron));
    }

    /** Returns what a thief with two copies sees. */
    private Map<String, Object> twice(String before, Path now) {
        Report.Game game = read(
                copies.resolve(before), then -> read(now, later -> TwoSnapshots.compare(then, later, Progress.UNSEEN)));
        assertThat(game.verdict()).isEqualTo(Report.Verdict.HOLDS);
        assertThat(game.figures()).containsEntry("erased", (long) ERASED).containsEntry("entriesAdded", 0L);
        assertThat(game.figures()).containsEntry("entriesRewritten", 40L * ERASED);
        return game.figures();
    }

    @Test
    void patronsOfOneWordAndOfSixHaveTheSameRows() {
        int few = 40;
        IntFunction<Name> oneWord = n -> new Name("Ng", "", "", "", "");
        IntFunction<Name> sixWords = n -> new Name("de la Cruz y Santos Garcia", "Maria", "", "", "Mia");
        try (OpenVault one = OpenVault.onSqlite();
                OpenVault six = OpenVault.onSqlite()) {
            one.patrons().importer().run(OpenVault.person("admin"), Named.of(few, oneWord), false, n -> {});
            six.patrons().importer().run(OpenVault.person("admin"), Named.of(few, sixWords), false, n -> {});
            assertThat(rows(copy(one, "one")))
                    .isEqualTo(rows(copy(six, "six")))
                    .containsEntry("search_index", 40L * few);
        }
    }
}
