package org.patronvault.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.DatabaseFailures;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.Rows;
import org.patronvault.core.store.table.RowsContract;
import org.patronvault.core.store.table.TransactionContract;
import org.patronvault.core.store.table.ValueRow;
import org.patronvault.store.copy.StoreCopy;
import org.patronvault.store.sqlite.SqliteDialect;
import org.patronvault.testing.DamagedSchema;
import org.slf4j.LoggerFactory;

/** The store's contract on SQLite, and the guarantees of its files. */
class SqliteStoreTest {
    @TempDir
    Path directory;

    private static StoreSettings in(Path directory) {
        return StoreSettings.sqlite(directory.resolve("vault.db"));
    }

    @Nested
    class Schema extends SchemaContract {
        @Override
        public StoreSettings fresh(Path emptyDirectory) {
            return in(emptyDirectory);
        }

        @Override
        public String literal(String hex) {
            return "x'" + hex + "'";
        }
    }

    @Nested
    class RowGroups extends RowsContract {
        @Override
        public StoreSettings fresh(Path emptyDirectory) {
            return in(emptyDirectory);
        }
    }

    @Nested
    class Transactions extends TransactionContract {
        @Override
        public StoreSettings fresh(Path emptyDirectory) {
            return in(emptyDirectory);
        }
    }

