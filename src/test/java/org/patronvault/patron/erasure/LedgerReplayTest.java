package org.patronvault.patron.erasure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.keys.LedgerLine;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.patron.record.ErasureRequests;
import org.patronvault.testing.OpenVault;

/** Tests of what keys/ remembers when an older copy of the database is restored. */
final class LedgerReplayTest {
    private static final Caller SUPERVISOR = OpenVault.person("supervisor");

    @TempDir
    private Path directory;

    private OpenVault vault;
    private PatronId ann;
    private PatronId bob;
    private PatronId cid;

    @BeforeEach
    void registerThree() {
        vault = OpenVault.onSqlite();
        ann = vault.register("'card':'A1','name':{'family':'Ann'}");
        bob = vault.register("'card':'B1','name':{'family':'Bob'}");
        cid = vault.register("'card':'C1','name':{'family':'Cid'}");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private Path data() {
        return vault.home().database().getParent();
    }

    private Path ledger() {
        return vault.home().keys().resolve("ledger");
    }

    private long erase(PatronId id) {
        return vault.erase(id).entry();
    }

    private void says(PatronId id, boolean given) {
        vault.say(id, "service", given);
    }

    private boolean isWithdrawn(PatronId id) {
        return vault.patrons()
                .consenting()
                .read(SUPERVISOR, Optional.of(id), AuditLog.newRequest())
                .consents()
                .isWithdrawn();
    }

    private void assertGone(PatronId id, String card) {
        assertThatThrownBy(() -> vault.reveal(id))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_FOUND));
        assertThat(vault.find(card).hits()).isEmpty();
    }

    private static void edit(Edit edit) {
        try {
            edit.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Edit {
        void run() throws IOException;
    }

    @Test
    void whoWasErasedIsInTheLedgerWithTheCertificatesEntryWhenTheCertificateIsHandedOut() throws IOException {
        long entry = erase(ann);
        assertThat(Files.readAllLines(ledger())).anyMatch(line -> line.startsWith("erased " + ann + " " + entry + " "));
    }

    @Test
    void inADatabaseThatWasPutBackWhoWasErasedIsErasedAgainBeforeAnybodyIsServed() {
        vault.keep(data(), directory.resolve("data"));
        erase(ann);
        PatronId dan = vault.register("'card':'D1','name':{'family':'Dan'}");
        erase(dan);

        vault.putBackAndAccept(data(), directory.resolve("data"));

        assertGone(ann, "A1");
        assertThat(vault.find("B1").hits()).hasSize(1);
        boolean everUsed = vault.vault().store().read(tx -> tx.patrons().everUsed(dan));
        assertThat(everUsed).as("an id is never given twice").isTrue();
        assertThat(vault.logSince(0)).anySatisfy(event -> {
            assertThat(event.outcome()).isEqualTo(Outcome.ERASED);
            assertThat(event.actor()).isEqualTo(Actor.VAULT);
            assertThat(event.subjects()).extracting("patron").contains(ann, dan);
        });
        assertThat(vault.vault()
                        .check()
                        .run(OpenVault.person("custodian"), (what, done, of) -> {})
                        .listed())
                .isEmpty();
    }

    @Test
    void itIsMadeGoodOnceAndNotAtEachStart() {
        vault.keep(data(), directory.resolve("data"));
        erase(ann);
        vault.putBackAndAccept(data(), directory.resolve("data"));
        long entries = vault.logSince(0).stream()
                .filter(event -> event.act() == ActKind.ERASE)
                .count();
        vault.restart();
        assertThat(vault.logSince(0).stream().filter(event -> event.act() == ActKind.ERASE))
                .hasSize((int) entries);
        assertThat(vault.vault().log().ledger().due()).isEmpty();
    }

    @Test
    void whoTookTheConsentBackHasItTakenBackUnlessItWasGivenAgain() {
        vault.keep(data(), directory.resolve("data"));
        says(ann, false);
        says(bob, false);
        says(bob, true);
        says(cid, false);
        erase(cid);

        vault.putBackAndAccept(data(), directory.resolve("data"));

        assertThat(isWithdrawn(ann)).isTrue();
        assertThat(isWithdrawn(bob)).isFalse();
        assertGone(cid, "C1");
        assertThat(vault.patrons().erasures().asked(SUPERVISOR, AuditLog.newRequest()))
                .extracting(ErasureRequests.PendingRequest::patron)
                .containsExactly(ann);
    }

    @Test
    void whoWasForgottenAtAVendorIsForgottenThereThoughTheDatabaseIsOfBefore() {
        List.of("films", "books").forEach(vault::addVendor);
        vault.forget(bob, "films");
        vault.keep(data(), directory.resolve("data"));
        String old = vault.subject("films", "A1");
        String elsewhere = vault.subject("books", "A1");
        vault.forget(ann, "films");
        vault.forget(ann, "films");
        vault.forget(cid, "films");
        erase(cid);
        vault.addVendor("music");
        vault.forget(bob, "music");
        String anns = vault.subject("films", "A1");
        String bobs = vault.subject("films", "B1");
        String music = vault.subject("music", "B1");

        vault.putBackAndAccept(data(), directory.resolve("data"));

        assertThat(vault.subject("films", "A1")).isEqualTo(anns).isNotEqualTo(old);
        assertThat(vault.subject("books", "A1")).isEqualTo(elsewhere);
        assertThat(vault.subject("films", "B1")).isEqualTo(bobs);
        assertThat(vault.subject("music", "B1"))
                .as("of a vendor the database does not know")
                .isEqualTo(music);
        assertGone(cid, "C1");
        List<AccessEvent> again = vault.logSince(0).stream()
                .filter(event -> event.act() == ActKind.FORGET && event.actor().equals(Actor.VAULT))
                .toList();
        assertThat(again)
                .hasSize(2)
                .allSatisfy(event -> assertThat(event.about()).isEmpty());
        assertThat(again)
                .flatExtracting(AccessEvent::subjects)
                .extracting("patron")
                .containsExactlyInAnyOrder(ann, bob);
        vault.restart();
        assertThat(vault.subject("films", "A1")).as("made good once").isEqualTo(anns);
    }

    @Test
    void aVendorThatForgotThePatronSomebodyWasMergedIntoForgetsBoth() {
        vault.addVendor("films");
        vault.keep(data(), directory.resolve("data"));
        String old = vault.subject("films", "A1");
        vault.merge(ann, bob);
        vault.forget(bob, "films");
        String bobs = vault.subject("films", "B1");

        vault.putBackAndAccept(data(), directory.resolve("data"));

        assertThat(vault.subject("films", "B1")).isEqualTo(bobs);
        assertThat(vault.subject("films", "A1")).isNotEqualTo(old).isNotEqualTo(bobs);
    }

    @Test
    void aForgettingThatCannotBeRememberedIsNotDone() throws IOException {
        vault.addVendor("films");
        String before = vault.subject("films", "A1");
        byte[] whole = Files.readAllBytes(ledger());
        Files.write(ledger(), new byte[] {'x', '\n'});
        assertThatThrownBy(() -> vault.forget(ann, "films")).isInstanceOf(Refused.class);
        Files.write(ledger(), whole);
        assertThat(vault.subject("films", "A1")).isEqualTo(before);
        assertThat(vault.logSince(0))
                .noneMatch(event -> event.act() == ActKind.FORGET && event.outcome() == Outcome.WRITTEN);
    }

    private boolean isGiven(PatronId id, String purpose) {
        return vault.patrons()
                .consenting()
                .read(SUPERVISOR, Optional.of(id), AuditLog.newRequest())
                .consents()
                .isGiven(purpose);
    }

    @Test
    void whoTookTheYesToMailBackGetsNone() {
        vault.say(ann, "newsletter", true);
        vault.say(ann, "fundraising", true);
        vault.say(bob, "newsletter", true);
        vault.say(cid, "newsletter", true);
        vault.keep(data(), directory.resolve("data"));
        vault.say(ann, "newsletter", false);
        vault.patrons().consenting().unsubscribe(bob, "newsletter", 1, AuditLog.newRequest());
        vault.say(cid, "newsletter", false);
        vault.say(cid, "newsletter", true);

        vault.putBackAndAccept(data(), directory.resolve("data"));

        assertThat(isGiven(ann, "newsletter")).isFalse();
        assertThat(isGiven(ann, "fundraising")).isTrue();
        assertThat(isGiven(ann, "service")).isTrue();
        assertThat(isGiven(bob, "newsletter")).isFalse();
        assertThat(isGiven(cid, "newsletter")).isTrue();
    }

    @Test
    void theLinkOfAMailThatWasSentSinceStillTakesTheYesBack() {
        vault.say(ann, "newsletter", true);
        vault.keep(data(), directory.resolve("data"));
        vault.say(ann, "newsletter", false);
        vault.say(ann, "newsletter", true);
        vault.putBackAndAccept(data(), directory.resolve("data"));
        assertThat(isGiven(ann, "newsletter")).isTrue();
        assertThat(vault.patrons().consenting().unsubscribe(ann, "newsletter", 3, AuditLog.newRequest()))
                .isTrue();
        assertThat(isGiven(ann, "newsletter")).isFalse();
    }

    @Test
    void oneFieldThatWasErasedStaysErasedAndOneThatTheDatabaseKnowsOfMayBeGivenAgain() {
        vault.patch(bob, 1, "{'phone':['203-555-0102']}");
        vault.eraseField(bob, "phone");
        vault.patch(bob, 3, "{'phone':['203-555-0199']}");
        vault.patch(ann, 1, "{'phone':['203-555-0101'],'email':['ann@example.org']}");
        vault.keep(data(), directory.resolve("data"));
        ErasureCertificate certificate = vault.eraseField(ann, "phone");
        assertThat(certificate.members()).containsEntry("field", "phone");

        vault.putBackAndAccept(data(), directory.resolve("data"));

        assertThat(vault.reveal(ann).phone()).contains(List.of());
        assertThat(vault.find("203-555-0101").hits()).isEmpty();
        assertThat(vault.reveal(ann).email()).contains(List.of("ann@example.org"));
        assertThat(vault.reveal(bob).phone()).contains(List.of("+12035550199"));
        vault.restart();
        vault.patch(ann, 3, "{'phone':['203-555-0101']}");
        vault.restart();
        assertThat(vault.find("203-555-0101").hits()).as("made good once").hasSize(1);
    }

    @Test
    void whatBefellThePatronSomebodyWasMergedIntoHoldsForBoth() {
        vault.say(ann, "newsletter", true);
        vault.say(bob, "fundraising", true);
        PatronId dan = vault.register("'card':'D1','name':{'family':'Dan'}");
        vault.keep(data(), directory.resolve("data"));
        vault.merge(dan, cid);
        vault.erase(cid);
        vault.say(ann, "fundraising", false);
        vault.merge(ann, bob);
        vault.say(bob, "newsletter", false);

        vault.putBackAndAccept(data(), directory.resolve("data"));

        assertGone(cid, "C1");
        assertGone(dan, "D1");
        assertThat(vault.find("A1").hits()).hasSize(1);
        assertThat(isGiven(ann, "newsletter"))
                .as("said no of when they were one")
                .isFalse();
        assertThat(isGiven(bob, "fundraising"))
                .as("said no of before they were one")
                .isFalse();
    }

    @Test
    void aDatabaseThatWasPutBackIsRefusedThoughTheNodeHasForgottenItsLog() {
        vault.keep(data(), directory.resolve("data"));
        erase(ann);
        assertThatThrownBy(() -> vault.whileStopped(() -> edit(() -> {
                    OpenVault.putBack(data(), directory.resolve("data"));
                    Files.delete(vault.home().node().resolve("head"));
                })))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED))
                .hasMessageContaining("shorter")
                .hasMessageContaining("log accept");
    }

    @Test
    void whatACrashKeptFromTheLedgerIsCompletedFromTheLog() throws IOException {
        says(bob, false);
        vault.vault().log().ledger().follow();
        byte[] before = Files.readAllBytes(ledger());
        long entry = erase(ann);
        vault.whileStopped(() -> edit(() -> Files.write(ledger(), before)));
        assertThat(Files.readAllBytes(ledger())).isEqualTo(before);

        vault.vault().log().ledger().follow();

        assertThat(Files.readAllLines(ledger()))
                .anyMatch(line -> line.startsWith("withdrawn service " + bob + " "))
                .anyMatch(line -> line.startsWith("erased " + ann + " " + entry + " "));
    }

    @Test
    void theCertificateOfWhoWasErasedAgainNamesTheEntryThatSaysSoNow() {
        vault.keep(data(), directory.resolve("data"));
        erase(ann);
        vault.putBackAndAccept(data(), directory.resolve("data"));
        erase(bob);
        for (PatronId id : List.of(ann, bob)) {
            ErasureCertificate certificate =
                    vault.patrons().erasures().certificate(SUPERVISOR, Optional.of(id), AuditLog.newRequest());
            assertThat(certificate.members()).containsEntry("patron", id.toString());
            assertThat(vault.logSince(certificate.entry()).get(0).subjects())
                    .extracting("patron")
                    .contains(id);
            assertThat(certificate.text("by")).isEqualTo(id.equals(ann) ? "vault" : "p-supervisor");
        }
    }

    @Test
    void anOlderLedgerThatIsPutInPlaceWhileTheVaultServesIsCompletedToo() throws IOException {
        erase(ann);
        byte[] older = Files.readAllBytes(ledger());
        erase(bob);
        Files.write(ledger(), older);
        erase(cid);
        assertThat(Files.readAllLines(ledger()))
                .anyMatch(line -> line.startsWith("erased " + bob + " "))
                .anyMatch(line -> line.startsWith("erased " + cid + " "));
    }

    @Test
    void whoWasMergedIntoAnotherComesBackWithTheDatabaseOfBefore() {
        vault.keep(data(), directory.resolve("data"));
        vault.merge(ann, bob);
        assertThat(vault.find("A1").hits()).extracting(Lookup.Hit::id).containsExactly(bob);
        vault.putBackAndAccept(data(), directory.resolve("data"));
        assertThat(vault.find("A1").hits()).extracting(Lookup.Hit::id).containsExactly(ann);
        assertThatThrownBy(() ->
                        vault.patrons().erasures().certificate(SUPERVISOR, Optional.of(ann), AuditLog.newRequest()))
                .isInstanceOf(Refused.class);
    }

    @Test
    void aLedgerThatIsLostIsMadeAnewOfTheTombstones() throws IOException {
        erase(ann);
        vault.whileStopped(() -> edit(() -> Files.delete(ledger())));
        assertThat(Files.readAllLines(ledger())).anyMatch(line -> line.startsWith("erased " + ann + " 0 "));
    }

    @Test
    void oneThatIsThereWithoutALineIsMadeAnewTooAndTakesNoNoteUntilThen() throws IOException {
        erase(ann);
        Files.write(ledger(), new byte[0]);
        assertThatThrownBy(() -> vault.vault().log().ledger().note(new LedgerLine.ForgottenAt(bob, "c2VhbGVk")))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED));
        assertThat(ledger()).isEmptyFile();
        vault.restart();
        assertThat(Files.readAllLines(ledger())).anyMatch(line -> line.startsWith("erased " + ann + " 0 "));
        long entry = erase(bob);
        assertThat(Files.readAllLines(ledger())).anyMatch(line -> line.startsWith("erased " + bob + " " + entry + " "));
    }

    @Test
    void oneThatReadsAsZerosIsRefused() throws IOException {
        erase(ann);
        int length = Files.readAllBytes(ledger()).length + 5_000;
        assertThatThrownBy(() -> vault.whileStopped(() -> edit(() -> Files.write(ledger(), new byte[length]))))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED))
                .hasMessageContaining("keys/ledger");
    }

    @Test
    void aLedgerThatWasChangedKeepsTheVaultSealedWhereItsEndIsAndARestoreFromBringingBackWhereItIsNot()
            throws IOException {
        erase(ann);
        erase(bob);
        List<String> lines = Files.readAllLines(ledger());
        lines.remove(2);
        vault.whileStopped(() -> edit(() -> Files.write(ledger(), lines)));
        assertThatThrownBy(() -> vault.vault().log().ledger().erased())
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED))
                .hasMessageContaining("keys/ledger");
    }
}
