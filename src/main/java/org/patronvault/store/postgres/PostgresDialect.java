package org.patronvault.store.postgres;

import static java.util.Map.entry;

import com.zaxxer.hikari.HikariConfig;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.patronvault.core.store.sql.BinaryCopyReader;
import org.patronvault.core.store.sql.CiphertextColumns;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.MovedTable;
import org.patronvault.core.store.sql.RowCursor;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.IndexRows;

/** The PostgreSQL dialect. */
public final class PostgresDialect extends Dialect {
    public static final Dialect INSTANCE = new PostgresDialect();

    private PostgresDialect() {}

    @Override
    public DataSource dataSource(StoreSettings settings, boolean writer) {
        return PostgresUrl.of(settings.jdbcUrl()).source(settings::password);
    }

    @Override
    public DataSource schemaSource(StoreSettings settings) {
        return PostgresUrl.of(settings.jdbcUrl()).patientSource(settings::password);
    }

    @Override
    public void pool(HikariConfig config) {
        PostgresSession.pool(config);
    }

    @Override
    public Map<String, String> placeholders() {
        return Map.ofEntries(
                entry("int", "BIGINT"),
                entry("bytes", "BYTEA"),
                entry("strict", ""),
                entry("keyed", ""),
                entry("envelope", "length(envelope) > 149 AND get_byte(envelope, 0) = 1"),
                entry("one", "'\\x01'::bytea"),
                entry("zero", "'\\x0000000000000000'::bytea"),
                entry("cells", CiphertextColumns.cells("int8send(generation) || envelope")),
                entry("kekVersion", "('x' || encode(substr(envelope, 2, 4), 'hex'))::bit(32)::bigint"),
                entry("alert", alert()),
                entry("unsampled", CiphertextColumns.unsampled()),
                entry("pages", CiphertextColumns.PAGES),
                entry("inRow", CiphertextColumns.inRow()),
                entry("exchange", PostgresSession.EXCHANGE));
    }

    @Override
    public String alert() {
        return "position('\\x07000000010c'::bytea in leaf) > 0";
    }

    @Override
    public String catalogue() {
        return PostgresSession.CATALOGUE;
    }

    @Override
    public String counted() {
        return "WITH n(i) AS (SELECT generate_series(0, ? - 1))";
    }

    @Override
    public String among(String select) {
        return "= ANY (ARRAY(" + select + "))";
    }

    @Override
    public String labelled(String table) {
        // One walk through the index, for labels that it sorts itself.
        return "SELECT label, value FROM " + table + " WHERE label = ANY (ARRAY(" + counted() + " SELECT "
                + IndexRows.LABEL + " FROM n))";
    }

    @Override
    public String lockHead() {
        return "SELECT size, frontier FROM log_head WHERE one = 1 FOR UPDATE";
    }

    @Override
    public List<String> weakSettings(Connection connection, StoreSettings settings) throws SQLException {
        return PostgresDurability.weak(
                connection, PostgresUrl.of(settings.jdbcUrl()).hasStandbys());
    }

    @Override
    public List<String> remarks(Connection connection) throws SQLException {
        return PostgresDurability.remarks(connection);
    }

    @Override
    public String writing() {
        return PostgresSession.WRITING;
    }

    @Override
    public String holdIndex() {
        // Table names are the current ones, not the snapshot's. This precedes the snapshot, and keeps them.
        return "LOCK TABLE search_index IN ACCESS SHARE MODE";
    }

    @Override
    public String end() {
        return "; COMMIT";
    }

    @Override
    public boolean goesOnAfterDamage() {
        return false;
    }

    @Override
    public boolean takesTogether() {
        return true;
    }

    @Override
    public boolean takesArrays() {
        return true;
    }

    @Override
    public boolean takesCopies() {
        return true;
    }

    @Override
    public boolean liesByKey() {
        return false;
    }

    @Override
    public List<String> inPlace() {
        return List.of("SET LOCAL synchronize_seqscans = off");
    }

    @Override
    public List<String> takeIndex() {
        // A search holds it for milliseconds. A backup holds it for long and is not waited for, since searches that
        // begin during this wait must wait too.
        return List.of(
                "SET LOCAL lock_timeout = '100ms'",
                "LOCK TABLE search_index, search_index_next IN ACCESS EXCLUSIVE MODE");
    }

    @Override
    public RowCursor rows(MovedTable table, Connection connection) throws SQLException, IOException {
        return new BinaryCopyReader(table, connection);
    }

    @Override
    public void requireDurable(Connection connection) throws SQLException {
        // Such as a canceled wait for the synchronous standby: committed here, and perhaps nowhere else.
        PostgresSession.requireNoWarning(connection);
    }

    @Override
    public StoreException.Kind kindOf(SQLException e) {
        return PostgresStates.kindOf(e);
    }

    @Override
    public List<String> exchangeIndexes() {
        // It takes the owner of the tables, unlike the role that serves; see V1__vault.sql.
        return List.of("CALL exchange_search_index()");
    }

    @Override
    public String snapshots() {
        return PostgresSession.READING;
    }
}
