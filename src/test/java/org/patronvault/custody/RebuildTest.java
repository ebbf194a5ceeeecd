package org.patronvault.custody;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.patronvault.audit.AuditLog;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.model.Purpose;
import org.patronvault.patron.Lookup;
import org.patronvault.patron.SearchQuery;
import org.patronvault.testing.OpenVault;

/** {@link RebuildContract} on SQLite, and what only there is asked. */
final class RebuildTest extends RebuildContract {
    @Override
    OpenVault open() {
        return OpenVault.onSqlite();
    }

    @Test
    void fieldWhoseKeyIsDestroyedIsLeftOutAndCountedAndTheRestIsIndexed() throws SQLException {
        PatronId id = find("N5").get(0);
        byte[] old = envelope(id);
        Operation rotated = vault.vault()
                .rotations()
                .begin(OpenVault.person("custodian"), "email", 0, Optional::empty, AuditLog.newRequest())
                .get(0);
        vault.vault().operations().await(rotated.id());
        putBack(id, old);
        vault.destroy("email", 1);

        Operation ended = rebuild();

        assertThat(ended.state()).isEqualTo(Operation.DONE);
        assertThat(ended.failed()).isEqualTo(1);
        assertThat(count("search_index")).isEqualTo(ended.total() * 40);
        Lookup.Found byCard = foundWithoutOpening("N5");
        assertThat(byCard.hits())
                .singleElement()
                .satisfies(hit -> assertThat(hit.id()).isEqualTo(id));
        assertThat(foundWithoutOpening("n5@example.org").hits()).isEmpty();
        assertThat(find("n6@example.org")).hasSize(1);
    }

    private Lookup.Found foundWithoutOpening(String typed) {
        SearchQuery query = new SearchQuery(
                Optional.of(typed),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(Purpose.ACCOUNT_SERVICE),
                Lookup.MAX_RESULTS,
                Set.of(),
                Optional.empty());
        return AuditLog.await(
                vault.patrons().lookup().find(OpenVault.person("circulation"), query, AuditLog.newRequest()));
    }

    private byte[] envelope(PatronId id) {
        return vault.vault()
                .store()
                .read(tx -> tx.patrons().find(id))
                .orElseThrow()
                .value(PatronField.EMAIL)
                .orElseThrow()
                .envelope();
    }

    private void putBack(PatronId id, byte[] envelope) throws SQLException {
        try (Connection connection = vault.connect();
                PreparedStatement update = connection.prepareStatement(
                        "UPDATE patron_value SET envelope = ? WHERE patron = ? AND field = 'email'")) {
            update.setBytes(1, envelope);
            update.setLong(2, id.number());
            assertThat(update.executeUpdate()).isEqualTo(1);
        }
    }

    @Test
    void rebuildThatWasInterruptedIsResumed() throws SQLException {
        Operation begun = begin();
        vault.restart();
        assertThat(vault.vault().operations().await(begun.id()).state()).isEqualTo(Operation.DONE);
        assertThat(count("search_index_next")).isZero();
        assertThat(numbers().mapToObj(n -> find("N" + n)))
                .allSatisfy(found -> assertThat(found).hasSize(1));
    }
}
