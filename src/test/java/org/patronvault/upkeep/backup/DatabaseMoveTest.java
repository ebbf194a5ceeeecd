package org.patronvault.upkeep.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.app.HomeDoctor;
import org.patronvault.app.MovedDatabase;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.Postgres;
import org.patronvault.upkeep.doctor.Doctor;

/** Tests of a vault's move from SQLite into a real PostgreSQL, whole or not at all. */
final class DatabaseMoveTest {
    private static final int PATRONS = 60;

    private OpenVault vault;
    private String url;

    @TempDir
    private Path directory;

    @BeforeEach
    void makeAVault() {
        url = Postgres.freshDatabase();
        vault = OpenVault.onSqlite();
        vault.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(PATRONS), false, n -> {});
        vault.erase(vault.find("N7").hits().get(0).id());
    }

    @AfterEach
    void close() {
        // Without PostgreSQL the test is skipped before there is a vault.
        if (vault != null) {
            vault.close();
        }
    }

    private MovedDatabase target() {
        return new MovedDatabase(vault.home(), url, Optional.empty());
    }

    private StoreSettings file() {
        return StoreSettings.sqlite(vault.home().database());
    }

    private DatabaseMove.Request ask() {
        return ask("custodian");
    }

    private DatabaseMove.Request ask(String role) {
        return new DatabaseMove(
                        vault.vault().store(),
                        vault.vault().log(),
                        vault.vault().access())
                .ask(OpenVault.person(role), target().database());
    }

    private DatabaseMove.Result move() {
        DatabaseMove.Request asked = ask();
        AtomicReference<DatabaseMove.Result> moved = new AtomicReference<>();
        vault.whileStopped(() -> moved.set(carryOut(asked, Progress.UNSEEN)));
        return moved.get();
    }

    private DatabaseMove.Result carryOut(DatabaseMove.Request asked, Progress progress) {
        return DatabaseMove.carryOut(asked, file(), target(), vault.home().node(), progress);
    }

    private static void assertRefused(Problem problem, String says, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Refused.class, e -> {
            assertThat(e).hasMessageContaining(says);
            assertThat(e.problem()).isEqualTo(problem);
        });
    }

    private static void run(String database, String... statements) {
        try (Connection connection = DriverManager.getConnection(database);
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> rows(String database, String query) {
        try (Connection connection = DriverManager.getConnection(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                StringBuilder row = new StringBuilder();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    Object value = rows.getObject(i);
                    row.append(value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : value)
                            .append(' ');
                }
                found.add(row.toString());
            }
            return found;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Tables as the migrations spell them, whatever the product thinks there are. */
    private static List<String> tables() throws IOException {
        List<String> names = new ArrayList<>();
        try (var files = Files.list(Path.of("src/main/resources/db/migration"))) {
            for (Path file : files.toList()) {
                Pattern.compile("CREATE TABLE (\\w+)")
                        .matcher(Files.readString(file))
                        .results()
                        .forEach(found -> names.add(found.group(1)));
            }
        }
        // The two that the third version of the schema makes into one.
        names.removeAll(List.of("patron_value", "patron_row"));
        return names.stream().distinct().sorted().toList();
    }

    private static Map<String, List<String>> content(String database, List<String> tables) {
        Map<String, List<String>> content = new TreeMap<>();
        tables.forEach(table -> content.put(
                table,
                rows(database, "SELECT * FROM " + table).stream()
                        .filter(row -> !row.startsWith("moving "))
                        .sorted()
                        .toList()));
        return content;
    }

    private String sqlite() {
        return "jdbc:sqlite:" + vault.home().database();
    }

    private String settings() {
        try {
            return Files.readString(vault.home().settings());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void movedVaultOpensSearchesRevealsAndVerifies() {
        PatronId patron = vault.find("N5").hits().get(0).id();
        String card = vault.reveal(patron).card().orElseThrow();
        long before = vault.logSize();

        DatabaseMove.Result moved = move();

        assertThat(vault.vault().store().isOfOneProcess()).isFalse();
        assertThat(moved.rows()).containsEntry("patron", (long) PATRONS - 1).containsEntry("patron_tombstone", 1L);
        assertThat(vault.reveal(patron).card()).contains(card);
        assertThat(vault.find("n12@example.org").hits()).isNotEmpty();
        assertThat(vault.find("N7").hits()).isEmpty();
        PatronId later = vault.register("'card':'901','name':{'family':'Later'},'phone':['203-555-0198']");
        assertThat(vault.find("901").hits()).hasSize(1);
        assertThat(vault.reveal(later).card()).contains("901");
        vault.rotate("search");
        vault.rotate("all");
        assertThat(vault.find("N5").hits()).hasSize(1);
        assertThat(LogVerifier.verify(vault.vault().store(), vault.vault().log()))
                .isEmpty();
        assertThat(vault.vault()
                        .check()
                        .run(OpenVault.person("custodian"), Progress.UNSEEN)
                        .listed())
                .isEmpty();
        assertThat(rows(url, "SELECT * FROM vault_fact WHERE name = 'moving'")).isEmpty();
        List<AccessEvent> said = vault.logSince(before).stream()
                .filter(event -> event.act() == ActKind.MOVE)
                .toList();
        assertThat(said).singleElement().satisfies(event -> {
            assertThat(event.outcome()).isEqualTo(Outcome.CONFIGURATION);
            assertThat(event.actor()).isEqualTo(OpenVault.person("custodian").actor());
        });
    }

    /** Rows in every table, and text that no two databases order alike unless they are told to. */
    private void fillEveryTable() {
        String bytes = "x'01" + "ab".repeat(199) + "'";
        List<String> all = new ArrayList<>(
                List.of(
                        "INSERT INTO search_index_next VALUES (x'" + "00".repeat(16) + "', x'" + "ff".repeat(32) + "')",
                        "INSERT INTO search_index_staged VALUES (1, 1, 0, " + bytes + ", x'')",
                        "INSERT INTO log_view VALUES (0, 1, 202611, zeroblob(4011)), (0, 0, 202611, zeroblob(4011))",
                        "INSERT INTO log_tile VALUES (9, 0, zeroblob(8192))",
                        "INSERT INTO case_cell VALUES (-5, 1, " + bytes + "), (5, 1, " + bytes + ")",
                        "INSERT INTO limit_seen VALUES ('b', -1, x'01'), ('B', 1, x'00'), ('é', 1, x'ff00'), ('é', 1, x'ff')",
                        "INSERT INTO session_use VALUES ('z', -1, zeroblob(32)), ('Z', 1, zeroblob(32))",
                        "INSERT INTO idempotency VALUES (x'80', x'', x'00', 1), (x'7f', x'01', x'02', -1)",
                        "INSERT INTO authority VALUES ('Z', 'a', 1, 'ü\u0001\"\\', zeroblob(32)), ('a', 'Z', 1, '', zeroblob(32))"));
        for (String name : List.of("z", "Z", "_", "a b", "ab", "ä", "𝄞", "ﬀ", "zz", "")) {
            all.add("INSERT INTO vault_fact VALUES ('" + name + "', 'x')");
        }
        run(sqlite(), all.toArray(String[]::new));
    }

    @Test
    void everyRowOfEveryTableOfTheSchemaIsMoved() throws IOException {
        DatabaseMove.Request asked = ask();
        List<String> tables = tables();
        vault.whileStopped(() -> {
            String made = settings();
            fillEveryTable();
            Map<String, List<String>> file = content(sqlite(), tables);
            assertThat(file)
                    .allSatisfy((table, rows) -> assertThat(rows).as(table).isNotEmpty());

            DatabaseMove.Result moved = carryOut(asked, Progress.UNSEEN);

            assertThat(content(url, tables)).isEqualTo(file);
            assertThat(content(sqlite(), tables)).isEqualTo(file);
            assertThat(moved.rows())
                    .isEqualTo(file.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, entry ->
                            (long) entry.getValue().size())));
            // Made-up data opens as no vault.
            write(made);
            run(
                    sqlite(),
                    "DELETE FROM authority WHERE kind IN ('Z', 'a')",
                    "DELETE FROM case_cell",
                    "DELETE FROM search_index_staged",
                    "DELETE FROM search_index_next",
                    "DELETE FROM log_view WHERE first = 0",
                    "DELETE FROM log_tile WHERE level = 9",
                    "DELETE FROM session_use",
                    "DELETE FROM limit_seen");
        });
    }

    private void write(String settings) {
        try {
            Files.writeString(vault.home().settings(), settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A process killed at that point. */
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static Progress killedAt(int nth) {
        int[] left = {nth};
        return (step, done, total) -> {
            if (--left[0] == 0) {
                throw new Killed();
            }
        };
    }

    private void breakOff(DatabaseMove.Request asked, int nth) {
        assertThatThrownBy(() -> carryOut(asked, killedAt(nth))).isInstanceOf(Killed.class);
    }

    @Test
    void whereverItEndsTheHomeIsAsItWasAndTheNextGoesOn() throws IOException {
        DatabaseMove.Request asked = ask();
        List<String> tables = tables();
        vault.whileStopped(() -> {
            String made = settings();
            Map<String, List<String>> file = content(sqlite(), tables);
            List<String> steps = new ArrayList<>();
            assertThatThrownBy(() -> DatabaseMove.carryOut(
                            asked,
                            file(),
                            new Unswitched(target().database()),
                            vault.home().node(),
                            (step, done, total) -> steps.add(step)))
                    .isInstanceOf(Killed.class);
            assertThat(steps).contains("Copying", "Comparing").hasSizeGreaterThan(2 * tables.size());
            url = Postgres.freshDatabase();
            for (int nth = 1; nth <= steps.size(); nth += LongRun.times(12, 1)) {
                breakOff(asked, nth);
                assertThat(settings()).isEqualTo(made);
                assertRefused(Problem.INVALID, "`move` goes on", () -> Store.open(new StoreSettings(url, 1)));
            }
            carryOut(asked, Progress.UNSEEN);
            assertThat(content(url, tables)).isEqualTo(file);
            assertThat(settings()).isNotEqualTo(made);
        });
        assertThat(vault.find("N5").hits()).hasSize(1);
    }

    @Test
    void whereItEndedBeforeTheFirstTableTheNextBegins() throws IOException {
        DatabaseMove.Request asked = ask();
        vault.whileStopped(() -> {
            url = Postgres.freshDatabase();
            breakOff(asked, 1);
            run(url, """
                    DO $$ DECLARE one record; BEGIN
                    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema()
                            AND tablename <> 'flyway_schema_history' LOOP
                        EXECUTE 'DROP TABLE ' || one.tablename || ' CASCADE';
                    END LOOP;
                    DROP PROCEDURE exchange_search_index();
                    DELETE FROM flyway_schema_history;
                    END $$
                    """);
            carryOut(asked, Progress.UNSEEN);
        });
        assertThat(vault.find("N5").hits()).hasSize(1);
    }

    /** A home killed before it names its new database. */
    private record Unswitched(StoreSettings database) implements DatabaseMove.Target {
        @Override
        public void switchOver() {
            throw new Killed();
        }
    }

    /** As if it were killed right before the switch. */
    private void carryOutToTheSwitch(DatabaseMove.Request asked) {
        assertThatThrownBy(() -> DatabaseMove.carryOut(
                        asked,
                        file(),
                        new Unswitched(target().database()),
                        vault.home().node(),
                        Progress.UNSEEN))
                .isInstanceOf(Killed.class);
    }

    @Test
    @Tag(LongRun.TAG)
    void wholeButNotSwitchedOverIsGoneOnWithAndOpensOnceItIs() {
        DatabaseMove.Request asked = ask();
        vault.whileStopped(() -> {
            carryOutToTheSwitch(asked);
        });
        assertThat(vault.vault().store().isOfOneProcess()).isTrue();
        DatabaseMove.Request again = ask();
        vault.whileStopped(() -> {
            carryOutToTheSwitch(again);
            // As if it were killed right after the switch.
            target().switchOver();
            assertThat(rows(url, "SELECT name FROM vault_fact WHERE name = 'moving'"))
                    .hasSize(1);
        });
        assertThat(vault.vault().store().isOfOneProcess()).isFalse();
        assertThat(rows(url, "SELECT name FROM vault_fact WHERE name = 'moving'"))
                .isEmpty();
        assertThat(vault.find("N5").hits()).hasSize(1);
    }

    @Test
    @Tag(LongRun.TAG)
    void whatIsThereIsNotCopiedAgain() {
        DatabaseMove.Request asked = ask();
        vault.whileStopped(() -> {
            carryOutToTheSwitch(asked);
            String written = "SELECT 'patron', id, xmin FROM patron UNION ALL"
                    + " SELECT 'entry', idx, xmin FROM access_log ORDER BY 1, 2";
            List<String> before = rows(url, written);
            carryOut(asked, Progress.UNSEEN);
            assertThat(rows(url, written)).isEqualTo(before).isNotEmpty();
        });
    }

    @Test
    @Tag(LongRun.TAG)
    void whatTheHomeDidAfterATryIsTakenAlong() {
        DatabaseMove.Request asked = ask();
        PatronId changed = vault.find("N5").hits().get(0).id();
        PatronId erased = vault.find("N6").hits().get(0).id();
        vault.whileStopped(() -> {
            carryOutToTheSwitch(asked);
        });
        vault.patch(changed, 1, "{'phone':['203-555-0177']}");
        vault.erase(erased);
        PatronId later = vault.register("'card':'901','name':{'family':'Later'},'phone':['203-555-0198']");

        move();

        assertThat(vault.find("203-555-0177").hits()).hasSize(1);
        assertThat(vault.find("N6").hits()).isEmpty();
        assertThat(vault.reveal(later).card()).contains("901");
        assertThat(vault.vault()
                        .check()
                        .run(OpenVault.person("custodian"), Progress.UNSEEN)
                        .listed())
                .isEmpty();
    }

    /** A sealed value, an entry of the log, and in the long run every other sort of column. */
    static Stream<Arguments> changedBytes() {
        return Stream.of(
                        Arguments.of("patron", "name", "set_byte(new.name, 160, get_byte(new.name, 160) # 1)"),
                        Arguments.of("access_log", "leaf", "set_byte(new.leaf, 20, get_byte(new.leaf, 20) # 1)"),
                        Arguments.of("search_index", "value", "set_byte(new.value, 31, get_byte(new.value, 31) # 128)"),
                        Arguments.of("log_head", "frontier", "new.frontier || new.frontier"),
                        Arguments.of("authority", "body", "new.body || ' '"),
                        Arguments.of("patron", "expires", "'2030-01-01'"))
                .limit(LongRun.times(2, 6));
    }

    @ParameterizedTest
    @MethodSource("changedBytes")
    void byteThatChangedOnItsWayIsFoundAndNothingIsSwitchedOver(String table, String column, String other) {
        DatabaseMove.Request asked = ask();
        vault.whileStopped(() -> {
            String made = settings();
            breakOff(asked, 1);
            run(
                    url,
                    "CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new." + column + " := "
                            + other + "; RETURN new; END $$",
                    "CREATE TRIGGER other BEFORE INSERT ON " + table + " FOR EACH ROW EXECUTE FUNCTION other()");

            assertRefused(
                    Problem.INVALID,
                    "differs from the file (rows of " + table + ")",
                    () -> carryOut(asked, Progress.UNSEEN));

            assertThat(settings()).isEqualTo(made);
            run(url, "DROP TRIGGER other ON " + table);
            carryOut(asked, Progress.UNSEEN);
            assertThat(settings()).isNotEqualTo(made);
        });
        assertThat(vault.find("N5").hits()).hasSize(1);
    }

    @Test
    void rowThatIsLostOnItsWayIsFound() {
        DatabaseMove.Request asked = ask();
        vault.whileStopped(() -> {
            breakOff(asked, 1);
            run(
                    url,
                    "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
                    "CREATE TRIGGER lose BEFORE INSERT ON log_checkpoint FOR EACH ROW EXECUTE FUNCTION lose()");
            // PostgreSQL says how many it took.
            assertRefused(Problem.INVALID, "(rows of log_checkpoint)", () -> carryOut(asked, Progress.UNSEEN));
        });
        assertThat(vault.vault().store().isOfOneProcess()).isTrue();
    }

    @Test
    @Tag(LongRun.TAG)
    void rowThatIsAddedMeanwhileIsFound() {
        DatabaseMove.Request asked = ask();
        vault.whileStopped(() -> {
            breakOff(asked, 1);
            run(
                    url,
                    "CREATE FUNCTION add() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                            + " INSERT INTO limit_seen VALUES ('x', 1, '\\x00'); RETURN new; END $$",
                    "CREATE TRIGGER add AFTER INSERT ON search_index FOR EACH STATEMENT EXECUTE FUNCTION add()");
            assertRefused(Problem.INVALID, "(rows of limit_seen)", () -> carryOut(asked, Progress.UNSEEN));
        });
        assertThat(vault.vault().store().isOfOneProcess()).isTrue();
    }

    @Test
    void logThatIsNotTheOneThisNodeKnowsIsNotSwitchedTo() {
        DatabaseMove.Request asked = ask();
        vault.whileStopped(() -> {
            String made = settings();
            List<String> head = rows(sqlite(), "SELECT size, frontier FROM log_head");
            run(
                    sqlite(),
                    "CREATE TABLE kept AS SELECT * FROM access_log WHERE idx = 3",
                    "UPDATE access_log SET leaf = (SELECT leaf FROM access_log WHERE idx = 4) WHERE idx = 3");
            assertRefused(Problem.INVALID, "does not add up", () -> carryOut(asked, Progress.UNSEEN));
            run(
                    sqlite(),
                    "UPDATE access_log SET leaf = (SELECT leaf FROM kept) WHERE idx = 3",
                    "DROP TABLE kept",
                    "UPDATE log_head SET frontier = x'00'");
            assertRefused(Problem.INVALID, "node/head", () -> carryOut(asked, Progress.UNSEEN));
            String frontier = head.get(0).split(" ", -1)[1];
            run(sqlite(), "UPDATE log_head SET frontier = x'" + frontier + "'");
            assertThat(settings()).isEqualTo(made);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE letters (id INT PRIMARY KEY)",
                "CREATE VIEW letters AS SELECT 1",
                "CREATE MATERIALIZED VIEW letters AS SELECT 1",
                "CREATE SEQUENCE letters",
                "CREATE SCHEMA other; CREATE TABLE other.patron (id INT)",
                "CREATE TABLE patron (id INT)",
                "CREATE TABLE flyway_schema_history (id INT)"
            })
    void databaseThatHoldsSomethingElseIsRefusedAndStaysAsItIs(String statement) {
        run(url, statement);
        assertRefused(Problem.HOME_IN_USE, "holds something else", this::ask);
        assertThat(rows(url, "SELECT count(*) FROM pg_class WHERE relname = 'vault_fact'"))
                .containsExactly("0 ");
        assertThat(vault.logSince(0)).last().satisfies(event -> {
            assertThat(event.act()).isEqualTo(ActKind.MOVE);
            assertThat(event.outcome()).isEqualTo(Outcome.REFUSED);
        });
    }

    @Test
    void somethingThatCameAfterItWasAskedForIsRefusedToo() {
        DatabaseMove.Request asked = ask();
        vault.whileStopped(() -> {
            breakOff(asked, 2);
            run(url, "CREATE TABLE letters (id INT PRIMARY KEY)");
            assertRefused(Problem.HOME_IN_USE, "holds something else", () -> carryOut(asked, Progress.UNSEEN));
        });
    }

    @Test
    @Tag(LongRun.TAG)
    void emptyTablesThatSomebodyMadeBeforeAreTaken() {
        Store.open(new StoreSettings(url, 1)).close();
        move();
        assertThat(vault.find("N5").hits()).hasSize(1);
    }

    @Test
    @Tag(LongRun.TAG)
    void anotherVaultAndItsUnfinishedMoveAreRefused() {
        try (OpenVault other = OpenVault.onPostgres()) {
            url = other.vault().store().settings().jdbcUrl();
            // All test vaults have one id; this one has another.
            run(url, "UPDATE vault_fact SET value = 'another' WHERE name = 'vault'");
            assertRefused(Problem.HOME_IN_USE, "another vault", this::ask);
            run(url, "INSERT INTO vault_fact VALUES ('moving', 'another copying')");
            assertRefused(Problem.HOME_IN_USE, "the unfinished move of another vault", this::ask);
            run(
                    url,
                    "DELETE FROM vault_fact WHERE name = 'moving'",
                    "UPDATE vault_fact SET value = '" + other.vault().custody().vaultId() + "' WHERE name = 'vault'");
        }
    }

    @Test
    @Tag(LongRun.TAG)
    void copyOfTheHomeFromBeforeDoesNotMoveOverTheVaultThatServes() {
        Path before = directory.resolve("before");
        vault.whileStopped(() -> OpenVault.copyOf(vault.home().directory(), before));
        move();
        vault.register("'card':'901','name':{'family':'Later'},'phone':['203-555-0198']");
        vault.whileStopped(() -> {
            Path now = directory.resolve("now");
            OpenVault.copyOf(vault.home().directory(), now);
            OpenVault.putBack(vault.home().directory(), before);
            try (Store file = Store.openToRead(file())) {
                assertThat(file.<Long>read(tx -> tx.patrons().count())).isEqualTo(PATRONS - 1);
            }
            assertRefused(
                    Problem.HOME_IN_USE,
                    "has served this vault already",
                    () -> carryOut(new DatabaseMove.Request(""), Progress.UNSEEN));
            OpenVault.putBack(vault.home().directory(), now);
        });
        assertThat(vault.find("901").hits()).hasSize(1);
    }

    @Test
    void databasesOfTheWrongKindAreRefused() {
        assertRefused(
                Problem.INVALID,
                "into PostgreSQL alone",
                () -> new MovedDatabase(vault.home(), "jdbc:sqlite:other.db", Optional.empty()));
        assertRefused(
                Problem.INVALID,
                "into PostgreSQL alone",
                () -> new MovedDatabase(vault.home(), "jdbc:mysql://localhost/vault", Optional.empty()));
        run(
                url,
                "CREATE DATABASE " + "latin_" + url.replaceAll("\\W", "")
                        + " ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
        String utf8 = url;
        url = utf8.replaceFirst(
                "/vault\\d+", "/latin_" + utf8.replaceAll("\\W", "").toLowerCase(java.util.Locale.ROOT));
        assertRefused(Problem.INVALID, "UTF-8", this::ask);
        url = utf8 + (utf8.contains("?") ? "&" : "?") + "options=-c%20synchronous_commit%3Doff";
        assertRefused(Problem.INVALID, "synchronous_commit", this::ask);
        url = "jdbc:postgresql://127.0.0.1:1/vault?user=secret-name";
        assertThatThrownBy(this::ask)
                .isInstanceOf(Refused.class)
                .hasMessageContaining("as it was")
                .hasMessageNotContaining("secret-name");
        url = utf8;
        move();
        url = Postgres.freshDatabase();
        assertRefused(Problem.INVALID, "not in SQLite", this::ask);
    }

    private List<Doctor.Line> saidOfTheOldFile() {
        return new HomeDoctor(vault.home())
                .doctor().look().stream()
                        .filter(line -> line.check().equals("moved"))
                        .toList();
    }

    @Test
    @Tag(LongRun.TAG)
    void doctorNamesTheOldFileUntilItIsGone() throws IOException {
        assertThat(saidOfTheOldFile()).isEmpty();
        move();
        assertThat(saidOfTheOldFile()).singleElement().satisfies(line -> {
            assertThat(line.verdict()).isEqualTo(Doctor.Verdict.NOTE);
            assertThat(line.says()).startsWith("data/vault.db ");
        });
        Files.delete(vault.home().database());
        assertThat(saidOfTheOldFile()).isEmpty();
        vault.restart();
        assertThat(vault.find("N5").hits()).hasSize(1);
    }

    @Test
    void whoMayBackUpMayMoveAndNobodyElse() {
        for (String role : List.of("circulation", "supervisor", "director", "privacy-officer", "page")) {
            assertRefused(Problem.NOT_ALLOWED, "", () -> ask(role));
        }
        assertThat(ask("admin").checkpoint()).isNotEmpty();
        assertThat(ask("custodian").checkpoint().getBytes(StandardCharsets.UTF_8))
                .isNotEmpty();
    }
}
