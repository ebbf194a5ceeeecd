package org.patronvault.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.testing.Postgres;

final class AllRowsTest {
    @TempDir
    Path directory;

    private String file;
    private String server;

    /** Keys of which the one side's own order would be another than that of their bytes. */
    @BeforeEach
    void fill() {
        file = "jdbc:sqlite:" + directory.resolve("rows.db");
        server = Postgres.freshDatabase();
        Postgres.execute(file, "CREATE TABLE a (n INTEGER NOT NULL PRIMARY KEY, said TEXT)");
        Postgres.execute(file, "CREATE TABLE b (k TEXT NOT NULL, n BIGINT NOT NULL, v BLOB, PRIMARY KEY (k, n))");
        Postgres.execute(server, "CREATE TABLE a (n BIGINT NOT NULL PRIMARY KEY, said TEXT)");
        Postgres.execute(server, "CREATE TABLE b (n BIGINT NOT NULL, v BYTEA, k TEXT NOT NULL, PRIMARY KEY (k, n))");
        Postgres.execute(server, "CREATE TABLE flyway_schema_history (n INTEGER)");
        Postgres.execute(server, "INSERT INTO flyway_schema_history VALUES (1)");
        both("INSERT INTO a (n, said) VALUES (-1, 'minus'), (0, NULL), (7, 'é')");
        insert("a", 1, "00ff");
        insert("B", 1, "80");
        insert("é", -3, "");
        insert("é", 2, "7f");
    }

    private void both(String sql) {
        Postgres.execute(file, sql);
        Postgres.execute(server, sql);
    }

    private void insert(String key, long n, String hex) {
        String begun = "INSERT INTO b (k, n, v) VALUES ('" + key + "', " + n + ", ";
        Postgres.execute(file, begun + "x'" + hex + "')");
        Postgres.execute(server, begun + "'\\x" + hex + "')");
    }

    private AllRows.Compared compared() throws IOException {
        try (AllRows before = AllRows.of(file);
                AllRows after = AllRows.of(server)) {
            return before.against(after);
        }
    }

    @Test
    void sameRowsInDatabasesOfTwoKindsDoNotDiffer() throws IOException {
        assertThat(compared()).isEqualTo(new AllRows.Compared(2, 7, 0));
        try (AllRows after = AllRows.of(server)) {
            assertThat(after.count()).isEqualTo(7);
        }
    }

    @Test
    void rowThatIsGoneAddedOrChangedIsCountedOnce() throws IOException {
        Postgres.execute(server, "DELETE FROM b WHERE k = 'B'");
        assertThat(compared().differing()).isEqualTo(1);
        Postgres.execute(server, "INSERT INTO a VALUES (3, 'three')");
        assertThat(compared().differing()).isEqualTo(2);
        Postgres.execute(server, "UPDATE b SET v = '\\x00fe' WHERE k = 'a'");
        assertThat(compared().differing()).isEqualTo(3);
        Postgres.execute(server, "UPDATE a SET said = '' WHERE n = 0");
        assertThat(compared()).isEqualTo(new AllRows.Compared(2, 7, 4));
    }

    @Test
    void rowsOfATableThatIsNotThereDiffer() throws IOException {
        Postgres.execute(server, "DROP TABLE a");
        assertThat(compared()).isEqualTo(new AllRows.Compared(2, 7, 3));
    }
}
