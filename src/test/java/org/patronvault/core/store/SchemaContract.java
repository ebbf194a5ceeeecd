package org.patronvault.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.table.DatabaseContract;
import org.patronvault.core.store.table.Rows;
import org.patronvault.core.store.table.ValueRow;

/** Tests of the schema's own guarantees, for any writer. */
public abstract class SchemaContract extends DatabaseContract {

    /** Returns the literal of these bytes. */
    public abstract String literal(String hex);

    /** Returns a literal of that many bytes: a first byte {@code firstHex}, then bytes that are all {@code hex}. */
    private String bytes(String firstHex, String hex, int sizeBytes) {
        return literal(firstHex + hex.repeat(sizeBytes - 1));
    }

    /** Returns the statement that puts a cell with its first eight bytes into a patron's row. */
    private static String update(PatronField field, String cell) {
        return "UPDATE patron SET " + field.wireName() + " = " + cell;
    }

    /** Returns a literal of a cell: its generation, and an envelope of a first byte and of bytes that are all alike. */
    private String cell(int generation, String firstHex, String hex, int sizeBytes) {
        return literal("%016x".formatted(generation) + firstHex + hex.repeat(sizeBytes - 1));
    }

    @Test
    void openingTwiceChangesNothing() {
        Rows.put(store, 1, 1);
        store.close();
        store = Store.open(settings);
        store.close();
        store = Store.open(settings);
        assertThat(store.<Long>read(tx -> tx.patrons().count())).isEqualTo(1);
    }

    @Test
    void schemaOfALaterVersionIsRefused() throws SQLException {
        behindItsBack("INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum,"
                + " installed_by, execution_time, success) VALUES (99, '99', 'later', 'SQL', 'V99__later.sql', 1,"
                + " 'x', 1, TRUE)");
        assertThatThrownBy(() -> Store.open(settings)).isInstanceOf(Refused.class);
    }

    @Test
    void schemaThatWasEditedIsRefused() throws SQLException {
        behindItsBack("UPDATE flyway_schema_history SET checksum = 1 WHERE version = '1'");
        assertThatThrownBy(() -> Store.open(settings)).isInstanceOf(Refused.class);
    }

    @ParameterizedTest
    @EnumSource
    void everyFieldTakesAnEnvelope(PatronField field) throws SQLException {
        Rows.put(store, 1, 1);
        behindItsBack(update(field, cell(1, "01", "00", 150)));
        assertThat(store.<Map<Integer, Long>>read(tx -> tx.wraps().countByKek().get(field)))
                .isEqualTo(Map.of(0, 1L));
    }

    @ParameterizedTest
    @EnumSource
    void noFieldTakesPlaintext(PatronField field) {
        refused(update(field, cell(1, "53", "6d", 200)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "02", "ff"})
    void anUnknownEnvelopeVersionIsRefused(String version) {
        refused(update(PatronField.NAME, cell(1, version, "00", 200)));
    }

    @Test
    void bytesTooShortForAnEnvelopeAreRefused() {
        refused(update(PatronField.NAME, cell(1, "01", "00", 149)));
    }

    @Test
    void cellWithoutAGenerationIsRefused() {
        refused(update(PatronField.NAME, cell(0, "01", "00", 200)));
    }

    private void refused(String sql) {
        Rows.put(store, 1, 1);
        assertThatThrownBy(() -> behindItsBack(sql)).isInstanceOf(SQLException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'Smith'", "NULL", "42"})
    void whatIsNotBytesIsRefused(String literal) {
        refused(update(PatronField.NAME, literal));
    }

    @Test
    void theStoreItselfCannotPutPlaintext() {
        byte[] plain = "Katherine O'Sullivan-Ng".repeat(8).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        List<ValueRow> rows = Rows.values(1, 1);
        rows.replaceAll(
                row -> row.field() == PatronField.NAME ? new ValueRow(row.patron(), PatronField.NAME, 1, plain) : row);
        assertThatThrownBy(() -> store.write(tx -> {
                    tx.patrons().insert(Rows.patron(1, 1), rows);
                    return null;
                }))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.FAILED))
                .hasMessageNotContaining("Katherine")
                .hasMessageNotContaining("patron")
                .hasNoCause();
        assertThat(store.<Long>read(tx -> tx.patrons().count())).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO patron_tombstone (id, version) VALUES ('twelve', 2)",
                "INSERT INTO patron_tombstone (id, version) VALUES (12, 1)",
                "INSERT INTO log_head (one, size, frontier) VALUES (2, 0, ${b})",
                "INSERT INTO log_head (one, size, frontier) VALUES (1, 'many', ${b})",
                "INSERT INTO search_index (label, value) VALUES (${b}, ${b})",
                "INSERT INTO authority (kind, name, generation, body, mac) VALUES ('a', 'b', 1, 'c', ${b})",
                "INSERT INTO log_tile (level, position, hashes) VALUES (0, 0, ${b})"
            })
    void rowsOfAnotherTypeOrSizeAreRefused(String sql) {
        String filled = sql.replace("${b}", bytes("01", "00", 8));
        assertThatThrownBy(() -> behindItsBack(filled)).isInstanceOf(SQLException.class);
    }
}
