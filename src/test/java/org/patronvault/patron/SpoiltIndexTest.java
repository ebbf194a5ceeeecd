package org.patronvault.patron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.testing.OpenVault;

/** Tests that an index altered outside the vault shows no patron, and raises an alert at once. */
final class SpoiltIndexTest {
    private static final String KEEP = "CREATE TABLE kept AS SELECT label, value FROM search_index";

    private OpenVault vault;
    private PatronId patron;

    @BeforeEach
    void open() {
        vault = OpenVault.onSqlite();
        patron = vault.register("'card':'S1','name':{'family':'Weatherby','given':'Ann'}");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private void write(String sql) {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // A value moved to another label.
                "UPDATE search_index SET value = (SELECT value FROM kept WHERE kept.label > search_index.label"
                        + " ORDER BY label LIMIT 1) WHERE label < (SELECT max(label) FROM kept)",
                // Old entries restored, which a change of the name has since turned into dummies.
                "UPDATE search_index SET value = (SELECT value FROM kept WHERE kept.label = search_index.label)"
                        + " WHERE label IN (SELECT label FROM kept)"
            })
    void valueThatWasMovedOrPutBackIsRefusedAndAlerted(String spoils) {
        write(KEEP);
        vault.patch(patron, 1, "{'name':{'given':'Bea'}}");
        write(spoils);
        long from = vault.logSize();

        assertThatThrownBy(() -> vault.find("Weatherby, Ann", Set.of())).isInstanceOf(IntegrityException.class);

        List<AccessEvent> entries = vault.logSince(from);
        assertThat(entries).extracting(AccessEvent::outcome).containsExactly(Outcome.FAILED, Outcome.ALERT);
        assertThat(entries.get(1).about()).contains("not-as-written");
        assertThat(entries).allSatisfy(entry -> assertThat(entry.subjects()).isEmpty());
    }
}
