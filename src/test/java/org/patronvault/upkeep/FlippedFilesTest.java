package org.patronvault.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.patronvault.audit.LogVerifier;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronId;
import org.patronvault.model.Refused;
import org.patronvault.patron.Lookup;
import org.patronvault.patron.PersonalData;
import org.patronvault.store.StoreException;
import org.patronvault.testing.Ledger;
import org.patronvault.testing.OpenVault;

/**
 * A bit of a file of the home that is another, whichever: each look is refused or shows what was written, and where
 * somebody is missing {@code check} says that something is wrong. Few times unless more are asked for: {@code
 * -Dflips=200}, which {@code -Dfault.record=true} puts into the ledger (fault.md).
 */
final class FlippedFilesTest {
    private static final int PATRONS = 8;
    private static final Ledger LEDGER = new Ledger(
            "flips.csv",
            "seed",
            "date",
            "file",
            "times",
            "no difference",
            "not opened",
            "refused",
            "missing and found by check");
    private static final long SEED = Long.getLong("flips.seed", System.nanoTime() % 1_000_000);

    /** What became of all looks after a flip. */
    private enum Seen {
        NO_DIFFERENCE,
        NOT_OPENED,
        REFUSED,
        /** Somebody was not found, and nobody was told: then the sweep must find it. */
        MISSING
    }

    private final Map<PatronId, PersonalData> written = new HashMap<>();
    private final Map<String, PatronId> byCard = new HashMap<>();
    private OpenVault vault;

    @BeforeEach
    void open() {
        vault = OpenVault.onSqlite();
        vault.erase(vault.register("'card':'GONE','name':{'family':'Gone'}"));
        for (int n = 1; n <= PATRONS; n++) {
            PatronId id = vault.register("'card':'FLIP" + n + "','name':{'family':'Ames" + n
                    + "','given':'Kim'},'phone':['203-555-010" + n + "'],'email':['kim" + n + "@example.org']");
            written.put(id, vault.reveal(id));
            byCard.put("FLIP" + n, id);
        }
    }

    @AfterEach
    void close() {
        vault.close();
    }

    @ParameterizedTest
    @CsvSource({"data/vault.db,30", "keys/ring.json,8", "keys/ledger,8", "node/log-head,8"})
    void bitThatIsFlippedAnywhereInItShowsNobodyAnythingElse(String file, int few, @TempDir Path copies)
            throws IOException {
        Path kept = copies.resolve("home");
        vault.keep(vault.home().directory(), kept);
        Random random = new Random(SEED);
        int times = Integer.getInteger("flips", few);
        Map<Seen, Integer> seen = new EnumMap<>(Seen.class);
        for (int n = 0; n < times; n++) {
            seen.merge(flipped(file, kept, random), 1, Integer::sum);
        }
        record(file, times, seen);
        assertThat(seen.keySet()).as("whether any was noticed").containsAnyOf(Seen.NOT_OPENED, Seen.REFUSED);
    }

    @Test
    void bitThatIsFlippedAnywhereInABackupIsFoundBeforeAnythingOfItIsUsed(@TempDir Path copies) throws IOException {
        Path copy = copies.resolve("copy");
        vault.backup().make(OpenVault.person("custodian"), copy, Progress.UNSEEN);
        count("a backup", 8, copy, () -> {
            BackupDirectory backup = new BackupDirectory(copy);
            UnsealedKeys keys = vault.vault().custody().keys();
            try (OpenedCopy into = OpenedCopy.in(vault.home().directory())) {
                backup.prove(backup.manifest(keys), keys, into.file(), Progress.UNSEEN);
            }
            return Seen.NO_DIFFERENCE;
        });
    }

    @Test
    void bitThatIsFlippedAnywhereInAnExportOfTheLogIsFound(@TempDir Path exports) throws IOException {
        Path export = exports.resolve("export");
        new LogExport(vault.vault().log(), vault.vault().access())
                .make(OpenVault.person("privacy-officer"), export, Progress.UNSEEN);
        LogVerifier.Known nothing = new LogVerifier.Known(List.of(), List.of(), Optional.empty());
        count(
                "an export of the log",
                8,
                export,
                () -> LogVerifier.verify(export, nothing).ok() ? Seen.NO_DIFFERENCE : Seen.REFUSED);
    }

