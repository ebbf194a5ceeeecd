package org.patronvault.patron.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.index.IndexedTerm;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.patron.change.Protection;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.patron.record.ImportOptions;
import org.patronvault.patron.transfer.format.FolioUsers;
import org.patronvault.patron.transfer.format.PatronReader;
import org.patronvault.patron.transfer.format.VaultJsonl;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.Skips;
import org.patronvault.upkeep.backup.Progress;

/** Tests of imports into a real vault. */
final class ImporterTest {
    private static final Path FOLIO = Path.of("../shared/data/folio-users.json");
    private static final ImportOptions TERMS = new ImportOptions(
            Optional.of("NC"), new Consent(Consent.SERVICE, "2018-05", LocalDate.of(2026, 11, 24), "import", true));

    private OpenVault vault;

    @BeforeEach
    void open() {
        vault = OpenVault.onSqlite();
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private ImportReport run(PatronReader rows) {
        return vault.patrons().importer().run(OpenVault.person("admin"), rows, false, n -> {});
    }

    private PatronReader lines(String... singleQuoted) {
        String file = String.join("\n", singleQuoted).replace('\'', '"');
        return new VaultJsonl(
                new ByteArrayInputStream(file.getBytes(StandardCharsets.UTF_8)),
                vault.patrons().json(),
                TERMS);
    }

    private static void assertCounts(ImportReport report, long created, long updated, long unchanged, long refused) {
        assertThat(List.of(report.created(), report.updated(), report.unchanged(), report.refusedCount()))
                .containsExactly(created, updated, unchanged, refused);
    }

    @Test
    void folioFileIsImportedOnceAndTheSecondTimeNothingChanges() throws IOException {
        Skips.unless(Files.exists(FOLIO), "the file of FOLIO users is not beside the project");
        ImportReport first;
        try (PatronReader rows = FolioUsers.open(FOLIO, vault.patrons().json(), TERMS)) {
            first = run(rows);
        }
        assertThat(first.created() + first.refusedCount()).isEqualTo(300);
        assertThat(vault.patrons().directory().count()).isEqualTo(first.created());
        long entries = vault.logSize();
        try (PatronReader rows = FolioUsers.open(FOLIO, vault.patrons().json(), TERMS)) {
            assertCounts(run(rows), 0, 0, first.created(), first.refusedCount());
        }
        assertThat(vault.logSize()).isEqualTo(entries);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void formerCardThatIsAnothersRefusesTheRowAloneWhicheverComesFirst(boolean alone) {
        vault.register("'card':'HERE','name':{'family':'Here'}");
        String named = "'name':{'family':'F'}";
        PatronReader rows = lines(
                "{'card':'A1'," + named + ",'formerCards':['A0','AX']}",
                "{'card':'A0'," + named + "}",
                "{'card':'B1'," + named + ",'formerCards':['HERE']}",
                "{'card':'C1'," + named + "}",
                "{'card':'D1'," + named + ",'formerCards':['C1']}",
                "{'card':'E1'," + named + ",'formerCards':['AX']}",
                "{'card':'G1'," + named + ",'formerCards':['G0']}");
        Importer importer =
                alone ? vault.patrons().importerAlone() : vault.patrons().importer();
        ImportReport report = importer.run(OpenVault.person("admin"), rows, false, n -> {});
        assertCounts(report, 3, 0, 0, 4);
        assertThat(report.toJson().path("refused"))
                .extracting(one ->
                        one.path("line").asLong() + " " + one.path("reason").asText())
                .containsExactlyInAnyOrder("2 card-in-use", "3 card-in-use", "5 card-in-use", "6 card-in-use");
        assertThat(vault.find("G0").hits())
                .singleElement()
                .satisfies(hit -> assertThat(hit.data().cards()).contains(List.of("G1", "G0")));
        assertThat(vault.find("B1").hits()).isEmpty();
        // Importing a file again changes nothing, and of an existing patron's transferred state only a protection is
        // used.
        assertCounts(run(lines("{'card':'G1'," + named + ",'formerCards':['G9']}")), 0, 0, 1, 0);
        assertCounts(run(lines("{'card':'G1'," + named + ",'protected':true}")), 0, 1, 0, 0);
        assertCounts(run(lines("{'card':'G1'," + named + "}")), 0, 1, 0, 0);
        assertThat(vault.patrons()
                        .directory()
                        .holder("G1")
                        .orElseThrow()
                        .facts()
                        .isProtected())
                .isTrue();
    }

    @Test
    void everyPatronIsInOneLogEntryOfAtMostTwentyAndNothingIsOpened() {
        long from = vault.logSize();
        assertCounts(run(new NumberedPatrons(45)), 45, 0, 0, 0);
        List<AccessEvent> written = vault.logSince(from).stream()
                .filter(e -> e.act() == ActKind.IMPORT)
                .toList();
        assertThat(written).allSatisfy(event -> {
            assertThat(event.outcome()).isEqualTo(Outcome.WRITTEN);
            assertThat(event.purpose()).contains(Purpose.IMPORT);
        });
        assertThat(written.stream()
                        .flatMap(e -> e.subjects().stream())
                        .map(Subject::patron)
                        .distinct())
                .hasSize(45);
        assertThat(written).extracting(e -> e.subjects().size()).containsExactly(20, 20, 5);
    }

    @Test
    void changedRowUpdatesThatPatronOnlyAndOpensTheCardsOnly() {
        String other = "{'card':'B2','name':{'family':'Other'}}";
        run(lines("{'card':'B1','name':{'family':'Before'},'phone':['203-555-0111']}", other));
        long from = vault.logSize();
        assertCounts(run(lines("{'card':'B1','name':{'family':'After'},'phone':['203-555-0112']}", other)), 0, 1, 1, 0);
        assertThat(vault.logSince(from))
                .filteredOn(e -> e.outcome() == Outcome.DISCLOSED)
                .singleElement()
                .satisfies(e -> assertThat(e.subjects().get(0).fields()).containsExactly(PatronField.CARD));
        assertThat(vault.find("203-555-0111").hits()).isEmpty();
        PatronId id = vault.find("203-555-0112").hits().get(0).id();
        assertThat(vault.reveal(id).name().orElseThrow().family()).isEqualTo("After");
        assertThat(vault.find("B1").hits()).extracting(Lookup.Hit::id).containsExactly(id);
    }

    @Test
    void importThatUpdatesAProtectedDecoyLeavesBothAsTheyAre() {
        run(lines("{'card':'PD1','name':{'family':'Before'}}"));
        PatronId id = vault.find("PD1").hits().get(0).id();
        Protection.Request both = new Protection.Request(Optional.of(true), Optional.of(true), Optional.empty());
        vault.patrons()
                .protection()
                .put(
                        OpenVault.person("director"),
                        Optional.of(id),
                        OptionalLong.empty(),
                        both,
                        Optional.empty(),
                        AuditLog.newRequest());
        long from = vault.logSize();
        assertCounts(run(lines("{'card':'PD1','name':{'family':'After'}}")), 0, 1, 0, 0);
        assertThat(vault.logSince(from)).extracting(AccessEvent::outcome).doesNotContain(Outcome.ALERT);
        assertThat(vault.patrons()
                        .protection()
                        .read(OpenVault.person("director"), Optional.of(id), AuditLog.newRequest()))
                .matches(Protection.State::isProtected)
                .matches(Protection.State::isDecoy);
    }

    @Test
    void importThatUpdatesAPatronLeavesWhereThePatronIsForgotten() {
        vault.addVendor("films");
        run(lines("{'card':'FG1','name':{'family':'Before'}}"));
        vault.forget(vault.find("FG1").hits().get(0).id(), "films");
        String subject = vault.subject("films", "FG1");
        assertCounts(run(lines("{'card':'FG1','name':{'family':'After'}}")), 0, 1, 0, 0);
        assertThat(vault.subject("films", "FG1")).isEqualTo(subject);
    }

    @Test
    void patronsOfOneUnitWhoShareAPhoneAreAllFoundByItAndLoggedAsTheyAreStored() {
        long from = vault.logSize();
        run(lines(
                "{'card':'S1','name':{'family':'One'},'phone':['203-555-0177']}",
                "{'card':'S2','name':{'family':'Two'},'phone':['203-555-0177']}",
                "{'card':'S3','name':{'family':'Three'},'phone':['203-555-0177','203-555-0178']}"));
        assertThat(vault.find("203-555-0177").hits()).hasSize(3);
        vault.logSince(from).stream()
                .filter(event -> event.act() == ActKind.IMPORT)
                .flatMap(event -> event.subjects().stream())
                .forEach(this::assertStoredAsLogged);

        // A change of a patron turns only the entries written for that patron into dummies.
        run(lines("{'card':'S2','name':{'family':'Two'},'phone':['203-555-0179']}"));
        assertThat(vault.find("203-555-0177").hits()).hasSize(2);
        assertThat(vault.find("203-555-0179").hits()).hasSize(1);
        assertThat(vault.find("203-555-0178").hits()).hasSize(1);
    }

    private void assertStoredAsLogged(Subject subject) {
        StoredPatron stored = vault.vault()
                .store()
                .<StoredPatron>read(tx -> tx.patrons().find(subject.patron()).orElseThrow());
        assertThat(subject.writes()).hasSameSizeAs(stored.values().keySet());
        for (Subject.Write write : subject.writes()) {
            byte[] bound = write.field() == PatronField.META ? PatronMeta.bound(stored.row()) : new byte[0];
            byte[] hash = vault.vault()
                    .custody()
                    .keys()
                    .fields()
                    .rowHash(
                            write.field(),
                            subject.patron(),
                            write.generation(),
                            bound,
                            stored.value(write.field()).orElseThrow().envelope());
            assertThat(write.rowHash()).as(write.field().wireName()).isEqualTo(hash);
        }
    }

    @Test
    void formerCardIsRefusedAndItsPatronUntouched() {
        run(lines("{'card':'C1','name':{'family':'Holder'}}"));
        PatronId id = vault.find("C1").hits().get(0).id();
        vault.patrons()
                .cardReplacement()
                .replace(
                        OpenVault.person("circulation"),
                        Optional.of(id),
                        () -> "C2",
                        Optional.empty(),
                        AuditLog.newRequest());
        ImportReport report = run(lines("{'card':'C1','name':{'family':'Somebody'}}"));
        assertThat(report.refused()).containsExactly(new ImportReport.Refusal(1, "card-in-use"));
        assertThat(vault.reveal(id).name().orElseThrow().family()).isEqualTo("Holder");
    }

    @Test
    void refusedRowsAreNamedByLineAndDoNotStopTheRest() {
        ImportReport report = run(lines(
                "{'card':'D1','name':{'family':'A'}}",
                "{'card':'D2','name':{}}",
                "not json",
                "{'card':'D1','name':{'family':'Again'}}",
                "{'card':'D3','name':{'family':'B'},'email':['nowhere']}",
                "{'card':'D4','name':{'family':'C'}}"));
        assertCounts(report, 2, 0, 0, 4);
        assertThat(report.refused())
                .containsExactly(
                        new ImportReport.Refusal(2, "name-missing"),
                        new ImportReport.Refusal(3, "json-malformed"),
                        new ImportReport.Refusal(4, "card-repeated"),
                        new ImportReport.Refusal(5, "email-malformed"));
        assertThat(vault.find("D4").hits()).hasSize(1);
    }

    @Test
    void importThatBrokeOffKeepsWhatWasReadAndIsResumedByRunningItAgain() {
        assertThatThrownBy(() -> run(new NumberedPatrons(100, 53))).isInstanceOf(Refused.class);
        assertThat(vault.patrons().directory().count()).isEqualTo(53);
        assertCounts(run(new NumberedPatrons(100)), 47, 0, 53, 0);
        assertThat(vault.find("N100").hits()).hasSize(1);
    }

    @Test
    void dryRunCountsAndWritesNothing() {
        run(new NumberedPatrons(3));
        long entries = vault.logSize();
        ImportReport report =
                vault.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(5), true, n -> {});
        assertCounts(report, 2, 0, 3, 0);
        assertThat(vault.logSize()).isEqualTo(entries);
        assertThat(vault.patrons().directory().count()).isEqualTo(3);
    }

    @Test
    void importThatHasTheVaultToItselfEndsWithAWholeIndexWhateverItChanged() {
        vault.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(3), false, n -> {});
        run(lines("{'card':'X1','name':{'family':'Zumwalt','given':'Ann'}}"));
        List<Boolean> whole = new ArrayList<>();

        ImportReport report = vault.patrons()
                .importerAlone()
                .run(
                        OpenVault.person("admin"),
                        lines(
                                "{'card':'X2','name':{'family':'Zumwalt','given':'Bea'}}",
                                "{'card':'X1','name':{'family':'Zumwalt','given':'Cy'}}",
                                "{'card':'X3','name':{'family':'Zumwalt','given':'Di'}}"),
                        false,
                        n -> whole.add(vault.patrons().inspection().index().isWhole()));

        assertCounts(report, 2, 1, 0, 0);
        assertThat(whole).hasSize(3).containsOnly(false);
        assertThat(vault.patrons().inspection().index().isWhole()).isTrue();
        assertThat(vault.find("zumwalt").hits())
                .extracting(hit -> hit.data().name().orElseThrow().given())
                .containsExactlyInAnyOrder("Bea", "Cy", "Di");
        assertThat(vault.find("Zumwalt, Ann").hits())
                .extracting(Lookup.Hit::match)
                .doesNotContain("exact");
        assertThat(vault.vault()
                        .check()
                        .run(OpenVault.person("custodian"), Progress.UNSEEN)
                        .ok())
                .isTrue();
    }

