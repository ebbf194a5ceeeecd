package org.patronvault.patron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.access.Caller;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.StoredPatron;
import org.patronvault.testing.OpenVault;

/** What is left of an erased patron: a tombstone, dummies and a signed certificate. */
final class ErasureTest {
    private static final Caller SUPERVISOR = OpenVault.person("supervisor");
    private static OpenVault vault;

    @BeforeAll
    static void open() {
        vault = OpenVault.onSqlite();
    }

    @AfterAll
    static void close() {
        vault.close();
    }

    private static PatronId register(String card) {
        return vault.register("'card':'" + card + "','name':{'family':'F'},'phone':['203-555-0" + card.substring(1)
                + "'],'email':['" + card + "@example.org']");
    }

    private static Erasure.Certificate erase(PatronId id) {
        return vault.patrons().erasure().erase(SUPERVISOR, Optional.of(id), Optional.empty(), AuditLog.newRequest());
    }

    private static void assertNotFound(Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_FOUND));
    }

    @Test
    void erasedPatronIsLikeOneNeverThere() {
        PatronId id = register("E101");
        erase(id);
        for (String typed : List.of("E101", "203-555-0101", "E101@example.org")) {
            assertThat(vault.find(typed).hits()).isEmpty();
        }
        assertNotFound(() -> vault.reveal(id));
        assertNotFound(() -> vault.patch(id, 1, "{'status':'blocked'}"));
        assertNotFound(() -> erase(id));
        assertThat(vault.patrons().directory().holder("E101")).isEmpty();
        boolean tombstone = vault.vault().store().read(tx -> tx.patrons().everUsed(id));
        assertThat(tombstone).isTrue();
    }

    @Test
    void cardOfAnErasedPatronMayBeGivenAgain() {
        erase(register("E102"));
        PatronId next = register("E102");
        assertThat(vault.find("E102").hits()).extracting(Lookup.Hit::id).containsExactly(next);
    }

    @Test
    void indexKeepsItsSizeSoThatNothingTellsWhichEntriesWere() {
        PatronId id = register("E103");
        long before = vault.vault().store().read(tx -> tx.index().count());
        erase(id);
        long after = vault.vault().store().read(tx -> tx.index().count());
        assertThat(after).isEqualTo(before);
    }

    @Test
    void noFileOfTheDatabaseHoldsAByteOfWhatWasStored() throws Exception {
        PatronId id = register("E104");
        List<byte[]> gone = new ArrayList<>();
        try (Connection connection = vault.connect()) {
            StoredCells cells = new StoredCells(connection);
            StoredPatron stored =
                    vault.vault().store().read(tx -> tx.patrons().find(id)).orElseThrow();
            PatronVault opening = vault.patrons().vault();
            byte[] labels = opening.labels(opening.known(stored)).in(1).orElseThrow();
            for (PatronField field : PatronField.values()) {
                gone.add(cells.ofValue(id, field, "envelope").bytes());
            }
            cells.ofIndex(labels).stream()
                    .filter(c -> c.column().equals("value"))
                    .forEach(c -> gone.add(c.bytes()));
        }
        assertThat(gone)
                .hasSize(7 + 40)
                .allSatisfy(bytes -> assertThat(inFiles(bytes)).isTrue());

        erase(id);

        assertThat(gone).noneSatisfy(bytes -> assertThat(inFiles(bytes)).isTrue());
    }

    /** Whether 24 bytes from the middle, which no page break of the database is likely to cut, are in one of its files. */
    private static boolean inFiles(byte[] stored) throws java.io.IOException {
        int middle = stored.length / 2;
        String needle = text(Arrays.copyOfRange(stored, middle - 12, middle + 12));
        try (Stream<Path> files = Files.list(vault.home().database().getParent())) {
            for (Path file : files.toList()) {
                if (text(Files.readAllBytes(file)).contains(needle)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Test
    void certificateIsSignedByTheKeyItNames() throws Exception {
        PatronId id = register("E105");
        Erasure.Certificate certificate = erase(id);
        assertThat(certificate.members())
                .containsEntry("patron", id.toString())
                .containsEntry("horizonDays", 37)
                .containsEntry("keysDestroyed", "due")
                .containsEntry("entry", certificate.entry());
        byte[] key = Base64.getDecoder().decode(certificate.key());
        byte[] spki = HexFormat.of()
                .parseHex("302a300506032b6570032100" + HexFormat.of().formatHex(key, 1, key.length));
        ObjectMapper sorted = JsonMapper.builder()
                .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                .build();
        Signature ed25519 = Signature.getInstance("Ed25519");
        ed25519.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(spki)));
        ed25519.update(sorted.writeValueAsBytes(certificate.members()));
        assertThat(ed25519.verify(Base64.getDecoder().decode(certificate.signature())))
                .isTrue();
        assertThat(vault.logSince(certificate.entry()).get(0).outcome()).isEqualTo(Outcome.ERASED);
    }

    @Test
    void clerkMayNotErase() {
        PatronId id = register("E106");
        assertThatThrownBy(() -> vault.patrons()
                        .erasure()
                        .erase(
                                OpenVault.person("circulation"),
                                Optional.of(id),
                                Optional.empty(),
                                AuditLog.newRequest()))
                .isInstanceOf(Refused.class);
        assertThat(vault.find("E106").hits()).hasSize(1);
    }
}
