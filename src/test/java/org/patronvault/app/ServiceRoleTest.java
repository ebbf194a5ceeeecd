package org.patronvault.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.cli.CommandHere;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Schema;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.IndexRows;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.custody.rotate.Rotations;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.Postgres;

/** Tests of the three roles of `db roles`: each may do its work, and no more. */
final class ServiceRoleTest {
    private static final String DENIED = "42501";
    private static final int PATRONS = 60;

    private static Postgres.Apart server;
    private static OpenVault vault;

    @TempDir
    private Path directory;

    @BeforeAll
    static void begin() throws Exception {
        server = Postgres.apart(Map.of());
        roles(server.freshDatabase("vault"));
        Path temporary = Files.createTempDirectory(Path.of("target"), "roles");
        Ran upgraded = run(temporary, "db", "upgrade", "--db", url("vault_migration", "vault"));
        assertThat(upgraded.exit()).as(upgraded.err()).isZero();
        vault = OpenVault.onPostgres(url("vault_service", "vault"));
    }

    private record Ran(int exit, String out, String err) {}

    private static Ran run(Path directory, String... args) throws Exception {
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        int exit = CommandHere.run(Map.of(), directory, out, err, args);
        return new Ran(exit, Files.readString(out), Files.readString(err));
    }

    /** As an administrator does it. */
    private static void roles(String superuser) throws Exception {
        Ran printed = run(Files.createTempDirectory(Path.of("target"), "roles"), "db", "roles");
        assertThat(printed.exit()).isZero();
        Postgres.execute(superuser, printed.out());
    }

