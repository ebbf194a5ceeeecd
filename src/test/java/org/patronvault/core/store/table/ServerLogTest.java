package org.patronvault.core.store.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.Postgres;

/** Tests with a server that logs every statement: its log reveals nothing of a patron, not even in errors. */
final class ServerLogTest {
    private static final String CARD = "CANARY77310";
    private static final String BROKEN = "5ee5c0ffee5ee5";

    private static Postgres.Apart server;
    private static OpenVault vault;

    @BeforeAll
    static void begin() {
        server = Postgres.apart(
                Map.of("log_statement", "all", "log_parameter_max_length", "0", "log_min_error_statement", "debug5"));
        vault = OpenVault.onPostgres(server.freshDatabase("vault"));
    }

    @AfterAll
    static void end() {
        if (vault != null) {
            vault.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @Test
    void nothingOfAPatronStandsInItWhateverIsRefused() {
        String draft = "'card':'" + CARD + "','name':{'family':'Quetzalcanary','given':'Ottoline'},"
                + "'email':['ottoline@canary.example'],'phone':['203-555-0177']";
        PatronId id = vault.register(draft);
        assertThatThrownBy(() -> vault.register(draft)).isInstanceOf(Refused.class);
        assertThat(vault.find(CARD).hits()).hasSize(1);
        assertThat(vault.reveal(id).cards()).contains(List.of(CARD));
        Store store = vault.vault().store();
        StoredPatron stored = store.read(tx -> tx.patrons().find(id)).orElseThrow();
        IndexRows.Entries entries = store.read(tx -> tx.index().after(java.util.Optional.empty(), 20))
                .entries();
        assertThat(entries.size()).isPositive();
        // A label twice, a patron twice, and a value that is no envelope, or was cut.
        store.write(tx -> {
            assertThat(tx.index().insert(List.of(entries.copy()))).isZero();
            return null;
        });
        assertThatThrownBy(() -> store.write(tx -> {
                    tx.patrons().insert(List.of(stored));
                    return null;
                }))
                .isInstanceOf(StoreException.class);
        byte[] envelope = stored.values().get(PatronField.NAME).envelope();
        byte[] noEnvelope = envelope.clone();
        System.arraycopy(HexFormat.of().parseHex(BROKEN), 0, noEnvelope, 0, BROKEN.length() / 2);
        for (byte[] broken : List.of(noEnvelope, Arrays.copyOf(envelope, 20))) {
            ValueRow row = new ValueRow(id, PatronField.NAME, 2, broken);
            assertThatThrownBy(() -> store.write(tx -> tx.patrons().update(stored, stored.row(), List.of(row))))
                    .isInstanceOf(StoreException.class);
        }
        vault.erase(id);
        IndexRows.Entries copied = new IndexRows.Entries(SecureBytes.random(160), SecureBytes.random(320));
        store.write(tx -> {
            tx.bulk().entries(List.of(copied));
            return null;
        });

        String log = server.log();
        assertThat(log)
                .as("it is the log of these statements, errors included")
                .contains("INSERT INTO patron")
                .contains("DELETE FROM patron")
                .contains("COPY search_index")
                .contains("duplicate key value");
        String small = log.toLowerCase(Locale.ROOT);
        Stream.of(CARD, "Quetzalcanary", "Ottoline", "canary.example", "2035550177", "203-555-0177", BROKEN)
                .flatMap(word -> Stream.of(word, HexFormat.of().formatHex(word.getBytes(StandardCharsets.UTF_8))))
                .map(word -> word.toLowerCase(Locale.ROOT))
                .forEach(word -> assertThat(small.contains(word)).as(word).isFalse());
        for (IndexRows.Entries written : List.of(entries, copied)) {
            for (int i = 0; i < written.size(); i++) {
                assertThat(small.contains(HexFormat.of().formatHex(written.label(i))))
                        .as("a label")
                        .isFalse();
            }
        }
        assertThat(small.contains(HexFormat.of().formatHex(envelope, 0, 16)))
                .as("an envelope")
                .isFalse();
    }
}
