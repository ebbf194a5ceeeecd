package org.patronvault.custody.rotate;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditLog;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;

/** A test that a rotation over a database with a damaged index of its own ends, and ends failed. */
final class DamagedRotationTest {
    private static final String ONE = " WHERE field = 'phone' AND patron = (SELECT min(id) FROM patron)";
    private static final int KEK_DIGIT = 9;

    @AutoClose
    private final OpenVault vault = OpenVault.onSqlite();

    @Test
    void endsWhereTheIndexHasAValueUnderAKekThatItHasLeft() throws SQLException {
        vault.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(3), false, n -> {});
        assertThat(rotate().state()).isEqualTo(Operation.DONE);
        String now = phone();
        String before = now.substring(0, KEK_DIGIT) + "1" + now.substring(KEK_DIGIT + 1);
        assertThat(now.charAt(KEK_DIGIT)).isEqualTo('2');
        vault.whileStopped(() -> vault.runAll(List.of(set(before))));
        vault.unseenBy("patron_value_kek", set(now));

        assertThat(rotate().state()).isEqualTo(Operation.FAILED);
        assertThat(vault.find("N1").hits()).isNotEmpty();
    }

    private static String set(String hex) {
        return "UPDATE patron_value SET envelope = x'" + hex + "'" + ONE;
    }

    private String phone() throws SQLException {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT envelope FROM patron_value" + ONE)) {
            assertThat(row.next()).isTrue();
            return HexFormat.of().formatHex(row.getBytes(1));
        }
    }

    private Operation rotate() {
        String id = vault.vault()
                .rotations()
                .begin(OpenVault.person("custodian"), "phone", 0, Optional::empty, AuditLog.newRequest())
                .get(0)
                .id();
        return vault.vault().operations().await(id);
    }
}