    /**
     * After a failed sync, the previous process's part of the write-ahead log may be on no disk. Later writes behind it
     * would be lost with it.
     */
    @Test
    void whatWasCommittedIsInTheDatabaseItselfBeforeAnythingElseIsWritten() throws Exception {
        Path copy = directory.resolve("copy.db");
        try (Store store = Store.open(in(directory))) {
            store.write(tx -> {
                tx.setFact("told", "yes");
                return null;
            });
            Files.copy(directory.resolve("vault.db"), copy);
            Files.copy(directory.resolve("vault.db-wal"), directory.resolve("copy.db-wal"));
        }
        try (Store opened = Store.open(StoreSettings.sqlite(copy))) {
            Path alone = directory.resolve("alone.db");
            Files.copy(copy, alone);
            assertThat(opened.<Boolean>read(tx -> tx.fact("told").isPresent())).isTrue();
            try (StoreCopy read = StoreCopy.open(alone)) {
                assertThat(read.<Boolean>read(tx -> tx.fact("told").isPresent()))
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "journal_mode=DELETE, journal_mode",
        "synchronous=NORMAL, synchronous",
        "synchronous=OFF, synchronous",
        "secure_delete=0, secure_delete",
        "secure_delete=fast, secure_delete",
        "temp_store=FILE, temp_store"
    })
    void aWeakSettingIsNamedAndAnOptionInTheUrlDoesNotBringItAbout(String option, String named) throws Exception {
        Store.open(in(directory)).close();
        String url = in(directory).jdbcUrl() + "?" + option;
        try (Connection weak = DriverManager.getConnection(url)) {
            assertThat(SqliteDialect.INSTANCE.weakSettings(weak, in(directory)))
                    .anyMatch(said -> said.startsWith(named + " = "));
        }
        try (Connection ours = SqliteDialect.INSTANCE
                .dataSource(new StoreSettings(url, 1), true)
                .getConnection()) {
            assertThat(SqliteDialect.INSTANCE.weakSettings(ours, in(directory))).isEmpty();
        }
    }

    @Test
    void aDatabaseThatCannotBeSetAsPromisedIsRefused() {
        assertThatThrownBy(() -> Store.open(new StoreSettings("jdbc:sqlite::memory:", 1)))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("journal_mode");
    }

    @Test
    void everyTableIsStrict() throws Exception {
        try (Store store = Store.open(in(directory));
                Connection connection =
                        DriverManager.getConnection(in(directory).jdbcUrl());
                var statement = connection.createStatement();
                var tables = statement.executeQuery("SELECT name, \"strict\" FROM pragma_table_list"
                        + " WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'flyway%'")) {
            int seen = 0;
            while (tables.next()) {
                assertThat(tables.getInt(2)).as(tables.getString(1)).isEqualTo(1);
                seen++;
            }
            assertThat(seen).isGreaterThan(10);
            assertThat(store.<Long>read(tx -> tx.patrons().count())).isZero();
        }
    }

    @Test
    void onlyTheOwnerCanReadTheFiles() throws IOException {
        StoreSettings withOption = new StoreSettings(in(directory).jdbcUrl() + "?cache_size=-1000", 1);
        try (Store store = Store.open(withOption)) {
            Rows.put(store, 1, 1);
            try (Stream<Path> files = Files.list(directory)) {
                assertThat(files)
                        .hasSizeGreaterThan(1)
                        .allSatisfy(
                                file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                                        .isEqualTo("rw-------"));
            }
        }
    }

    @Test
    void afterAPurgeNoFileHoldsWhatWasErasedOrReplaced() throws IOException {
        try (Store store = Store.open(in(directory))) {
            List<ValueRow> values = Rows.put(store, 1, 1);
            // Enough neighbors that the erased values have pages of their own, which become free.
            for (int i = 2; i < 60; i++) {
                Rows.put(store, i, 1);
            }
            ValueRow replaced = Rows.put(store, 99, 1).get(0);
            assertThat(occurrences(values.get(0).envelope())).isPositive();
            store.write(tx -> {
                assertThat(Rows.erase(tx, 1, 1)).isTrue();
                assertThat(Rows.replace(tx, Rows.value(99, replaced.field(), 2, 1)))
                        .isTrue();
                for (int i = 2; i < 60; i++) {
                    assertThat(Rows.erase(tx, i, 1)).isTrue();
                }
                return null;
            });
            assertThat(store.purge(1_000)).isTrue();
            for (ValueRow value : values) {
                assertThat(occurrences(value.envelope()))
                        .as(value.field().wireName())
                        .isZero();
            }
            assertThat(occurrences(replaced.envelope())).isZero();
            assertThat(Files.size(directory.resolve("vault.db-wal"))).isZero();
        }
    }

    /**
     * Returns how often a middle part of those bytes occurs in any file. It is a part, since a value may span two
     * pages.
     */
    private long occurrences(byte[] envelope) throws IOException {
        String part = new String(Arrays.copyOfRange(envelope, 80, 112), StandardCharsets.ISO_8859_1);
        long found = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(part)) {
                    found++;
                }
            }
        }
        return found;
    }

    @Test
    void aPurgeGivesUpSoonOnAReaderInTheWayAndLetsOthersWrite() {
        try (Store store = Store.open(in(directory))) {
            Rows.put(store, 1, 1);
            store.read(tx -> {
                assertThat(tx.patrons().count()).isEqualTo(1);
                Rows.put(store, 2, 1);
                Instant begun = Instant.now();
                assertThat(store.purge(300)).isFalse();
                assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(2));
                Rows.put(store, 3, 1);
                return null;
            });
            assertThat(store.purge(300)).isTrue();
            assertThat(store.<Boolean>write(tx -> Rows.replace(tx, Rows.value(3, PatronField.NAME, 2, 1))))
                    .isTrue();
        }
    }

    @Test
    void aFullDatabaseIsToldAsFullAndStaysSound() {
        StoreSettings small = new StoreSettings(in(directory).jdbcUrl() + "?max_page_count=60", 1);
        try (Store store = Store.open(small)) {
            Rows.put(store, 1, 1);
            assertThatThrownBy(() -> store.write(tx -> {
                        for (int i = 2; i < 500; i++) {
                            tx.patrons().insert(Rows.patron(i, 1), Rows.values(i, 1));
                        }
                        return null;
                    }))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.FULL));
            assertThat(store.<Long>read(tx -> tx.patrons().count())).isEqualTo(1);
            Rows.put(store, 2, 1);
        }
    }

    @Test
    void aLockHeldElsewhereIsToldAsBusy() throws Exception {
        Store.open(in(directory)).close();
        try (Connection one = DriverManager.getConnection(in(directory).jdbcUrl() + "?busy_timeout=0");
                Connection other = DriverManager.getConnection(in(directory).jdbcUrl() + "?busy_timeout=0");
                var first = one.createStatement();
                var second = other.createStatement()) {
            first.execute("BEGIN IMMEDIATE");
            assertThatThrownBy(() -> second.execute("BEGIN IMMEDIATE"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(SqliteDialect.INSTANCE.translate(e).kind())
                                    .isEqualTo(StoreException.Kind.BUSY));
        }
    }

    @Test
    void aStoreOpenedToReadMakesNothingAndWritesNothing() {
        assertThatThrownBy(() -> Store.openToRead(in(directory))).isInstanceOf(Refused.class);
        assertThat(directory).isEmptyDirectory();
        try (Store store = Store.open(in(directory))) {
            Rows.put(store, 1, 1);
        }
        try (Store reading = Store.openToRead(in(directory))) {
            assertThat(reading.<Long>read(tx -> tx.patrons().count())).isEqualTo(1);
            assertThatThrownBy(() -> Rows.put(reading, 2, 1)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aFileThatIsNoDatabaseIsNotOpened() throws IOException {
        Files.writeString(directory.resolve("vault.db"), "not a database at all ".repeat(100));
        assertThatThrownBy(() -> Store.open(in(directory)))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.DAMAGED))
                .hasMessageNotContaining("vault.db");
    }

    @Test
    void aDatabaseOfAnotherProgramIsNotOpenedNorChanged() throws SQLException {
        try (Connection other = DriverManager.getConnection(in(directory).jdbcUrl());
                var statement = other.createStatement()) {
            statement.execute("CREATE TABLE recipes (name TEXT)");
        }
        assertThatThrownBy(() -> Store.open(in(directory)))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.DAMAGED));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE flyway_schema_history SET version = '1x'",
                "UPDATE flyway_schema_history SET type = 'SQX'",
                "UPDATE flyway_schema_history SET type = 'sQL'",
                "UPDATE flyway_schema_history SET installed_on = '2026-1x-01'",
                "ALTER TABLE flyway_schema_history RENAME COLUMN version TO versiom",
                "DROP TABLE flyway_schema_history",
                "DELETE FROM flyway_schema_history",
            })
    void aFileThatCannotSayHowItsTablesCameToBeIsDamagedAndTheCureIsNamed(String damage) throws SQLException {
        Store.open(in(directory)).close();
        try (Connection other = DriverManager.getConnection(in(directory).jdbcUrl());
                var statement = other.createStatement()) {
            statement.execute(damage);
        }
        assertThatThrownBy(() -> Store.open(in(directory)))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.DAMAGED))
                .hasMessageContaining("restore the last backup");
    }

    @Test
    void aFailureThatDoesNotPassIsSaidOnce() throws SQLException {
        Logger logger = (Logger) LoggerFactory.getLogger(DatabaseFailures.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        try (Store store = Store.open(in(directory))) {
            try (Connection other = DriverManager.getConnection(in(directory).jdbcUrl());
                    var statement = other.createStatement()) {
                statement.execute("ALTER TABLE patron RENAME TO kept");
                statement.execute("CREATE VIEW patron AS SELECT abs(-9223372036854775807 - 1) AS id");
            }
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> store.read(tx -> tx.patrons().idsAfter(0, 10)))
                        .isInstanceOfSatisfying(
                                StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.FAILED));
            }
        } finally {
            logger.detachAppender(lines);
        }
        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("the database failed, which does not pass by itself: database: FAILED (1)");
    }

    @Test
    void aColumnWithoutItsNameIsDamageToWhoReadsAndToWhoWrites() {
        try (Store store = Store.open(in(directory))) {
            Rows.put(store, 1, 1);
        }
        DamagedSchema.rename(directory.resolve("vault.db"), "patron", "expires");
        List<String> told = new ArrayList<>();
        try (Store store = Store.open(in(directory))) {
            store.onBroken(told::add);
            assertThatThrownBy(() -> store.read(tx -> tx.patrons().find(new PatronId(1))))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageNotContaining("expires");
            assertThat(told).as("others are answered").isEmpty();
            assertThatThrownBy(() -> Rows.put(store, 2, 1))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.DAMAGED));
            assertThat(told).hasSize(1);
        }
    }
}
