package org.patronvault.patron.erasure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.vault.Residue;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;

/** Tests of the remains of an erased patron: a tombstone, dummies and a signed certificate. */
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

    private static ErasureCertificate erase(PatronId id) {
        return vault.erase(id);
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
    void certificateIsSignedByTheKeyItNames() throws Exception {
        PatronId id = register("E105");
        ErasureCertificate certificate = erase(id);
        assertThat(certificate.members())
                .containsEntry("patron", id.toString())
                .containsEntry("horizonDays", 37)
                .containsEntry("keysDestroyed", "due")
                .containsEntry("by", "p-supervisor")
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
                                Erasure.Requester.alone(OpenVault.person("circulation")),
                                Optional.of(id),
                                Optional.empty(),
                                AuditLog.newRequest()))
                .isInstanceOf(Refused.class);
        assertThat(vault.find("E106").hits()).hasSize(1);
    }

    @Test
    void noFileOfTheHomeHoldsSixteenBytesOfWhatWasStored() {
        PatronId id = register("E107");
        Residue residue = Residue.of(vault, id, Residue.everything());
        Path home = vault.home().directory();
        assertThat(residue.placesIn(home)).isGreaterThan(2_500);
        erase(id);
        assertThat(residue.placesIn(home)).isZero();
    }

    @Test
    void aReaderInTheWayDelaysTheClearingAndNotTheErasure() throws Exception {
        PatronId id = register("E108");
        Residue residue = Residue.of(vault, id, Residue.everything());
        Path home = vault.home().directory();
        try (Connection reader = vault.connect();
                Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            try (ResultSet held = statement.executeQuery("SELECT count(*) FROM cell")) {
                assertThat(held.next()).isTrue();
                erase(id);
                assertNotFound(() -> vault.reveal(id));
            }
            reader.rollback();
        }
        Awaitility.await().until(() -> residue.placesIn(home) == 0);
    }

    private static ErasureCertificate eraseField(Caller by, PatronId id, String field) {
        return vault.patrons()
                .erasure()
                .eraseField(
                        Erasure.Requester.alone(by), Optional.of(id), field, Optional.empty(), AuditLog.newRequest())
                .certificate()
                .orElseThrow();
    }

    @Test
    void oneFieldGoesWithWhatTheIndexHadOfItAndTheRestStays() {
        PatronId id = register("E109");
        Residue residue = Residue.of(vault, id, PatronField.PHONE, PatronField.LABELS);
        long entry = vault.logSize();

        ErasureCertificate certificate = eraseField(SUPERVISOR, id, "phone");

        assertThat(certificate.members()).containsEntry("field", "phone").containsEntry("patron", id.toString());
        assertThat(certificate.entry()).isEqualTo(entry + 1);
        assertThat(residue.placesIn(vault.home().directory())).isZero();
        assertThat(vault.find("203-555-0109").hits()).isEmpty();
        assertThat(vault.reveal(id).phone()).contains(List.of());
        assertThat(vault.reveal(id).email()).contains(List.of("E109@example.org"));
        assertThat(vault.find("E109@example.org").hits()).hasSize(1);
        AccessEvent written = vault.logSince(entry + 1).get(0);
        assertThat(written.act()).isEqualTo(ActKind.ERASE);
        assertThat(written.outcome()).isEqualTo(Outcome.WRITTEN);
        assertThat(vault.vault()
                        .check()
                        .run(OpenVault.person("custodian"), Progress.UNSEEN)
                        .listed())
                .isEmpty();
    }

    @Test
    void onlyAddressPhoneAndEmailGoAloneAndOnlyForWhomMayErase() {
        PatronId id = register("E110");
        for (String field : List.of("name", "card", "meta", "labels", "birthday", "", "address")) {
            assertNotFound(() -> eraseField(SUPERVISOR, id, field));
        }
        assertThatThrownBy(() -> eraseField(OpenVault.person("circulation"), id, "phone"))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_ALLOWED));
        assertThat(vault.find("203-555-0110").hits()).hasSize(1);
    }

    private static ErasureCertificate again(Caller by, PatronId id) {
        return vault.patrons().erasures().certificate(by, Optional.of(id), AuditLog.newRequest());
    }

    @Test
    void theCertificateIsMadeOutAgainForWhomMayErase() {
        PatronId id = register("E111");
        ErasureCertificate first = erase(id);
        assertThat(again(OpenVault.person("privacy-officer"), id)).isEqualTo(first);
        assertThatThrownBy(() -> again(OpenVault.person("circulation"), id))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_ALLOWED));
        PatronId here = register("E112");
        assertNotFound(() -> again(SUPERVISOR, here));
        assertNotFound(() -> again(SUPERVISOR, new PatronId(4711)));
    }
}