    @Test
    void rowWhoseCardWasTakenMeanwhileIsRefusedAndTheOthersOfItsBatchGoIn() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        EncryptedIndex index =
                new EncryptedIndex(vault.vault().custody(), vault.patrons().indexRow());
        List<IndexedTerm> card = List.of(IndexedTerm.current(new IndexTerm(IndexTerm.TermClass.CARD, "N4")));
        AccessEvent faster =
                vault.vault().log().event(Actor.VAULT, ActKind.REGISTER, Outcome.WRITTEN, AuditLog.newRequest());
        var taken = vault.vault()
                .log()
                .submit(
                        AuditLog.writing(faster, now -> {
                            WriteTx tx = now.tx();
                            assertThat(awaited(go)).isTrue();
                            index.put(tx, new PatronId(4711), 1, card);
                            return Decision.done(faster);
                        }),
                        Lane.BULK);
        CompletableFuture<ImportReport> imported = new CompletableFuture<>();
        Thread importing = new Thread(() -> imported.complete(run(new NumberedPatrons(20))));
        importing.start();

        // The rows were looked up and sent; a write that gives away one of the cards comes first.
        await().until(() -> importing.getState() == Thread.State.WAITING
                && Arrays.stream(importing.getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().equals("settle")));
        go.countDown();