    @AfterAll
    static void end() {
        if (vault != null) {
            vault.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private static String url(String role, String database) {
        return server.url(role, database);
    }

    @Test
    void theRoleThatServesDoesAllTheVaultDoes() {
        vault.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(PATRONS), false, n -> {});
        PatronId id = vault.register("'card':'RS1','name':{'family':'Heron','given':'Grey'},'phone':['203-555-0143']");
        assertThat(vault.reveal(id).phone()).contains(List.of("+12035550143"));
        assertThat(vault.rotate(Rotations.ALL).state()).isEqualTo(Operation.DONE);
        assertThat(vault.rotate("search").state()).isEqualTo(Operation.DONE);
        assertThat(vault.find("N7").hits()).hasSize(1);
        vault.erase(id);
        assertThat(vault.find("RS1").hits()).isEmpty();
        vault.vault().access().tidy();
        assertThat(vault.vault().log().checkpoint().size()).isEqualTo(vault.logSize());
        vault.restart();
        assertThat(vault.find("N8").hits()).hasSize(1);
    }

    @Test
    void aLabelThatIsTakenStandsInNoLogOfTheServer() {
        Store store = vault.vault().store();
        vault.register("'card':'RS2','name':{'family':'Heron','given':'Blue'}");
        IndexRows.Entries taken =
                store.read(tx -> tx.index().after(Optional.empty(), 1)).entries();
        assertThatThrownBy(() -> store.write(tx -> {
                    tx.bulk().entries(List.of(taken));
                    return null;
                }))
                .isInstanceOf(StoreException.class);
        assertThat(server.log())
                .contains("duplicate key value")
                .doesNotContain(HexFormat.of().formatHex(taken.label(0)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE access_log SET leaf = leaf",
                "DELETE FROM access_log",
                "TRUNCATE access_log",
                "DROP TABLE access_log",
                "ALTER TABLE access_log ADD COLUMN more TEXT",
                "ALTER TABLE access_log DISABLE TRIGGER ALL",
                "CREATE TRIGGER t BEFORE INSERT ON access_log FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
                "UPDATE log_tile SET hashes = hashes",
                "DELETE FROM log_head",
                "DROP TABLE patron",
                "TRUNCATE patron",
                "DROP PROCEDURE exchange_search_index()",
                "CREATE TABLE mine (n INT)",
                "CREATE TEMPORARY TABLE mine (n INT)",
                "CREATE SCHEMA mine",
                "UPDATE flyway_schema_history SET version = '9'",
                "SET ROLE vault_migration",
                "CREATE ROLE other",
                "COPY patron TO '/tmp/patron'"
            })
    void theRoleThatServesChangesNoEntryAndNoTable(String sql) {
        denied("vault_service", sql);
    }

    private static void denied(String role, String sql) {
        assertThatThrownBy(() -> {
                    try (Connection connection = DriverManager.getConnection(url(role, "vault"));
                            Statement statement = connection.createStatement()) {
                        statement.execute(sql);
                    }
                })
                .as(sql)
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(DENIED));
    }

    @Test
    void theRoleThatChecksReadsEveryTableAndWritesNone() throws SQLException {
        List<String> tables = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url("vault_check", "vault"));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT relname FROM pg_class WHERE relkind = 'r'"
                        + " AND relnamespace = 'public'::regnamespace")) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }
        assertThat(tables).hasSizeGreaterThan(10);
        for (String table : tables) {
            Postgres.execute(url("vault_check", "vault"), "SELECT count(*) FROM " + table);
            Postgres.execute(url("vault_service", "vault"), "SELECT count(*) FROM " + table);
            denied("vault_check", "DELETE FROM " + table);
        }
        try (Store store = Store.openToRead(new StoreSettings(url("vault_check", "vault"), 1))) {
            assertThat(store.<Long>read(tx -> tx.log().count())).isPositive();
        }
    }

    @Test
    void aSchemaThatIsNotUpToDateIsRefusedWithTheCureAndNothingIsMade() throws Exception {
        roles(server.freshDatabase("empty"));
        assertThatThrownBy(() -> Store.open(new StoreSettings(url("vault_service", "empty"), 1)))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("`db upgrade`")
                .hasMessageContaining("vault_migration");
        assertThatThrownBy(() -> Schema.upgrade(new StoreSettings(url("vault_service", "empty"), 1), Optional.empty()))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("`db upgrade`");
    }

    @Test
    void tablesThatASuperuserMadeAreHandedOver() throws Exception {
        String superuser = server.freshDatabase("older");
        Store.open(new StoreSettings(superuser, 1)).close();
        roles(superuser);
        roles(superuser);
        Store.open(new StoreSettings(url("vault_service", "older"), 1)).close();
        Schema.upgrade(new StoreSettings(url("vault_migration", "older"), 1), Optional.empty());
    }

    @Tag(LongRun.TAG)
    @Test
    void vaultThatTheOwnerOfTheTablesMovedGoesOnAsTheRoleThatServes() throws Exception {
        roles(server.freshDatabase("moved"));
        Files.writeString(directory.resolve("pw"), "twelve small herons wade at dawn\n");
        List<String> init = List.of(
                "init", "--home", "home", "--passphrase-file", "pw", "--admin", "admin", "--admin-password-file", "pw");
        assertThat(run(directory, joined(init)).exit()).isZero();
        List<String> move = List.of("move", "--home", "home", "--passphrase-file", "pw", "--as", "admin");
        Ran moved = run(
                directory, joined(move, "--password-file", "pw", "--to", url("vault_migration", "moved"), "--json"));
        assertThat(moved.exit()).as(moved.err()).isZero();
        assertThat(run(directory, "doctor", "--home", "home").out()).contains("owner of its tables");

        Path settings = directory.resolve("home/vault.yaml");
        Files.writeString(settings, Files.readString(settings).replace("vault_migration", "vault_service"));
        assertThat(run(directory, "doctor", "--home", "home").out()).doesNotContain("owner of its tables");
        Ran verified = run(directory, "log", "verify", "--home", "home");
        assertThat(verified.exit()).as(verified.err()).isZero();
        Ran changed = run(
                directory,
                "staff",
                "add",
                "kim",
                "--role",
                "circulation",
                "--new-password-file",
                "pw",
                "--home",
                "home",
                "--passphrase-file",
                "pw",
                "--as",
                "admin",
                "--password-file",
                "pw");
        assertThat(changed.exit()).as(changed.err()).isZero();
    }

    @Test
    void thePasswordIsThatOfTheFileWheneverAConnectionIsMade() throws Exception {
        String superuser = server.freshDatabase("secret");
        Path hba = Path.of(first(superuser, "SHOW hba_file"));
        String open = Files.readString(hba);
        Postgres.execute(superuser, "CREATE ROLE guarded LOGIN PASSWORD 'one herring'");
        Postgres.execute(superuser, "GRANT ALL ON SCHEMA public TO guarded");
        Files.writeString(hba, "host all guarded all scram-sha-256\n" + open);
        Path file = Files.writeString(directory.resolve("db.pw"), "one herring\n");
        try {
            Postgres.execute(superuser, "SELECT pg_reload_conf()");
            StoreSettings settings = new StoreSettings(url("guarded", "secret"), 1, Optional.of(file));
            Store.open(settings).close();
            Files.writeString(file, "another herring\n");
            assertThatThrownBy(() -> Store.open(settings)).hasMessageNotContaining("herring");
            Postgres.execute(superuser, "ALTER ROLE guarded PASSWORD 'another herring'");
            Store.open(settings).close();
            Files.delete(file);
            assertThatThrownBy(() -> Store.open(settings))
                    .isInstanceOf(Refused.class)
                    .hasMessageContaining("databasePasswordFile")
                    .hasMessageNotContaining(file.toString());
        } finally {
            Files.writeString(hba, open);
            Postgres.execute(superuser, "SELECT pg_reload_conf()");
        }
    }

    @Test
    void initNamesTheDatabaseAndTheFileWithItsPasswordWhichDoctorLooksAt() throws Exception {
        roles(server.freshDatabase("fresh"));
        Schema.upgrade(new StoreSettings(url("vault_migration", "fresh"), 1), Optional.empty());
        Path password = Files.writeString(directory.resolve("db.pw"), "one herring\n");
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(directory.resolve("pw"), "twelve small herons wade at dawn\n");
        String service = url("vault_service", "fresh");
        List<String> init = List.of(
                "init", "--home", "home", "--passphrase-file", "pw", "--admin", "admin", "--admin-password-file", "pw");
        Ran refused =
                run(directory, joined(init, "--db", service + "&password=herring", "--db-password-file", "db.pw"));
        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("databasePasswordFile").doesNotContain("herring", "fresh");
        assertThat(directory.resolve("home")).doesNotExist();

        Ran made = run(directory, joined(init, "--db", service, "--db-password-file", "db.pw"));
        assertThat(made.exit()).as(made.err()).isZero();
        assertThat(Files.readString(directory.resolve("home/vault.yaml")))
                .contains("database: \"" + service + "\"\ndatabasePasswordFile: '" + password.toAbsolutePath() + "'\n")
                .doesNotContain("herring");
        assertThat(run(directory, "doctor", "--home", "home").out())
                .contains("Its settings are as strong as promised")
                .doesNotContain("databasePasswordFile");
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(run(directory, "doctor", "--home", "home").out())
                .containsPattern("wrong +database +databasePasswordFile is open to others: run `chmod 600` on it");
    }

    private static String[] joined(List<String> words, String... more) {
        return Stream.concat(words.stream(), Stream.of(more)).toArray(String[]::new);
    }

    private static String first(String url, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            assertThat(row.next()).isTrue();
            return row.getString(1);
        }
    }
}
