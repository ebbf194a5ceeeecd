package org.patronvault.store;

import com.zaxxer.hikari.HikariConfig;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** The PostgreSQL dialect. */
final class PostgresDialect extends Dialect {
    static final Dialect INSTANCE = new PostgresDialect();

    private PostgresDialect() {}

    @Override
    DataSource dataSource(StoreSettings settings, boolean writer) {
        return PostgresUrl.of(settings.jdbcUrl()).source(settings::password);
    }

    @Override
    DataSource schemaSource(StoreSettings settings) {
        return PostgresUrl.of(settings.jdbcUrl()).patientSource(settings::password);
    }

    @Override
    void pool(HikariConfig config) {
        PostgresSession.pool(config);
    }

    @Override
    Map<String, String> placeholders() {
        return Map.of(
                "int", "BIGINT",
                "bytes", "BYTEA",
                "strict", "",
                "keyed", "",
                "envelope", "length(envelope) > 149 AND get_byte(envelope, 0) = 1",
                "alert", alert(),
                "unsampled", CiphertextColumns.unsampled(),
                "exchange", PostgresSession.EXCHANGE);
    }

    @Override
    String alert() {
        return "position('\\x07000000010c'::bytea in leaf) > 0";
    }

    @Override
    String catalogue() {
        return PostgresSession.CATALOGUE;
    }

    @Override
    String counted() {
        return "WITH n(i) AS (SELECT generate_series(0, ? - 1))";
    }

    @Override
    String among(String select) {
        return "= ANY (ARRAY(" + select + "))";
    }

    @Override
    String labelled(String table, String columns) {
        // One walk through the index, for labels that it sorts itself.
        return "SELECT label, value FROM " + table + " WHERE " + columns + " = ANY (ARRAY(" + counted() + " SELECT "
                + IndexRows.LABEL + " FROM n))";
    }

    @Override
    String lockHead() {
        return "SELECT size, frontier FROM log_head WHERE one = 1 FOR UPDATE";
    }

    @Override
    List<String> weakSettings(Connection connection, StoreSettings settings) throws SQLException {
        return PostgresDurability.weak(
                connection, PostgresUrl.of(settings.jdbcUrl()).hasStandbys());
    }

    @Override
    List<String> remarks(Connection connection) throws SQLException {
        return PostgresDurability.remarks(connection);
    }

    @Override
    String untidied(int mebibytes) {
        return PostgresSession.WRITING;
    }

    @Override
    String holdIndex() {
        // Table names are the current ones, not the snapshot's. This precedes the snapshot, and keeps them.
        return "LOCK TABLE search_index IN ACCESS SHARE MODE";
    }

    @Override
    String end() {
        return "; COMMIT";
    }

    @Override
    boolean takesTogether() {
        return true;
    }

    @Override
    boolean takesArrays() {
        return true;
    }

    @Override
    boolean takesCopies() {
        return true;
    }

    @Override
    boolean liesByKey() {
        return false;
    }

    @Override
    List<String> inPlace() {
        return List.of("SET LOCAL synchronize_seqscans = off");
    }

    @Override
    List<String> takeIndex() {
        // A search holds it for milliseconds. A backup holds it for long and is not waited for, since searches that
        // begin during this wait must wait too.
        return List.of(
                "SET LOCAL lock_timeout = '100ms'",
                "LOCK TABLE search_index, search_index_next IN ACCESS EXCLUSIVE MODE");
    }

    @Override
    RowCursor rows(MovedTable table, Connection connection) throws SQLException, IOException {
        return new BinaryCopyReader(table, connection);
    }

    @Override
    void requireDurable(Connection connection) throws SQLException {
        // Such as a canceled wait for the synchronous standby: committed here, and perhaps nowhere else.
        PostgresSession.requireNoWarning(connection);
    }

    @Override
    StoreException.Kind kindOf(SQLException e) {
        return PostgresStates.kindOf(e);
    }

    @Override
    List<String> exchangeIndexes() {
        // It takes the owner of the tables, unlike the role that serves; see V1__vault.sql.
        return List.of("CALL exchange_search_index()");
    }

    @Override
    String snapshots() {
        return PostgresSession.READING;
    }
}