        AuditLog.await(taken);
        ImportReport report = imported.get(30, TimeUnit.SECONDS);
        assertCounts(report, 19, 0, 0, 1);
        assertThat(report.refused()).containsExactly(new ImportReport.Refusal(4, "card-in-use"));
    }

    @Test
    void changedRowWaitsForTheUnitOfNewOnesBeforeItHoweverLongThatTakes() throws Exception {
        run(lines("{'card':'W1','name':{'family':'Before'}}"));
        List<String> rows = new ArrayList<>();
        for (int n = 0; n < Importer.BESIDE_OTHERS; n++) {
            rows.add("{'card':'V" + n + "','name':{'family':'New'}}");
        }
        rows.add("{'card':'W1','name':{'family':'After'}}");
        CountDownLatch go = new CountDownLatch(1);
        AccessEvent slow =
                vault.vault().log().event(Actor.VAULT, ActKind.REGISTER, Outcome.WRITTEN, AuditLog.newRequest());
        var written = vault.vault()
                .log()
                .submit(
                        AuditLog.writing(slow, now -> {
                            assertThat(awaited(go)).isTrue();
                            return Decision.done(slow);
                        }),
                        Lane.BULK);
        CompletableFuture<ImportReport> imported = new CompletableFuture<>();
        Thread importing = new Thread(() -> imported.complete(run(lines(rows.toArray(String[]::new)))));
        importing.start();

        // Not in the queue with two seconds of patience, but before it.
        await().until(() -> {
            List<String> frames = Arrays.stream(importing.getStackTrace())
                    .map(StackTraceElement::getMethodName)
                    .toList();
            return frames.contains("renew") && frames.contains("settle");
        });
        go.countDown();

        AuditLog.await(written);
        assertCounts(imported.get(30, TimeUnit.SECONDS), Importer.BESIDE_OTHERS, 1, 0, 0);
    }

    @Test
    void importBesideARebuildLeavesItsStagedEntriesToIt() {
        run(new NumberedPatrons(20));
        vault.beginIndexVersion();
        assertThat(vault.indexNext(15)).isEqualTo(15);
        long staged = vault.vault().store().read(Tx::stagedParts);

        run(new NumberedPatrons(25));

        assertThat(vault.vault().store().read(Tx::stagedParts)).isGreaterThan(staged);
        assertThat(vault.vault().store().<Boolean>read(tx -> tx.otherIndex().isEmpty()))
                .as("nothing is merged yet")
                .isTrue();
        assertThat(vault.indexNext(Integer.MAX_VALUE)).isEqualTo(5);
        vault.inUnit(tx -> vault.patrons().reindexing().merge(tx, 1_000));
        assertThat(vault.vault().store().<Long>read(tx -> tx.otherIndex().count()))
                .isEqualTo(25 * EncryptedIndex.ENTRIES);
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    void aConsentToAVersionThatWasNeverPostedRefusesItsRow() throws IOException {
        String line = "{'card':'%s','name':{'family':'Ames'},'library':'NC'%s}";
        ImportReport report = run(lines(
                String.format(line, "A1", ""),
                String.format(line, "A2", ",'consent':{'policy':'1999-01','given':'2026-11-24','channel':'desk'}"),
                String.format(line, "A3", ",'consent':{'policy':'2018-05','given':'2026-11-24','channel':'desk'}")));
        assertCounts(report, 2, 0, 0, 1);
        assertThat(report.toJson().at("/refused/0/line").asInt()).isEqualTo(2);
        assertThat(report.toJson().at("/refused/0/reason").asText()).isEqualTo("policy-not-posted");
    }
}