    /** Flips a bit of some file of a directory again and again, which is noticed each time, and not when it is right again. */
    private static void count(String name, int few, Path directory, Supplier<Seen> use) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(directory)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        Random random = new Random(SEED);
        int times = Integer.getInteger("flips", few);
        Map<Seen, Integer> seen = new EnumMap<>(Seen.class);
        for (int n = 0; n < times; n++) {
            Path file = files.get(random.nextInt(files.size()));
            byte[] right = Files.readAllBytes(file);
            int bit = random.nextInt(8);
            String place = file.getFileName() + ", byte " + flip(file, random, bit) + ", bit " + bit;
            Seen one = look(place, use);
            assertThat(one).as(place).isEqualTo(Seen.REFUSED);
            seen.merge(one, 1, Integer::sum);
            Files.write(file, right);
        }
        assertThat(use.get()).isEqualTo(Seen.NO_DIFFERENCE);
        record(name, times, seen);
    }

    private static void record(String file, int times, Map<Seen, Integer> seen) {
        LEDGER.add(Stream.concat(
                        Stream.of(SEED, LocalDate.now(ZoneOffset.UTC), file, times),
                        Stream.of(Seen.values()).map(one -> seen.getOrDefault(one, 0)))
                .toArray());
    }

    private Seen flipped(String file, Path kept, Random random) {
        long[] at = new long[1];
        int bit = random.nextInt(8);
        try {
            vault.whileStopped(() -> {
                OpenVault.putBack(vault.home().directory(), kept);
                at[0] = flip(vault.home().directory().resolve(file), random, bit);
            });
        } catch (Refused | IntegrityException | StoreException e) {
            return Seen.NOT_OPENED;
        }
        String place = "byte " + at[0] + ", bit " + bit;
        Seen worst = Seen.NO_DIFFERENCE;
        for (Map.Entry<String, PatronId> one : byCard.entrySet()) {
            worst = worse(worst, look(place, () -> {
                PersonalData shown = vault.reveal(one.getValue());
                assertThat(shown).as("shown, %s", place).isEqualTo(written.get(one.getValue()));
                return Seen.NO_DIFFERENCE;
            }));
            worst = worse(worst, look(place, () -> {
                List<Lookup.Hit> hits = vault.find(one.getKey()).hits();
                assertThat(hits).as("found, %s", place).hasSizeLessThan(2).allSatisfy(hit -> {
                    assertThat(hit.id()).isEqualTo(one.getValue());
                    assertThat(hit.data().phone())
                            .isEqualTo(written.get(hit.id()).phone());
                });
                return hits.isEmpty() ? Seen.MISSING : Seen.NO_DIFFERENCE;
            }));
        }
        worst = worse(worst, look(place, () -> {
            int found = vault.find("kim").hits().size();
            assertThat(found).as("found by name, %s", place).isLessThanOrEqualTo(PATRONS);
            return found < PATRONS ? Seen.MISSING : Seen.NO_DIFFERENCE;
        }));
        if (worst == Seen.MISSING) {
            Seen swept = look(place, () -> {
                Check.Report report = vault.vault().check().run(OpenVault.person("custodian"), Progress.UNSEEN);
                return report.ok() ? Seen.NO_DIFFERENCE : Seen.REFUSED;
            });
            assertThat(swept)
                    .as("what the sweep says where somebody is missing, %s", place)
                    .isEqualTo(Seen.REFUSED);
        }
        return worst;
    }

    /** What is refused is refused in order; anything else fails the test. */
    private static Seen look(String place, Supplier<Seen> act) {
        try {
            return act.get();
        } catch (Refused | IntegrityException | StoreException e) {
            return Seen.REFUSED;
        } catch (RuntimeException e) {
            throw new AssertionError(place, e);
        }
    }

    private static Seen worse(Seen one, Seen other) {
        return one.compareTo(other) < 0 ? other : one;
    }

    private static long flip(Path file, Random random, int bit) {
        try (RandomAccessFile database = new RandomAccessFile(file.toFile(), "rw")) {
            long at = (long) (random.nextDouble() * database.length());
            database.seek(at);
            int was = database.read();
            database.seek(at);
            database.write(was ^ 1 << bit);
            return at;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
