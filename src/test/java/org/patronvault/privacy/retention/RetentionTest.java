package org.patronvault.privacy.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.transfer.format.PatronReader;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;

/** Tests that a record past its retention is erased when a person confirms it, and no other record is. */
final class RetentionTest {
    private static final Caller PIA = OpenVault.person("privacy-officer");
    private static final Actor SUE = new Actor(Actor.Kind.STAFF, "sue", "director", "NC");
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 24);
    private static final String RULES = """
              accessLog: 24
              patrons:
                expired: {expiredMonths: 36, categories: [adult], status: [active]}
                withdrawn: {withdrawnDays: 30}
            """.indent(0);

    private final AtomicLong nanos = new AtomicLong();
    private final List<PatronId> expired = new ArrayList<>();
    private OpenVault vault;
    private Retention retention;
    private int card = 1_000;

    @BeforeEach
    void registerAHundredOfWhomThreeMatch() {
        vault = OpenVault.under(policy(RULES));
        vault.enrol(PIA.actor(), SUE);
        begin();
        expired.add(register("'expires':'2023-11-24'"));
        expired.add(register("'expires':'2020-01-31'"));
        expired.add(register("'expires':'2023-06-30'"));
        register("'expires':'2023-11-25'");
        register("'expires':'2020-01-31','status':'blocked'");
        register("'expires':'2020-01-31','category':'staff'");
        vault.patrons().importerAlone().run(OpenVault.person("admin"), new Others(vault, 94), false, n -> {});
    }

    /** Imports so many patrons at once that no rule lists before 2027. One import takes less time than many. */
    private record Others(OpenVault vault, int count, AtomicInteger read) implements PatronReader {
        private Others(OpenVault vault, int count) {
            this(vault, count, new AtomicInteger());
        }

        @Override
        public Optional<ImportRow> next() {
            int n = read.incrementAndGet();
            return n > count
                    ? Optional.empty()
                    : Optional.of(new ImportRow.Accepted(
                            n,
                            vault.draft("'card':'O" + n + "','name':{'family':'Doe'},'expires':'2027-01-31'"),
                            Set.of()));
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    private void begin() {
        retention = new Retention(
                vault.vault().store(),
                vault.vault().custody(),
                vault.vault().access(),
                vault.vault().log(),
                vault.patrons().manyErasures(),
                vault.clock(),
                nanos::get);
    }

    @AfterEach
    void close() {
        retention.close();
        vault.close();
    }

    private static String policy(String rules) {
        return new String(PolicyFile.defaultText(), StandardCharsets.UTF_8).replace("  accessLog: 24\n", rules);
    }

    private PatronId register(String more) {
        return vault.register("'card':'R" + ++card + "','name':{'family':'Doe'}," + more);
    }

    /** Moves both clocks forward. */
    private void pass(Duration time) {
        vault.clock().advance(time);
        nanos.addAndGet(time.toNanos());
    }

    private RetentionReview review(String rule) {
        return retention.review(PIA, rule, AuditLog.newRequest());
    }

    private Optional<Approval> run(RetentionReview review, LocalDate today, PatronId... except) {
        return retention
                .run()
                .run(
                        PIA,
                        Optional::empty,
                        review.id(),
                        () -> new RetentionRun.Confirmation(today, Set.of(except)),
                        AuditLog.newRequest(),
                        done -> {});
    }

    private long count() {
        return vault.vault().store().read(tx -> tx.patrons().count());
    }

    private boolean isHere(PatronId id) {
        return vault.vault().store().read(tx -> tx.patrons().find(id)).isPresent();
    }

    private RetentionReview find(RetentionReview review) {
        return retention.find(PIA, review.id(), AuditLog.newRequest());
    }

    private static void assertRefused(Problem problem, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(problem));
    }

    @Test
    void eachRuleIsCountedAndItsReviewListsThoseFirstWhoHaveExpiredLongest() {
        assertThat(retention.counts(PIA, AuditLog.newRequest()))
                .extracting(count -> count.rule().name(), Retention.Count::matching, Retention.Count::patrons)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("expired", 3L, 100L),
                        org.assertj.core.groups.Tuple.tuple("withdrawn", 0L, 100L));
        RetentionReview review = review("expired");
        assertThat(review.listed())
                .extracting(RetentionReview.ListedPatron::patron)
                .containsExactly(expired.get(1), expired.get(2), expired.get(0));
        assertThat(review.asOf()).isEqualTo(TODAY);
        assertThat(review.hasMore()).isFalse();
        assertThat(expired).allMatch(this::isHere);
    }

    @Test
    void aRunErasesWhoIsListedAndNotExceptedEachWithACertificateAndNobodyElse() {
        RetentionReview review = review("expired");
        PatronId later = register("'expires':'2019-01-01'");

        assertThat(run(review, TODAY, expired.get(0))).isEmpty();

        assertThat(isHere(expired.get(0))).isTrue();
        assertThat(isHere(later)).as("came after the review").isTrue();
        for (PatronId gone : expired.subList(1, 3)) {
            assertThat(isHere(gone)).isFalse();
            assertThat(vault.patrons()
                            .erasures()
                            .certificate(PIA, Optional.of(gone), AuditLog.newRequest())
                            .members())
                    .containsEntry("patron", gone.toString())
                    .containsEntry("by", PIA.actor().name());
        }
        assertThat(find(review).state()).isEqualTo("done");
        assertThat(find(review).erased()).isEqualTo(2);
        assertThat(vault.logSince(0))
                .filteredOn(event -> event.act() == ActKind.ERASE && event.outcome() == Outcome.ERASED)
                .flatExtracting(event -> event.subjects())
                .extracting("patron")
                .containsExactlyInAnyOrder(expired.get(1), expired.get(2));
        assertThat(count()).isEqualTo(99);
        assertThat(vault.vault()
                        .check()
                        .run(OpenVault.person("custodian"), Progress.UNSEEN)
                        .listed())
                .isEmpty();
    }

    @Test
    void whoWasRenewedSinceTheReviewStays() {
        RetentionReview review = review("expired");
        vault.patch(expired.get(0), 1, "{'expires':'2028-01-31'}");
        vault.patch(expired.get(1), 1, "{'category':'staff'}");
        run(review, TODAY);
        assertThat(isHere(expired.get(0))).isTrue();
        assertThat(isHere(expired.get(1))).isTrue();
        assertThat(isHere(expired.get(2))).isFalse();
    }

    @Test
    void whoTookTheConsentBackGoesAfterTheDaysOfTheRuleAndNotBefore() {
        PatronId ann = register("'expires':'2027-01-31'");
        vault.say(ann, "service", false);
        pass(Duration.ofDays(29));
        assertThat(review("withdrawn").listed()).isEmpty();
        pass(Duration.ofDays(1));
        RetentionReview review = review("withdrawn");
        assertThat(review.listed())
                .extracting(RetentionReview.ListedPatron::patron)
                .containsExactly(ann);
        run(review, TODAY.plusDays(30));
        assertThat(isHere(ann)).isFalse();
    }

    @Test
    void moreThanOneInTwentyHaltsAndAsksAndRunsOnceAnotherAgreed() {
        for (int i = 0; i < 3; i++) {
            expired.add(register("'expires':'2020-01-31'"));
        }
        RetentionReview review = review("expired");
        assertThat(review.matching()).isEqualTo(6);

        Approval filed = run(review, TODAY).orElseThrow();

        assertThat(expired).allMatch(this::isHere);
        assertThat(find(review).state()).isEqualTo("open");
        assertThat(filed.sentence()).contains("one in 20").contains(review.id());
        assertRefused(
                Problem.NOT_FOUND,
                () -> vault.vault()
                        .access()
                        .approvals()
                        .approve(OpenVault.person("circulation").actor(), filed.id(), Optional.empty()));
        vault.vault().access().approvals().approve(SUE, filed.id(), Optional.empty());
        assertThat(run(review, TODAY, expired.get(0)))
                .as("with other exceptions")
                .isPresent();
        assertThat(run(review, TODAY)).isEmpty();
        assertThat(expired).noneMatch(this::isHere);
    }

    @Test
    void oneInTwentyAndNoMoreNeedsNobodyElse() {
        for (int i = 0; i < 2; i++) {
            expired.add(register("'expires':'2020-01-31'"));
        }
        assertThat(run(review("expired"), TODAY)).isEmpty();
        assertThat(expired).noneMatch(this::isHere);
    }

    @Test
    void onePersonDoesNotEraseMoreByOneReviewAfterAnother() {
        assertThat(run(review("expired"), TODAY)).isEmpty();
        List<PatronId> more = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            more.add(register("'expires':'2020-01-31'"));
        }
        RetentionReview second = review("expired");

        Approval filed = run(second, TODAY).orElseThrow();

        assertThat(more).allMatch(this::isHere);
        vault.vault().access().approvals().approve(SUE, filed.id(), Optional.empty());
        assertThat(run(second, TODAY)).isEmpty();
        assertThat(more).noneMatch(this::isHere);

        register("'expires':'2020-01-31'");
        assertThat(run(review("expired"), TODAY))
                .as("whom two erased counts no more")
                .isEmpty();
    }

    @Test
    void aClockThatJumpsErasesNobody() {
        RetentionReview review = review("expired");
        vault.clock().advance(Duration.ofDays(20));
        assertRefused(Problem.INVALID, () -> review("expired"));
        assertRefused(Problem.INVALID, () -> run(review, TODAY));
        assertRefused(Problem.INVALID, () -> run(review, TODAY.plusDays(20)));
        vault.clock().advance(Duration.ofDays(5 * 365 - 20));
        // Started again under the wrong clock: only a person who knows the day can see that it was moved.
        begin();
        RetentionReview wrong = review("expired");
        assertThat(wrong.matching()).isGreaterThan(90);
        assertRefused(Problem.INVALID, () -> run(wrong, TODAY));
        assertThat(expired).allMatch(this::isHere);
        // A person who believes the wrong clock is stopped by the number.
        assertThat(run(wrong, TODAY.plusDays(5 * 365))).isPresent();
        assertThat(count()).isEqualTo(100);
    }

    @Test
    void aReviewThatWasMadeBeforeAJumpErasesWhomItListsAndNoMore() {
        RetentionReview review = review("expired");
        vault.clock().advance(Duration.ofDays(20));
        begin();
        assertThat(retention.counts(PIA, AuditLog.newRequest()).get(0).matching())
                .isEqualTo(4);
        assertThat(run(review, TODAY.plusDays(20))).isEmpty();
        assertThat(count()).isEqualTo(97);
    }

    @Test
    void aReviewByAClockThatWasAheadIsNotRunOnceItIsRightAgain() {
        vault.clock().advance(Duration.ofDays(2 * 365));
        begin();
        PatronId soon = register("'expires':'2025-01-31'");
        RetentionReview ahead = review("expired");
        assertThat(ahead.listed())
                .extracting(RetentionReview.ListedPatron::patron)
                .contains(soon);
        vault.clock().advance(Duration.ofDays(-2 * 365));
        begin();
        assertRefused(Problem.INVALID, () -> run(ahead, TODAY));
        assertThat(isHere(soon)).isTrue();
    }

    @Test
    void anExceptionThatIsNotInTheReviewIsRefusedAndSparesEverybody() {
        RetentionReview review = review("expired");
        assertRefused(Problem.INVALID, () -> run(review, TODAY, new PatronId(4711)));
        assertThat(expired).allMatch(this::isHere);
    }

    @Test
    void whatWasAgreedToOnceGoesOnAfterAnInterruption() {
        for (int i = 0; i < 3; i++) {
            expired.add(register("'expires':'2020-01-31'"));
        }
        RetentionReview review = review("expired");
        Approval filed = run(review, TODAY).orElseThrow();
        vault.vault().access().approvals().approve(SUE, filed.id(), Optional.empty());
        assertThat(run(review, TODAY)).isEmpty();
        assertThat(run(review, TODAY)).as("the same words").isEmpty();
        assertThat(vault.logSince(0))
                .filteredOn(event -> event.act() == ActKind.ERASE && event.outcome() == Outcome.ERASED)
                .allSatisfy(
                        event -> assertThat(event.second().orElseThrow().name()).isEqualTo("sue"));
    }

    @Test
    void anInterruptedRunGoesOnWhenItIsRunAgain() {
        RetentionReview review = review("expired");
        vault.erase(expired.get(1));
        run(review, TODAY);
        assertThat(expired).noneMatch(this::isHere);
        assertThat(run(review, TODAY)).isEmpty();
        assertThat(find(review).erased()).isEqualTo(2);
    }

    @Test
    void theRuleMustBeThatOfTheReview() {
        RetentionReview review = review("expired");
        assertRefused(Problem.NOT_FOUND, () -> review("nosuch"));
        retention.close();
        vault.restartUnder(policy(RULES.replace("36", "12")));
        begin();
        // A policy that allows more waits for a second person: the approved one is still in force.
        assertThat(retention.counts(PIA, AuditLog.newRequest()).get(0).matching())
                .isEqualTo(3);
        retention.close();
        vault.restartUnder(policy("  accessLog: 24\n"));
        begin();
        assertThat(retention.counts(PIA, AuditLog.newRequest())).isEmpty();
        assertRefused(Problem.CHANGED_MEANWHILE, () -> run(review, TODAY));
        assertThat(expired).allMatch(this::isHere);
    }

    @Test
    void aReviewIsGoodForThirtyDays() {
        RetentionReview old = review("expired");
        pass(Duration.ofDays(31));
        assertRefused(Problem.NOT_FOUND, () -> find(old));
        assertRefused(Problem.NOT_FOUND, () -> run(old, TODAY.plusDays(31)));
        RetentionReview next = review("expired");
        assertThat(find(next).listed()).hasSize(4);
    }

    @Test
    void nobodyButThePrivacyOfficerLooksOrRuns() {
        RetentionReview review = review("expired");
        for (String role : List.of("supervisor", "circulation", "director", "admin", "custodian", "outreach", "page")) {
            Caller other = OpenVault.person(role);
            assertRefused(Problem.NOT_ALLOWED, () -> retention.counts(other, AuditLog.newRequest()));
            assertRefused(Problem.NOT_ALLOWED, () -> retention.review(other, "expired", AuditLog.newRequest()));
            assertRefused(Problem.NOT_ALLOWED, () -> retention.find(other, review.id(), AuditLog.newRequest()));
            assertRefused(
                    Problem.NOT_ALLOWED,
                    () -> retention
                            .run()
                            .begin(
                                    other,
                                    Approvals.Requester.alone(other.actor()),
                                    review.id(),
                                    () -> new RetentionRun.Confirmation(TODAY, Set.of()),
                                    AuditLog.newRequest()));
        }
    }

    @Test
    void inTheBackgroundItEndsTheSameWay() throws Exception {
        RetentionReview review = review("expired");
        assertThat(begin(review, Approvals.Requester.alone(PIA.actor()))).isEmpty();
        retention.run().settle();
        assertThat(find(review).state()).isEqualTo("done");
        assertThat(expired).noneMatch(this::isHere);
    }

    private Optional<Approval> begin(RetentionReview review, Approvals.Requester asking) {
        return retention
                .run()
                .begin(
                        PIA,
                        asking,
                        review.id(),
                        () -> new RetentionRun.Confirmation(TODAY, Set.of()),
                        AuditLog.newRequest());
    }

    @Test
    void aRunIsBegunOnceForItsKey() throws Exception {
        RetentionReview review = review("expired");
        Optional<IdempotencyStore.Key> key = key("one", "run");
        Approvals.Requester asking = new Approvals.Requester(
                PIA.actor(), Optional.empty(), new IdempotencyStore.Once<>(key, answer -> answer.filed() + " runs"));
        assertThat(begin(review, asking)).isEmpty();
        retention.run().settle();
        long before = vault.logSize();
        assertRefused(Problem.CHANGED_MEANWHILE, () -> begin(review, asking));
        assertThat(vault.logSince(before)).extracting(event -> event.outcome()).containsExactly(Outcome.REFUSED);
        assertThat(vault.vault().access().replay().answered(key)).contains("Optional.empty runs");
    }

    @Test
    void aReviewIsMadeOnceForItsKeyAndItsAnswerTellsNoMoreOfWhoWasErasedSince() throws Exception {
        RetentionReview review = review("expired", key("one", "review"));
        long before = vault.logSize();
        assertThat(review("expired", key("one", "review"))).isEqualTo(review);
        assertThat(vault.logSince(before))
                .extracting(event -> event.outcome())
                .as("that is a reading")
                .containsExactly(Outcome.SEARCHED);
        assertRefused(Problem.IDEMPOTENCY_KEY_REUSED, () -> review("withdrawn", key("one", "another")));
        vault.erase(expired.get(1));
        RetentionReview again = review("expired", key("one", "review"));
        assertThat(again.id()).isEqualTo(review.id());
        assertThat(again.missing()).containsExactly(expired.get(1));
        assertThat(review("expired", key("other", "review")).id()).isNotEqualTo(review.id());
        assertThat(reviews()).isEqualTo(2);
    }

    @Test
    void theSameReviewAskedForByManyAtOnceIsOne() throws Exception {
        List<CompletableFuture<RetentionReview>> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(CompletableFuture.supplyAsync(() -> review("expired", key("one", "review"))));
        }
        assertThat(all.stream().map(one -> one.join().id()).distinct()).hasSize(1);
        assertThat(reviews()).isEqualTo(1);
    }

    private RetentionReview review(String rule, Optional<IdempotencyStore.Key> key) {
        return retention.review(PIA, rule, () -> key, AuditLog.newRequest());
    }

    private Optional<IdempotencyStore.Key> key(String key, String asked) {
        return vault.vault().access().replay().key(PIA, Optional.of(key), asked, new byte[0]);
    }

    private int reviews() throws Exception {
        try (var connection = vault.connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT count(*) FROM authority WHERE kind = 'retention-review'")) {
            row.next();
            return row.getInt(1);
        }
    }

    @Test
    void aCopyDoesNotSayWhoIsInAReview() throws Exception {
        RetentionReview review = review("expired");
        try (var connection = vault.connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT body FROM authority WHERE kind = 'retention-review'")) {
            assertThat(row.next()).isTrue();
            String body = new String(row.getBytes(1), StandardCharsets.ISO_8859_1);
            review.listed()
                    .forEach(one -> assertThat(body).doesNotContain(one.patron().toString()));
        }
    }
}
