package org.patronvault.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
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

/** Tests of the schema's own guarantees, for any writer. Hexadecimal literals are made by {@link #bytes}. */
public abstract class SchemaContract extends DatabaseContract {

    /** Returns a literal of that many bytes: a first byte {@code firstHex}, then bytes that are all {@code hex}. */
    public abstract String bytes(String firstHex, String hex, int sizeBytes);

    private static String insert(PatronField field, String envelope) {
        return "INSERT INTO patron_value (patron, field, generation, envelope) VALUES (1, '" + field.wireName()
                + "', 1, " + envelope + ")";
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
        behindItsBack(insert(field, bytes("01", "00", 150)));
        assertThat(store.<Integer>read(
                        tx -> tx.wraps().countByKek().get(field).get(0).intValue()))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void noFieldTakesPlaintext(PatronField field) {
        assertThatThrownBy(() -> behindItsBack(insert(field, bytes("53", "6d", 200))))
                .isInstanceOf(SQLException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "02", "ff"})
    void anUnknownEnvelopeVersionIsRefused(String version) {
        assertThatThrownBy(() -> behindItsBack(insert(PatronField.NAME, bytes(version, "00", 200))))
                .isInstanceOf(SQLException.class);
    }

    @Test
    void bytesTooShortForAnEnvelopeAreRefused() {
        assertThatThrownBy(() -> behindItsBack(insert(PatronField.NAME, bytes("01", "00", 149))))
                .isInstanceOf(SQLException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'Smith'", "NULL", "42"})
    void whatIsNotBytesIsRefused(String literal) {
        assertThatThrownBy(() -> behindItsBack(insert(PatronField.NAME, literal)))
                .isInstanceOf(SQLException.class);
    }

    @Test
    void theStoreItselfCannotPutPlaintext() {
        byte[] plain = "Katherine O'Sullivan-Ng".repeat(8).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        ValueRow row = new ValueRow(Rows.patron(1, 1).id(), PatronField.NAME, 1, plain);
        assertThatThrownBy(() -> store.write(tx -> {
                    tx.patrons().insert(Rows.patron(1, 1), java.util.List.of(row));
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
                "INSERT INTO log_tile (level, position, hashes) VALUES (0, 0, ${b})",
                "INSERT INTO patron_value (patron, field, generation, envelope) VALUES (1, 'birthday', 1, ${e})",
                "INSERT INTO patron_value (patron, field, generation, envelope) VALUES (1, 'name', 0, ${e})"
            })
    void rowsOfAnotherTypeOrSizeAreRefused(String sql) {
        String filled = sql.replace("${b}", bytes("01", "00", 8)).replace("${e}", bytes("01", "00", 200));
        assertThatThrownBy(() -> behindItsBack(filled)).isInstanceOf(SQLException.class);
    }
}
