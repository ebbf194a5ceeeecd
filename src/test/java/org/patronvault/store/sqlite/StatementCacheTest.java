package org.patronvault.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.jdbc4.JDBC4PreparedStatement;

final class StatementCacheTest {
    private static final String ASK = "SELECT b FROM t WHERE a = ?";

    @TempDir
    private Path directory;

    private Connection connection;

    @BeforeEach
    void connect() throws SQLException, IOException {
        Path file = Files.createFile(directory.resolve("t.db"));
        connection =
                StatementCache.of(SqliteSource.of("jdbc:sqlite:" + file, true)).getConnection();
        execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)");
        execute("INSERT INTO t VALUES (1, 'one'), (2, 'two')");
    }

    @AfterEach
    void disconnect() throws SQLException {
        connection.close();
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            boolean unused = statement.execute(sql);
        }
    }

    /** A use of a statement before it is closed. */
    private interface Using {
        void use(PreparedStatement statement) throws SQLException;
    }

    /** Prepares, uses and closes a statement. Returns the driver's own. */
    private PreparedStatement used(String sql, Using using) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            using.use(statement);
            return statement.unwrap(JDBC4PreparedStatement.class);
        }
    }

    private static void ask(PreparedStatement statement, int a, String expected) throws SQLException {
        statement.setInt(1, a);
        try (ResultSet rows = statement.executeQuery()) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString(1)).isEqualTo(expected);
        }
    }

    private static void askOne(PreparedStatement statement) throws SQLException {
        ask(statement, 1, "one");
    }

    @Test
    void sameQuestionIsPreparedOnce() throws SQLException {
        PreparedStatement first = used(ASK, StatementCacheTest::askOne);
        PreparedStatement second = used(ASK, statement -> ask(statement, 2, "two"));
        assertThat(second).isSameAs(first);
    }

    @Test
    void nothingOfWhoAskedBeforeIsLeft() throws SQLException {
        PreparedStatement unused = used(ASK, StatementCacheTest::askOne);
        PreparedStatement again = used(ASK, statement -> {
            try (ResultSet rows = statement.executeQuery()) {
                assertThat(rows.next()).isFalse();
            }
        });
        assertThat(again).isSameAs(unused);
    }

    @Test
    void twoAtOnceAreTwo() throws SQLException {
        try (PreparedStatement one = connection.prepareStatement(ASK);
                PreparedStatement other = connection.prepareStatement(ASK)) {
            one.setInt(1, 1);
            try (ResultSet rows = one.executeQuery()) {
                askOne(other);
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString(1)).isEqualTo("one");
            }
        }
        assertThat(used(ASK, StatementCacheTest::askOne).isClosed()).isFalse();
    }

    @Test
    void whoDidNotReadTheAnswerLeavesNoSnapshotBehind() throws SQLException {
        PreparedStatement unread = used(ASK, statement -> {
            statement.setInt(1, 1);
            assertThat(statement.execute()).isTrue();
        });
        assertThat(unread.isClosed()).isTrue();
        PreparedStatement open = used(ASK, statement -> {
            statement.setInt(1, 1);
            assertThat(statement.executeQuery().next()).isTrue();
        });
        assertThat(open.isClosed()).isTrue();
    }

    @Test
    void oneThatFailedIsNotKept() throws SQLException {
        PreparedStatement taken = used("INSERT INTO t VALUES (?, 'x')", statement -> {
            statement.setInt(1, 1);
            assertThatThrownBy(statement::executeUpdate).isInstanceOf(SQLException.class);
        });
        assertThat(taken.isClosed()).isTrue();
        PreparedStatement other = used("INSERT INTO t VALUES (?, 'x')", statement -> {
            statement.setInt(1, 3);
            assertThat(statement.executeUpdate()).isEqualTo(1);
        });
        assertThat(other.isClosed()).isFalse();
    }

    @Test
    void settingsOfOneUseAreNotAnothers() throws SQLException {
        PreparedStatement limited = used("SELECT a FROM t", statement -> {
            statement.setMaxRows(1);
            statement.executeQuery().close();
        });
        assertThat(limited.isClosed()).isTrue();
    }

    @Test
    void whatIsDoneWhenItIsPreparedIsPreparedEachTime() throws SQLException {
        PreparedStatement pragma = used(
                "PRAGMA user_version", statement -> statement.executeQuery().close());
        assertThat(pragma.isClosed()).isTrue();
    }

    @Test
    void batchIsCarriedOutOnce() throws SQLException {
        for (int a = 10; a < 30; a += 10) {
            int from = a;
            PreparedStatement unused = used("INSERT INTO t VALUES (?, 'many')", statement -> {
                for (int i = 0; i < 3; i++) {
                    statement.setInt(1, from + i);
                    statement.addBatch();
                }
                assertThat(statement.executeBatch()).containsExactly(1, 1, 1);
            });
        }
        PreparedStatement unused = used("SELECT count(*) FROM t WHERE b = 'many'", statement -> {
            try (ResultSet rows = statement.executeQuery()) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isEqualTo(6);
            }
        });
    }

    @Test
    void batchThatWasNotCarriedOutIsNobodyElses() throws SQLException {
        String sql = "INSERT INTO t VALUES (?, 'many')";
        PreparedStatement first = used(sql, statement -> {
            statement.setInt(1, 10);
            statement.addBatch();
            statement.setInt(1, 11);
            statement.addBatch();
        });
        PreparedStatement second = used(sql, statement -> {
            statement.setInt(1, 12);
            statement.addBatch();
            assertThat(statement.executeBatch()).containsExactly(1);
        });
        assertThat(second).isSameAs(first);
    }

    @Test
    void tableThatIsAnotherSinceIsTheOneThatIsRead() throws SQLException {
        PreparedStatement unused = used(ASK, StatementCacheTest::askOne);
        execute("ALTER TABLE t RENAME TO old");
        execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)");
        execute("INSERT INTO t VALUES (1, 'other')");
        PreparedStatement again = used(ASK, statement -> ask(statement, 1, "other"));
        assertThat(again).isSameAs(unused);
    }

    @Test
    void thoseNotAskedForLongestAreClosed() throws SQLException {
        PreparedStatement first = used(ASK, StatementCacheTest::askOne);
        for (int n = 0; n < StatementCache.MOST; n++) {
            assertThat(first.isClosed()).as("after %d", n).isFalse();
            PreparedStatement unused = used(
                    "SELECT " + n + " FROM t",
                    statement -> statement.executeQuery().close());
        }
        assertThat(first.isClosed()).isTrue();
    }

    @Test
    void whoeverClosedOneHasItNoMore() throws SQLException {
        PreparedStatement statement = connection.prepareStatement(ASK);
        askOne(statement);
        statement.close();
        statement.close();
        assertThat(statement.isClosed()).isTrue();
        assertThatThrownBy(() -> statement.setInt(1, 2)).isInstanceOf(SQLException.class);
        assertThat(used(ASK, StatementCacheTest::askOne).isClosed()).isFalse();
    }
}
