package org.patronvault.core.store.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.patronvault.store.postgres.PostgresStates;
import org.patronvault.store.sqlite.SqliteDialect;

/**
 * Tests of the meaning of database failures. Codes of SQLite: sqlite.org/rescode.html; states of PostgreSQL: appendix
 * A.
 */
final class FailureKindsTest {
    private static StoreException.Kind ofSqlite(SQLException e) {
        return SqliteDialect.INSTANCE.kindOf(e);
    }

    @ParameterizedTest
    @CsvSource({
        "5, BUSY",
        "6, BUSY",
        "517, BUSY",
        "14, BUSY",
        "1038, BUSY",
        "8, BROKEN",
        "10, BROKEN",
        "522, BROKEN",
        "1034, BROKEN",
        "15, BROKEN",
        "11, DAMAGED",
        "26, DAMAGED",
        "13, FULL",
        "1, FAILED",
        "19, FAILED"
    })
    void codeOfSqliteMeans(int code, StoreException.Kind kind) {
        assertThat(ofSqlite(new SQLException("", "", code))).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({
        "no such table: patron, DAMAGED",
        "no such column: p.expires, DAMAGED",
        "no such index: patron_kind, DAMAGED",
        "no such function: lgngth, DAMAGED",
        "table vault_fact already exists, DAMAGED",
        "unknown function: lgngth(), DAMAGED",
        "no such collation sequence: BINBRY, DAMAGED",
        "table patron has no column named expires, DAMAGED",
        "ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint, DAMAGED",
        "no such savepoint: unit, FAILED",
        "integer overflow, FAILED"
    })
    void wordsOfSqliteMean(String words, StoreException.Kind kind) {
        String message = "[SQLITE_ERROR] SQL error or missing database (" + words + ")";
        assertThat(ofSqlite(new SQLException(message, "", 1))).isEqualTo(kind);
        assertThat(ofSqlite(new SQLException(message, "", 19))).isEqualTo(StoreException.Kind.FAILED);
    }

    @ParameterizedTest
    @CsvSource({
        "53100, FULL",
        "58030, DAMAGED",
        "XX001, DAMAGED",
        "XX002, DAMAGED",
        "40001, BUSY",
        "55P03, BUSY",
        "08006, UNKNOWN",
        "57P01, UNKNOWN",
        "25006, UNKNOWN",
        "23505, FAILED"
    })
    void stateOfPostgresMeans(String state, StoreException.Kind kind) {
        assertThat(PostgresStates.kindOf(new SQLException("", state))).isEqualTo(kind);
    }

    @Test
    void poolWithoutAFreeConnectionIsBusyUnlessNoneCanBeMade() {
        SQLException exhausted = new SQLTransientConnectionException("");
        assertThat(ofSqlite(exhausted)).isEqualTo(StoreException.Kind.BUSY);
        SQLException broken = new SQLTransientConnectionException("", new SQLException("", "", 10));
        assertThat(ofSqlite(broken)).isEqualTo(StoreException.Kind.BROKEN);
    }
}
