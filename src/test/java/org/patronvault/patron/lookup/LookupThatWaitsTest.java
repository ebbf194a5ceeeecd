package org.patronvault.patron.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.patron.erasure.ErasureCertificate;
import org.patronvault.patron.record.PatronWriter;
import org.patronvault.patron.transfer.BatchReveal;
import org.patronvault.testing.OpenVault;

/**
 * Tests of a look-up that has read a patron's rows and waits for the log. An act before it in the log erases the patron
 * or withdraws the consent, on this node or on another.
 */
@ParameterizedClass(name = "{0} nodes")
@ValueSource(ints = {1, 2})
final class LookupThatWaitsTest {
    private static final Caller CLERK = OpenVault.person("circulation");

    /** The vaults that all tests on so many nodes use: each test erases its patrons when it ends. */
    private static OpenVault writing;

    private static OpenVault reading;
    private PatronId ann;
    private PatronId bob;
    private final int nodes;

    LookupThatWaitsTest(int nodes) {
        this.nodes = nodes;
    }

    @AfterParameterizedClassInvocation
    static void close() {
        if (writing == null) {
            // No PostgreSQL can run here.
            return;
        }
        if (reading != writing) {
            reading.close();
        }
        writing.close();
        writing = null;
    }

    @BeforeEach
    void register() {
        if (writing == null) {
            writing = nodes == 1 ? OpenVault.onSqlite() : OpenVault.onPostgres();
            reading = nodes == 1 ? writing : writing.another();
        }
        ann = writing.register("'card':'ANN1','name':{'family':'Ames'},'phone':['203-555-0101']");
        bob = writing.register("'card':'BOB1','name':{'family':'Ames'},'phone':['203-555-0102']");
        // Each has an entry of its own, and sees the writes before it.
        assertThat(found(find("Ames")).hits()).hasSize(2);
    }

    @AfterEach
    void erase() {
        for (PatronId one : Set.of(ann, bob)) {
            if (writing.vault().store().read(tx -> tx.patrons().find(one)).isPresent()) {
                ErasureCertificate unused = writing.erase(one);
            }
        }
    }

