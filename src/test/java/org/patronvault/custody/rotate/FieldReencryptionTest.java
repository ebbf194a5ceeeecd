package org.patronvault.custody.rotate;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.testing.OpenVault;

/** The tests of {@link FieldReencryptionContract} on SQLite, with those for SQLite only. */
final class FieldReencryptionTest extends FieldReencryptionContract {
    @Override
    OpenVault open() {
        return OpenVault.onSqlite();
    }

    @ParameterizedTest
    @EnumSource(PatronField.class)
    void valuesOfEveryFieldAreSealedAgain(PatronField field) {
        assertSealedAgain(field);
    }

    @Test
    void interruptedOneGoesOnWhereItWas() {
        Operation begun = begin("custodian", "phone", 10).get(0);
        vault.vault().operations().await(begun.id(), now -> {
            if (now.done() > 0 && now.isRunning()) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(Thread.interrupted()).isTrue();
        vault.restart();
        Operation there = vault.vault().operations().find(begun.id());
        assertThat(there.done()).isBetween(1L, PATRONS - 1L);
        hurry(begun);
        Operation ended = await(begun);
        assertThat(ended.state()).isEqualTo(Operation.DONE);
        assertThat(ended.done()).isEqualTo(PATRONS);
        assertThat(rows().values())
                .allSatisfy(now -> assertThat(
                                now.value(PatronField.PHONE).orElseThrow().generation())
                        .isEqualTo(2));
    }

    @Test
    void valueThatDoesNotAuthenticateIsLeftAndCountedAndTheOthersAreSealedAgain() throws SQLException {
        PatronId broken = find("N5");
        byte[] envelope =
                rows().get(broken).value(PatronField.PHONE).orElseThrow().envelope();
        envelope[envelope.length - 1] ^= 1;
        put(broken, "phone", envelope);

        Operation ended = reencrypt("phone");

        assertThat(ended.state()).isEqualTo(Operation.FAILED);
        assertThat(ended.failed()).isEqualTo(1);
        assertThat(ended.done()).isEqualTo(PATRONS - 1);
        Map<PatronId, StoredPatron> after = rows();
        assertThat(after.get(broken).value(PatronField.PHONE).orElseThrow().envelope())
                .isEqualTo(envelope);
        assertOpens(6);
    }

    @Test
    void brokenMetaIsLeftAndCountedToo() throws SQLException {
        PatronId broken = find("N5");
        byte[] envelope =
                rows().get(broken).value(PatronField.META).orElseThrow().envelope();
        envelope[envelope.length - 1] ^= 1;
        put(broken, "meta", envelope);
        for (String field : new String[] {"phone", "meta"}) {
            Operation ended = reencrypt(field);
            assertThat(ended.state()).isEqualTo(Operation.FAILED);
            assertThat(ended.failed()).isEqualTo(1);
            assertThat(ended.done()).isEqualTo(PATRONS - 1);
        }
    }

    private void put(PatronId id, String field, byte[] envelope) throws SQLException {
        try (Connection connection = vault.connect();
                PreparedStatement update =
                        connection.prepareStatement("UPDATE cell SET envelope = ? WHERE patron = ? AND field = ?")) {
            update.setBytes(1, envelope);
            update.setLong(2, id.number());
            update.setString(3, field);
            update.execute();
        }
    }
}
