package org.patronvault.core.keys.ring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.patronvault.core.crypto.EnvelopeContext;
import org.patronvault.core.crypto.IndependentReader;
import org.patronvault.core.model.PatronId;
import org.patronvault.testing.OpenVault;

/** A test that reads stored values from a vault's database by format.md, with the JDK's ciphers only. */
class StoredValueByHandTest {

    @Test
    void aStoredNameAndPhoneReadByHandAreWhatWasRegistered() throws Exception {
        try (OpenVault vault = OpenVault.onSqlite()) {
            PatronId id = vault.register(
                    "'card':'21234000000018','name':{'family':'García','given':'Inés'},'phone':['203-555-0143']");
            assertThat(read(vault, id, "name")).containsExactly("García", "Inés", "", "", "");
            assertThat(read(vault, id, "phone")).containsExactly("+12035550143");
            assertThat(read(vault, id, "email")).isEmpty();
        }
    }

    private static List<String> read(OpenVault vault, PatronId id, String field) throws Exception {
        UnsealedKeys keys = vault.vault().custody().keys();
        byte[] kek = keys.ring().primary(field).secret();
        try (Connection connection = vault.connect();
                PreparedStatement query = connection.prepareStatement(
                        "SELECT generation, envelope FROM cell WHERE patron = ? AND field = ?")) {
            query.setLong(1, id.number());
            query.setString(2, field);
            try (ResultSet row = query.executeQuery()) {
                assertThat(row.next()).isTrue();
                EnvelopeContext context = new EnvelopeContext(
                        keys.vaultId(), field, id.toString(), row.getLong("generation"), new byte[0]);
                return texts(IndependentReader.envelope(kek, context, row.getBytes("envelope"))
                        .value());
            }
        }
    }

    /** A value: how many texts, then each as its length in two bytes and UTF-8. */
    private static List<String> texts(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        int count = in.get();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] text = new byte[in.getShort()];
            in.get(text);
            texts.add(new String(text, UTF_8));
        }
        assertThat(in.hasRemaining()).isFalse();
        return texts;
    }
}