    /** Looks up while a unit that holds the log waits to do this to Ann; it does it before the look-up is logged. */
    private <T> CompletableFuture<T> meanwhile(
            ActKind act, Outcome outcome, Function<WriteTx, Subject> done, Supplier<CompletableFuture<T>> lookup) {
        CountDownLatch holding = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        AccessEvent event = writing.vault().log().event(CLERK.actor(), act, outcome, AuditLog.newRequest());
        CompletableFuture<AuditReceipt> written = writing.vault()
                .log()
                .submit(
                        AuditLog.writing(event, now -> {
                            WriteTx tx = now.tx();
                            holding.countDown();
                            await(asked);
                            return Decision.done(event.on(List.of(done.apply(tx))));
                        }),
                        Lane.DESK);
        await(holding);
        CompletableFuture<T> waits;
        try {
            waits = lookup.get();
        } finally {
            asked.countDown();
        }
        AuditLog.await(written);
        return waits;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private PatronWriter writer() {
        return new PatronWriter(writing.patrons().parts());
    }

    private StoredPatron stored() {
        return writing.vault().store().read(tx -> tx.patrons().find(ann)).orElseThrow();
    }

    private <T> CompletableFuture<T> whileSheIsErased(Supplier<CompletableFuture<T>> lookup) {
        StoredPatron stored = stored();
        return meanwhile(
                ActKind.ERASE,
                Outcome.ERASED,
                tx -> {
                    writer().erase(tx, stored);
                    return Subject.opened(ann, Set.of());
                },
                lookup);
    }

    private <T> CompletableFuture<T> whileSheTakesTheConsentBack(Supplier<CompletableFuture<T>> lookup) {
        StoredPatron stored = stored();
        Consent no = new Consent("service", "2018-05", LocalDate.of(2026, 11, 24), "desk", "kim", false);
        PatronWriter.Change withdrawal =
                writer().saying(stored, writing.patrons().vault().facts(stored), no);
        return meanwhile(ActKind.CONSENT, Outcome.WRITTEN, tx -> writer().update(tx, withdrawal), lookup);
    }

    private CompletableFuture<Lookup.RevealedPatron> reveal() {
        return reading.patrons()
                .lookup()
                .reveal(
                        CLERK,
                        Optional.of(ann),
                        Set.of(PatronField.PHONE),
                        Optional.of(Purpose.ACCOUNT_SERVICE),
                        Optional.empty(),
                        AuditLog.newRequest());
    }

    private CompletableFuture<Lookup.Result> find(String typed) {
        SearchQuery query = SearchQuery.ofBox(
                Optional.of(typed),
                Optional.of(Purpose.ACCOUNT_SERVICE),
                Lookup.MAX_RESULTS,
                Set.of(PatronField.PHONE),
                Optional.empty());
        return reading.patrons().lookup().find(CLERK, query, AuditLog.newRequest());
    }

    private static Lookup.Result found(CompletableFuture<Lookup.Result> found) {
        return AuditLog.await(found);
    }

    private AccessEvent last() {
        return reading.logSince(reading.logSize() - 1).get(0);
    }

    private static void assertRefused(Problem problem, CompletableFuture<?> waits) {
        assertThatThrownBy(() -> AuditLog.await(waits))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.problem()).isEqualTo(problem));
    }

    @Test
    void revealOfAPatronWhoTakesTheConsentBackMeanwhileOpensNothing() {
        assertRefused(Problem.FIELD_NOT_ALLOWED, whileSheTakesTheConsentBack(this::reveal));
        assertThat(last().outcome()).isEqualTo(Outcome.REFUSED);
    }

    @Test
    void revealOfAPatronWhoIsErasedMeanwhileOpensNothing() {
        assertRefused(Problem.NOT_FOUND, whileSheIsErased(this::reveal));
        assertThat(last().outcome()).isEqualTo(Outcome.REFUSED);
    }

    @Test
    void manyInOneCallAreNotOpenedIfOneOfThemIsErasedMeanwhile() {
        BatchReveal.Request both = new BatchReveal.Request(
                List.of(Optional.of(ann), Optional.of(bob)),
                Set.of(PatronField.PHONE),
                Optional.of(Purpose.ACCOUNT_SERVICE),
                Optional.empty());
        Caller ils = OpenVault.client("ils", "ils");
        assertRefused(
                Problem.NOT_FOUND,
                whileSheIsErased(() -> reading.patrons().batchReveal().reveal(ils, both, AuditLog.newRequest())));
    }

    @Test
    void packageOfAPatronWhoIsErasedMeanwhileIsNotMade() {
        Caller officer = OpenVault.person("privacy-officer");
        assertRefused(
                Problem.NOT_FOUND,
                whileSheIsErased(() -> waiting(() -> reading.patrons()
                        .packaging()
                        .open(officer, Optional.of(ann), () -> "", AuditLog.newRequest()))));
    }

    @Test
    void wordsOfACallerAreNotComparedWithAPatronWhoIsErasedMeanwhile() {
        assertRefused(
                Problem.NOT_FOUND,
                whileSheIsErased(() -> waiting(() -> reading.patrons()
                        .verification()
                        .verify(
                                CLERK,
                                Optional.of(ann),
                                Map.of(IdentityVerification.Claim.PHONE, "203-555-0101"),
                                Optional.empty(),
                                AuditLog.newRequest()))));
    }

    /** Runs the act in a thread of its own, which waits for the log when this returns. */
    private static <T> CompletableFuture<T> waiting(Supplier<T> act) {
        CompletableFuture<T> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                done.complete(act.get());
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        thread.start();
        Awaitility.await()
                .until(() -> done.isDone()
                        || Stream.of(thread.getStackTrace())
                                .anyMatch(at -> at.getClassName().equals(AuditLog.class.getName())
                                        && at.getMethodName().equals("call")));
        return done;
    }

    @ParameterizedTest
    @ValueSource(strings = {"Ames", "ANN1"})
    void searchDoesNotShowWhoIsErasedMeanwhileAndTheLogDoesNotSayItDid(String typed) {
        List<Lookup.Hit> hits = found(whileSheIsErased(() -> find(typed))).hits();
        assertThat(hits).extracting(Lookup.Hit::id).isEqualTo(typed.equals("Ames") ? List.of(bob) : List.of());
        assertThat(last().act()).isEqualTo(ActKind.SEARCH);
        assertThat(last().subjects())
                .extracting(Subject::patron)
                .doesNotContain(ann)
                .hasSameSizeAs(hits);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Ames", "ANN1"})
    void searchIsRefusedLikeOneThatIsMadeAfterTheConsentIsTakenBack(String typed) {
        assertRefused(Problem.FIELD_NOT_ALLOWED, whileSheTakesTheConsentBack(() -> find(typed)));
        assertRefused(Problem.FIELD_NOT_ALLOWED, find(typed));
    }

    @Test
    void revealOfAFieldThatIsErasedMeanwhileShowsNothingOfIt() {
        assertThat(AuditLog.await(whileHerPhoneIsErased(this::reveal)).data().phone())
                .contains(List.of());
    }

    @Test
    void searchShowsNothingOfAFieldThatIsErasedMeanwhileAndNobodyWhoWasFoundByIt() {
        List<Lookup.Hit> byCard =
                found(whileHerPhoneIsErased(() -> find("ANN1"))).hits();
        assertThat(byCard)
                .singleElement()
                .satisfies(hit -> assertThat(hit.data().phone()).contains(List.of()));
        // From here on the erased phone is Bob's.
        PatronId first = ann;
        ann = bob;
        bob = first;
        assertThat(found(whileHerPhoneIsErased(() -> find("203-555-0102"))).hits())
                .isEmpty();
    }

    private <T> CompletableFuture<T> whileHerPhoneIsErased(Supplier<CompletableFuture<T>> lookup) {
        StoredPatron stored = stored();
        AccessEvent attempt =
                writing.vault().log().event(CLERK.actor(), ActKind.ERASE, Outcome.WRITTEN, AuditLog.newRequest());
        PatronWriter.Change change = writing.patrons().correction().without(attempt, stored, PatronField.PHONE);
        return meanwhile(ActKind.ERASE, Outcome.WRITTEN, tx -> writer().update(tx, change), lookup);
    }

    @Test
    void lookUpsShowWhomSomethingElseWasWrittenOfMeanwhile() {
        StoredPatron stored = stored();
        Consent yes = new Consent("newsletter", "2018-05", LocalDate.of(2026, 11, 24), "desk", "kim", true);
        PatronWriter.Change change =
                writer().saying(stored, writing.patrons().vault().facts(stored), yes);
        List<Lookup.Hit> hits = found(meanwhile(
                        ActKind.CONSENT, Outcome.WRITTEN, tx -> writer().update(tx, change), () -> find("Ames")))
                .hits();
        assertThat(hits).extracting(Lookup.Hit::id).containsExactlyInAnyOrder(ann, bob);
        assertThat(hits).allSatisfy(hit -> assertThat(hit.data().phone()).isPresent());
    }
}
