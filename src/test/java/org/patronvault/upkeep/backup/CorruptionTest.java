package org.patronvault.upkeep.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.app.OpenedHome;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.custody.slot.Slots;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.testing.CellView;
import org.patronvault.testing.FaultLedger;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.check.Check;
import org.sqlite.SQLiteConfig;

/**
 * Tests of flipped bits in the home's files, swapped values, and restored older rows and files. Each access is refused
 * or shows what was written. If a patron is missing or outdated, {@code check} reports a fault. A write-ahead log loses
 * nothing acknowledged. More runs with {@code -Dflips=200}, which {@code -Dfault.record=true} puts into the ledger
 * (fault.md).
 */
final class CorruptionTest {
    /** Names unlike each other. */
    private static final List<String> FAMILIES =
            List.of("Ames", "Bolton", "Castleden", "Draper", "Eliot", "Fenwick", "Gorham", "Huxtable");

    private static final int DEPTH = 6;
    private static final int MANY = 8;
    private static final FaultLedger LEDGER = new FaultLedger(
            "corruptions.csv",
            "seed",
            "date",
            "what",
            "bytes",
            "times",
            "no difference",
            "not opened",
            "refused",
            "found by check alone",
            "end lost",
            "wrong");
    private static final long SEED = Long.getLong("flips.seed", System.nanoTime() % 1_000_000);

    /** {@code K/N} for every Nth byte from byte K on, in place of any. */
    private static final String EVERY = System.getProperty("flips.every", "");

    /** As few as make a vault, where each byte has its turn; few in an ordinary build, which flips few bits. */
    private static final int PATRONS = EVERY.isEmpty()
            ? LongRun.times(Integer.getInteger("flips") == null ? 4 : FAMILIES.size(), FAMILIES.size())
            : 3;

    private static final String ANY = "random";
    private static final String DATABASE = "data/vault.db";
    private static final String FOUND_BY = "what rows are found by";

    /** SQLite's message about a word on how the file shrinks, which it does not. */
    private static final String OF_SHRINKING =
            "*** in database main ***\nincremental_vacuum enabled with a max rootpage of zero";

    private static final String ANCHOR = "node/head";
    private static final String WRITE_AHEAD_LOG = DATABASE + "-wal";

    /** Most of the write-ahead log is of what was acknowledged after the last signature. */
    private static final int CHANGES_SINCE_SIGNED = 3;

    /** The result of all accesses after it. */
    private enum Seen {
        NO_DIFFERENCE,
        NOT_OPENED,
        REFUSED,
        /** A patron was not found or was outdated without a report: then the sweep must find it. */
        UNTOLD,
        /** Entries after the last signature are gone, and nothing else, as in version 0.1.0. */
        END_LOST,
        /** A value appeared that never was, or is no more. Or an unexpected exception was thrown. */
        WRONG
    }

    /** Parts of a home that may come from another time. All at once are the whole older home. */
    private static final List<String> PARTS = List.of("data", "keys/ledger", "keys/ring.json", ANCHOR);

    /** Places where changed rows go unreported, and why that is harmless. */
    private static final Set<String> TOLD_BY_NOBODY = Set.of("search_index", "fact last-write", "fact key-entry");

    /**
     * Columns about the making of tables (time, user, file, duration) inform people only. The version of an erasure
     * decides nothing (ChangeFeed).
     */
    private static final Map<String, String> COMPARED = Map.of(
            "flyway_schema_history", "installed_rank, version, description, type, checksum, success",
            "patron_tombstone", "id");

    private final Map<PatronId, PersonalData> before = new HashMap<>();
    private final Map<PatronId, PersonalData> written = new HashMap<>();
    private final Map<String, PatronId> byCard = new HashMap<>();
    private final Map<String, PatronId> erased = new HashMap<>();
    private final List<String> wrong = new ArrayList<>();
    private final Random random = new Random(SEED);
    private OpenVault vault;

    @BeforeEach
    void open() {
        vault = OpenVault.onSqlite();
        erase("GONE", vault.register("'card':'GONE','name':{'family':'Gone'}"));
        for (int n = 1; n <= PATRONS; n++) {
            PatronId id = vault.register("'card':'FLIP" + n + "','name':{'family':'" + FAMILIES.get(n - 1)
                    + "','given':'Kim'},'phone':['203-555-010" + n + "'],'email':['kim" + n + "@example.org']");
            before.put(id, vault.reveal(id));
            byCard.put("FLIP" + n, id);
        }
    }

    private void erase(String card, PatronId id) {
        vault.erase(id);
        erased.put(card, id);
    }

    /** Keeps the home as it is, then changes everybody and erases one more; keeps the home as it is then. */
    private void change(Path old, Path kept) {
        vault.keep(vault.home().directory(), old);
        erase("FLIP" + PATRONS, byCard.remove("FLIP" + PATRONS));
        int n = 0;
        for (PatronId id : byCard.values()) {
            if (n == PATRONS / 2) {
                vault.vault().custody().addVersion("phone");
            }
            vault.patch(id, 1, "{'phone':['203-556-010" + n++ + "']}");
            written.put(id, vault.reveal(id));
        }
        // Each file thus differs now, and values use more than one version.
        assertThat(vault.rotate("log").state()).isEqualTo(Operation.DONE);
        vault.keep(vault.home().directory(), kept);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    @Test
    void bitThatIsFlippedInTheDatabaseShowsNobodyAnythingElse(@TempDir Path copies) throws IOException {
        spoil("bit flipped in " + DATABASE, EVERY, copies, kept -> {
            if (!EVERY.isEmpty()) {
                makePagesSmall(kept);
            }
            return at(DATABASE, LongRun.times(6, 30), kept, this::flip);
        });
    }

    /** Most of the bytes of a vault that is as small as this are room in pages, which nothing uses. */
    private void makePagesSmall(Path kept) {
        String unused = inDatabase(kept, database -> {
            // Which are as they are while there is a write-ahead log.
            for (String one : List.of("journal_mode = DELETE", "page_size = 512")) {
                database.execute("PRAGMA " + one);
            }
            database.execute("VACUUM");
            assertThat(strings(database, "PRAGMA page_size")).containsExactly("512");
            assertThat(strings(database, "PRAGMA journal_mode = WAL")).containsExactly("wal");
            return "";
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"keys/ring.json", "keys/ledger", "node/head"})
    void bitThatIsFlippedAnywhereBesideTheDatabaseShowsNobodyAnythingElse(String file, @TempDir Path copies)
            throws IOException {
        flippedOnce(file, LongRun.times(4, 8), copies);
    }

    private void flippedOnce(String file, int few, Path copies) throws IOException {
        spoil("bit flipped in " + file, EVERY, copies, kept -> at(file, few, kept, this::flip));
    }

    /** Damage at a byte of a file, and its description. */
    private interface Harm {
        String harm(Place place);
    }

    /** Returns a damage for each of a few places in a file of a home. */
    private List<Spoiling> at(String file, int few, Path kept, Harm harm) {
        return places(List.of(kept.resolve(file)), few).stream()
                .map(place -> (Spoiling) home -> harm.harm(new Place(home.resolve(file), place.at())))
                .toList();
    }

    /** A home of a killed process, its log, and the last shown state of each patron. */
    private record Killed(Path home, long size, byte[] root, Map<PatronId, PersonalData> shown) {}

    @Test
    void bitThatIsFlippedInTheWriteAheadLogOfAKilledVaultLosesNothingThatWasAcknowledged(@TempDir Path copies)
            throws IOException {
        recover("bit flipped in " + WRITE_AHEAD_LOG + " of a killed vault", copies, this::flip);
    }

    @Test
    void writeAheadLogOfAKilledVaultThatIsCutAnywhereLosesNothingThatWasAcknowledged(@TempDir Path copies)
            throws IOException {
        recover(WRITE_AHEAD_LOG + " of a killed vault cut", copies, CorruptionTest::cut);
    }

    private void recover(String what, Path copies, Harm harm) throws IOException {
        recorded(what, EVERY, seen -> {
            change(old(copies), copies.resolve("orderly"));
            Killed killed = killed(copies.resolve("killed"));
            assertThat(recovered(killed, home -> "nothing")).isEqualTo(Seen.NO_DIFFERENCE);
            for (Spoiling one : at(WRITE_AHEAD_LOG, LongRun.times(4, 8), killed.home(), harm)) {
                seen.merge(recovered(killed, one), 1, Integer::sum);
            }
        });
    }

    private Killed killed(Path home) throws IOException {
        Path live = vault.home().directory();
        Map<PatronId, PersonalData> shown = new HashMap<>();
        try (Connection reader = vault.connect();
                Statement reading = reader.createStatement()) {
            // While a reader holds the first state, all writes stay in the write-ahead log.
            reading.execute("BEGIN");
            assertThat(strings(reading, "SELECT count(*) FROM patron")).hasSize(1);
            changeAll(2, shown);
            var unused = vault.vault().log().checkpoint();
            OpenVault.copyOf(live, home);
            for (int n = 0; n < CHANGES_SINCE_SIGNED; n++) {
                changeAll(3 + n, shown);
            }
            // Written before any answer.
            OpenVault.putBack(home.resolve(ANCHOR), live.resolve(ANCHOR));
            OpenVault.putBack(home.resolve(WRITE_AHEAD_LOG), live.resolve(WRITE_AHEAD_LOG));
            // The first opener makes it again from the log.
            Files.delete(home.resolve(DATABASE + "-shm"));
            LogReader log = vault.vault().log().reader();
            long size = log.size();
            return new Killed(home, size, log.root(size), shown);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private void changeAll(long version, Map<PatronId, PersonalData> shown) {
        byCard.values().forEach(id -> {
            vault.patch(id, version, "{'phone':['203-557-" + (1_000 + version) + "']}");
            shown.put(id, vault.reveal(id));
        });
    }

    /** Opens it after that; all that there was must be there. */
    private Seen recovered(Killed killed, Spoiling spoiling) {
        String[] at = new String[1];
        try {
            vault.whileStopped(() -> {
                OpenVault.putBack(vault.home().directory(), killed.home());
                at[0] = spoiling.spoil(vault.home().directory());
            });
        } catch (RuntimeException | Error e) {
            return isInOrder(e) ? Seen.NOT_OPENED : wrong(at[0] + ", when it was opened: " + told(e));
        }
        try {
            LogReader log = vault.vault().log().reader();
            boolean isRight = log.size() >= killed.size()
                    && Arrays.equals(log.root(killed.size()), killed.root())
                    && killed.shown().entrySet().stream()
                            .allMatch(one -> one.getValue().equals(vault.reveal(one.getKey())))
                    && vault.vault()
                            .check()
                            .run(OpenVault.person("custodian"), Progress.UNSEEN)
                            .ok();
            return isRight ? Seen.NO_DIFFERENCE : wrong(at[0]);
        } catch (RuntimeException | Error e) {
            return wrong(at[0] + ": " + told(e));
        }
    }

    @Test
    void valuesThatAreSwappedShowNobodyAnythingElse(@TempDir Path copies) throws IOException {
        spoil(
                "two values swapped",
                LongRun.times(4, 8),
                copies,
                home -> inDatabase(home, database -> {
                    List<String> cells = strings(
                            database,
                            "SELECT 'patron = ' || patron || ' AND field = ' || quote(field) FROM cell"
                                    + " ORDER BY patron, field");
                    String first = one(cells);
                    cells.remove(first);
                    String second = one(cells);
                    database.execute(
                            "CREATE TEMP TABLE two AS SELECT * FROM cell WHERE (" + first + ") OR (" + second + ")");
                    String swap =
                            "UPDATE cell SET (envelope, generation) = (SELECT envelope, generation FROM two WHERE %s)"
                                    + " WHERE %s";
                    database.execute(String.format(swap, first, second));
                    database.execute(String.format(swap, second, first));
                    return first + " and " + second;
                }));
    }

    @Test
    void rowThatIsPutBackIsRefusedOrFound(@TempDir Path copies) throws IOException {
        spoil(
                "a row of before put back",
                LongRun.times(MANY, 16),
                copies,
                home -> inDatabase(home, database -> {
                    attach(database, copies);
                    List<String> tables =
                            strings(database, "SELECT name FROM before.sqlite_schema WHERE type = 'table'");
                    String table = "";
                    for (int others = 0; others == 0; ) {
                        table = '"' + tables.get(random.nextInt(tables.size())) + '"';
                        // The changed or missing rows. The present row gives way.
                        String rows = "(SELECT * FROM before." + table + " EXCEPT SELECT * FROM " + table + ")";
                        others = Integer.parseInt(strings(database, "SELECT count(*) FROM " + rows)
                                .get(0));
                        database.execute("INSERT OR REPLACE INTO " + table + " SELECT * FROM " + rows
                                + " LIMIT 1 OFFSET " + random.nextInt(Math.max(1, others)));
                    }
                    return table;
                }));
    }

    @Test
    void olderRingIsRefusedThoughTheDatabaseSaysNothingOfTheNewerOne(@TempDir Path copies) {
        vault.keep(vault.home().directory(), old(copies));
        vault.rotate("phone");
        assertThatThrownBy(() -> vault.whileStopped(() -> {
                    OpenVault.putBack(
                            vault.home().keys().resolve("ring.json"),
                            old(copies).resolve("keys/ring.json"));
                    String unused = inDatabase(vault.home().directory(), database -> {
                        attach(database, copies);
                        database.execute("INSERT OR REPLACE INTO vault_fact SELECT * FROM before.vault_fact"
                                + " WHERE name = 'key-entry'");
                        return "";
                    });
                }))
                .isInstanceOf(Refused.class);
    }

    @Test
    void wholePatronThatIsPutBackIsFoundByCheck(@TempDir Path copies) throws IOException {
        spoil(
                "a whole patron of before put back",
                LongRun.times(4, 8),
                copies,
                home -> inDatabase(home, database -> {
                    attach(database, copies);
                    // Includes a patron erased since.
                    String id = one(strings(database, "SELECT id FROM before.patron ORDER BY id"));
                    database.execute("INSERT OR REPLACE INTO patron SELECT * FROM before.patron WHERE id = " + id);
                    return "patron " + id;
                }));
    }

    @Test
    void filesOfBeforeThatArePutBackAreRefusedOrFound(@TempDir Path copies) throws IOException {
        spoil("files of before put back", LongRun.times(4, 8), copies, home -> {
            int some = 1 + random.nextInt((1 << PARTS.size()) - 2);
            List<String> parts = new ArrayList<>();
            for (int n = 0; n < PARTS.size(); n++) {
                if ((some & (1 << n)) != 0) {
                    parts.add(PARTS.get(n));
                    OpenVault.putBack(home.resolve(PARTS.get(n)), old(copies).resolve(PARTS.get(n)));
                }
            }
            return parts + "";
        });
    }

    private static Path old(Path copies) {
        return copies.resolve("old");
    }

    /** A change of a home, and its description. */
    private interface Spoiling {
        String spoil(Path home);
    }

    /** A change of a home's database, and its description. */
    private interface DatabaseSpoiling {
        String spoil(Statement database) throws SQLException;
    }

    private String inDatabase(Path home, DatabaseSpoiling spoiling) {
        try (Connection connection = CellView.open("jdbc:sqlite:" + home.resolve("data/vault.db"));
                Statement statement = connection.createStatement()) {
            return spoiling.spoil(statement);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static void attach(Statement database, Path copies) throws SQLException {
        database.execute("ATTACH '" + old(copies).resolve("data/vault.db") + "' AS before");
    }

    private static List<String> strings(Statement database, String query) throws SQLException {
        List<String> all = new ArrayList<>();
        try (ResultSet rows = database.executeQuery(query)) {
            while (rows.next()) {
                all.add(rows.getString(1));
            }
        }
        return all;
    }

    private String one(List<String> of) {
        return of.get(random.nextInt(of.size()));
    }

    /** Spoils the home as it is now, and has everybody looked at; puts it back, and does so again. */
    private void spoil(String what, int few, Path copies, Spoiling spoiling) throws IOException {
        spoil(what, "", copies, kept -> Collections.nCopies(Integer.getInteger("flips", few), spoiling));
    }

    private void spoil(String what, String every, Path copies, Function<Path, List<Spoiling>> ways) throws IOException {
        recorded(what, every, seen -> {
            Path kept = copies.resolve("home");
            change(old(copies), kept);
            List<Spoiling> all = ways.apply(kept);
            for (Spoiling one : all) {
                seen.merge(spoilt(kept, one), 1, Integer::sum);
            }
            // Fewer may all lie where nothing is.
            if (all.size() >= MANY) {
                assertThat(seen).as("whether any was noticed").isNotEqualTo(Map.of(Seen.NO_DIFFERENCE, all.size()));
            }
        });
    }

    @Test
    void bitThatIsFlippedAnywhereInABackupIsFoundBeforeAnythingOfItIsUsed(@TempDir Path copies) throws IOException {
        Path copy = copies.resolve("copy");
        vault.backup().make(OpenVault.person("custodian"), copy, Progress.UNSEEN);
        flipped("a backup", 8, copy, Seen.WRONG, () -> {
            BackupDirectory backup = new BackupDirectory(copy);
            UnsealedKeys keys = vault.vault().custody().keys();
            try (BackupDatabaseFile into = BackupDatabaseFile.in(vault.home().directory())) {
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
        LogVerifier.TrustAnchors nothing = new LogVerifier.TrustAnchors(List.of(), List.of(), Optional.empty());
        flipped(
                "an export of the log",
                8,
                export,
                Seen.WRONG,
                () -> LogVerifier.verify(export, nothing).ok() ? Seen.NO_DIFFERENCE : Seen.REFUSED);
    }

    @Test
    @Tag(LongRun.TAG)
    void bitThatIsFlippedAnywhereInTheSlotsOpensTheSameKeysOrNone(@TempDir Path copies) throws IOException {
        byte[] passphrase = "seven grey geese over the mill".getBytes(StandardCharsets.UTF_8);
        Slots slots = vault.vault().slots();
        try (SlotMaker maker = slots.more()) {
            maker.addPassphrase(passphrase);
            slots.add(
                    OpenVault.person("custodian").actor(),
                    Optional.of(new Approver("carl", Approver.Origin.SAME_TERMINAL)),
                    maker);
        }
        Path keys = copies.resolve("keys");
        vault.keep(vault.home().keys(), keys);
        flipped("keys/slots.json", LongRun.times(1, 4), keys.resolve("slots.json"), Seen.NO_DIFFERENCE, () -> {
            KeyCustody other = KeyCustody.at(keys, vault.clock());
            // The ring says whether the root that was found is its own.
            assertThat(other.unseal(passphrase)).isTrue();
            other.seal();
            return Seen.NO_DIFFERENCE;
        });
    }

    /**
     * Flips a bit of some file there again and again; all is as before when it is right again.
     *
     * @param unnoticed what it means if nothing is noticed: not every bit of every file matters to all
     */
    private void flipped(String what, int few, Path below, Seen unnoticed, Supplier<Seen> use) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(below)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        recorded("bit flipped in " + what, EVERY, seen -> {
            for (Place place : places(files, few)) {
                byte[] right = Files.readAllBytes(place.file());
                String at = flip(place);
                Seen one = look(at, Seen.REFUSED, use);
                seen.merge(one == Seen.NO_DIFFERENCE && unnoticed == Seen.WRONG ? wrong(at) : one, 1, Integer::sum);
                Files.write(place.file(), right);
            }
            assertThat(use.get()).isEqualTo(Seen.NO_DIFFERENCE);
        });
    }

    /** A repeated change, and the counts of its results. */
    private interface Spoilings {
        void count(Map<Seen, Integer> seen) throws IOException;
    }

    /**
     * Does that, and has in the ledger what came of it: where it breaks off, one that is wrong, whatever it was.
     *
     * @param every which bytes were taken, as {@code flips.every} says; empty for any
     */
    private void recorded(String what, String every, Spoilings work) throws IOException {
        Map<Seen, Integer> seen = new EnumMap<>(Seen.class);
        boolean ended = false;
        try {
            work.count(seen);
            ended = true;
        } finally {
            if (!ended) {
                seen.merge(Seen.WRONG, 1, Integer::sum);
            }
            int times = seen.values().stream().mapToInt(Integer::intValue).sum();
            LEDGER.add(Stream.concat(
                            Stream.of(SEED, LocalDate.now(ZoneOffset.UTC), what, every.isEmpty() ? ANY : every, times),
                            Stream.of(Seen.values()).map(one -> seen.getOrDefault(one, 0)))
                    .toArray());
        }
        assertThat(wrong).as("seed %d", SEED).isEmpty();
    }

    private Seen spoilt(Path kept, Spoiling spoiling) {
        String[] at = new String[1];
        Set<String> others = new TreeSet<>();
        try {
            vault.whileStopped(() -> {
                OpenVault.putBack(vault.home().directory(), kept);
                at[0] = spoiling.spoil(vault.home().directory());
                others.addAll(others(vault.home().directory(), kept));
            });
        } catch (RuntimeException | Error e) {
            return isInOrder(e) ? Seen.NOT_OPENED : wrong(at[0] + ", when it was opened: " + told(e));
        }
        Seen seen = looked(at[0]);
        others.removeAll(TOLD_BY_NOBODY);
        if (seen == Seen.NO_DIFFERENCE && others.equals(Set.of(FOUND_BY)) && isSoundNow()) {
            // From a place in a page SQLite reads no more bits than pages have bytes, and writes it right.
            others.clear();
        }
        // A change in a meaningful place must be noticed.
        return seen == Seen.NO_DIFFERENCE && !others.isEmpty()
                ? wrong(at[0] + ", noticed by nobody in " + others)
                : seen;
    }

    private boolean isSoundNow() {
        try (Connection connection = vault.connect();
                Statement database = connection.createStatement()) {
            return isSound(database);
        } catch (SQLException e) {
            return false;
        }
    }

    /** The tables that hold something else than they did, or are found by something else. */
    private static Set<String> others(Path home, Path kept) {
        Set<String> others = new TreeSet<>();
        SQLiteConfig reading = new SQLiteConfig();
        reading.setReadOnly(true);
        try (Connection connection = reading.createConnection("jdbc:sqlite:" + home.resolve("data/vault.db"));
                Statement database = connection.createStatement()) {
            if (!isSound(database)) {
                others.add(FOUND_BY);
            }
            database.execute("ATTACH '" + kept.resolve("data/vault.db") + "' AS kept");
            for (String table : strings(database, "SELECT name FROM kept.sqlite_schema WHERE type = 'table'")) {
                String all = "SELECT " + COMPARED.getOrDefault(table, "*");
                String both = "(" + all + " FROM %s.\"" + table + "\" EXCEPT " + all + " FROM %s.\"" + table + "\")";
                String query = "SELECT (SELECT count(*) FROM " + String.format(both, "main", "kept")
                        + ") + (SELECT count(*) FROM " + String.format(both, "kept", "main") + ")";
                try {
                    if (strings(database, query).equals(List.of("0"))) {
                        continue;
                    }
                } catch (SQLException e) {
                    // The row itself reports it to its reader, and some reader must come.
                    others.add(table);
                    continue;
                }
                if (table.equals("vault_fact")) {
                    Map<String, String> now = facts(database, "main");
                    Map<String, String> then = facts(database, "kept");
                    Set<String> names = new TreeSet<>(now.keySet());
                    names.addAll(then.keySet());
                    names.removeIf(name -> Objects.equals(now.get(name), then.get(name)));
                    names.forEach(name -> others.add("fact " + name));
                } else {
                    others.add(table);
                }
            }
        } catch (SQLException e) {
            // The damage shows itself when the file is opened.
            others.add("what cannot be compared");
        }
        return others;
    }

    /** Returns the facts. Base64 texts become bytes, because the last letter may have unused bits. */
    private static Map<String, String> facts(Statement database, String schema) throws SQLException {
        Map<String, String> facts = new HashMap<>();
        try (ResultSet rows = database.executeQuery("SELECT name, value FROM " + schema + ".vault_fact")) {
            while (rows.next()) {
                facts.put(rows.getString(1), said(rows.getString(2)));
            }
        }
        return facts;
    }

    private static String said(String text) {
        try {
            return text.endsWith("=")
                    ? HexFormat.of().formatHex(Base64.getDecoder().decode(text))
                    : text;
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private static boolean isSound(Statement database) throws SQLException {
        List<String> said = strings(database, "PRAGMA integrity_check");
        return said.equals(List.of("ok")) || said.equals(List.of(OF_SHRINKING));
    }

    private Seen looked(String place) {
        Seen worst = Seen.NO_DIFFERENCE;
        for (Map.Entry<String, PatronId> one : byCard.entrySet()) {
            worst = worse(worst, look(place, Seen.REFUSED, () -> shown(one.getValue(), place)));
            PersonalData data = written.get(one.getValue());
            for (String typed : List.of(
                    one.getKey(),
                    data.phone().orElseThrow().get(0),
                    data.email().orElseThrow().get(0),
                    data.name().orElseThrow().family())) {
                worst = worse(worst, look(place, Seen.REFUSED, () -> found(typed, one.getValue(), place)));
            }
        }
        for (Map.Entry<String, PatronId> one : erased.entrySet()) {
            worst = worse(worst, look(place, Seen.NO_DIFFERENCE, () -> {
                PersonalData unused = vault.reveal(one.getValue());
                return Seen.UNTOLD;
            }));
            worst = worse(
                    worst,
                    look(
                            place,
                            Seen.REFUSED,
                            () -> vault.find(one.getKey()).hits().isEmpty() ? Seen.NO_DIFFERENCE : Seen.UNTOLD));
        }
        worst = worse(
                worst,
                look(
                        place,
                        Seen.REFUSED,
                        () -> vault.find("kim").hits().size() == written.size() ? Seen.NO_DIFFERENCE : Seen.UNTOLD));
        return swept(place, worst);
    }

    private Seen found(String typed, PatronId one, String place) {
        List<PatronId> found =
                vault.find(typed).hits().stream().map(Lookup.Hit::id).toList();
        return found.isEmpty() ? Seen.UNTOLD : found.equals(List.of(one)) ? Seen.NO_DIFFERENCE : wrong(place);
    }

    /** The sweep must find unreported faults, and may find faults that no access touched. */
    private Seen swept(String place, Seen worst) {
        if (worst != Seen.UNTOLD && worst != Seen.NO_DIFFERENCE) {
            return worst;
        }
        Seen swept = look(place, Seen.UNTOLD, () -> {
            Check.Report report = vault.vault().check().run(OpenVault.person("custodian"), Progress.UNSEEN);
            return report.ok() ? Seen.NO_DIFFERENCE : Seen.UNTOLD;
        });
        return swept == worst || worst == Seen.NO_DIFFERENCE ? swept : wrong("not found by check: " + place);
    }

    /** A shown patron is as last written, or as once written, and then the sweep must find it. */
    private Seen shown(PatronId id, String place) {
        PersonalData shown = vault.reveal(id);
        if (shown.equals(written.get(id))) {
            return Seen.NO_DIFFERENCE;
        }
        return shown.equals(before.get(id)) ? Seen.UNTOLD : wrong(place);
    }

    private Seen wrong(String place) {
        wrong.add(place);
        return Seen.WRONG;
    }

    /** A proper refusal is fine, and any other exception is wrong. */
    private Seen look(String place, Seen refused, Supplier<Seen> act) {
        try {
            return act.get();
        } catch (Refused e) {
            return refused;
        } catch (RuntimeException | Error e) {
            return isInOrder(e) ? Seen.REFUSED : wrong(place + ": " + told(e));
        }
    }

    /** Whether that says what is wrong; a failure of the database of which it does not know is no refusal. */
    private static boolean isInOrder(Throwable e) {
        return e instanceof Refused
                || e instanceof IntegrityException
                || e instanceof OpenedHome.Broken
                || (e instanceof StoreException store && store.kind() != StoreException.Kind.FAILED);
    }

    private static String told(Throwable e) {
        StackTraceElement[] trace = e.getStackTrace();
        return e + " at " + List.of(trace).subList(0, Math.min(DEPTH, trace.length));
    }

    private static Seen worse(Seen one, Seen other) {
        return one.compareTo(other) < 0 ? other : one;
    }

    /** A byte of a file. */
    private record Place(Path file, long at) {}

    /** So many bytes anywhere in them; with {@code -Dflips.every=K/N} each Nth instead, from byte K on. */
    private List<Place> places(List<Path> files, int few) {
        List<Place> places = new ArrayList<>();
        String[] every = EVERY.split("/", -1);
        if (every.length == 2) {
            long at = Long.parseLong(every[0]);
            for (Path file : files) {
                long size = file.toFile().length();
                for (; at < size; at += Long.parseLong(every[1])) {
                    places.add(new Place(file, at));
                }
                at -= size;
            }
            return places;
        }
        for (int times = Integer.getInteger("flips", few); times > 0; times--) {
            Path file = files.get(random.nextInt(files.size()));
            places.add(
                    new Place(file, (long) (random.nextDouble() * file.toFile().length())));
        }
        return places;
    }

    /** Ends the file there. */
    private static String cut(Place place) {
        try (RandomAccessFile file = new RandomAccessFile(place.file().toFile(), "rw")) {
            file.setLength(place.at());
            return place.file().getFileName() + ", cut at byte " + place.at();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Flips some bit there, and says which. */
    private String flip(Place place) {
        int bit = random.nextInt(8);
        try (RandomAccessFile file = new RandomAccessFile(place.file().toFile(), "rw")) {
            file.seek(place.at());
            int was = file.read();
            file.seek(place.at());
            file.write(was ^ 1 << bit);
            return place.file().getFileName() + ", byte " + place.at() + ", bit " + bit;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
