package org.patronvault.patron.erasure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.vault.Consents;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.lookup.ChangeFeed;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.patron.lookup.PatronDirectory;
import org.patronvault.testing.OpenVault;

/**
 * Tests of merging two patrons, for each database. They share one vault and use cards, phones and addresses of their
 * own.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class MergeContract {
    private static final Caller SUPERVISOR = OpenVault.person("supervisor");
    private static final Caller CLERK = OpenVault.person("circulation");
    private static final Set<PatronField> OPENED = Set.of(PatronField.CARD, PatronField.PHONE, PatronField.EMAIL);
    private static final Set<PatronField> OPENED_OF_WHO_STAYS =
            Set.of(PatronField.CARD, PatronField.NAME, PatronField.PHONE, PatronField.EMAIL);
    private OpenVault vault;

    abstract OpenVault open();

    @BeforeAll
    void openVault() {
        vault = open();
    }

    @AfterAll
    void close() {
        if (vault != null) {
            vault.close();
        }
    }

    private PatronId bare(String card) {
        return vault.register("'card':'" + card + "','name':{'family':'F','given':'" + card + "'}");
    }

    private PatronId full(String card, String phones, String emails) {
        return vault.register("'card':'" + card + "','name':{'family':'F','given':'" + card + "'},'phone':[" + phones
                + "],'email':[" + emails + "]");
    }

    private Merge.Result merge(PatronId id, PatronId into) {
        return merge(id, into, Optional.empty());
    }

    private Merge.Result merge(PatronId id, PatronId into, Optional<IdempotencyStore.Key> replay) {
        return vault.patrons()
                .merge()
                .merge(
                        SUPERVISOR,
                        Optional.of(id),
                        Optional.of(into.toString()),
                        Optional.empty(),
                        replay,
                        AuditLog.newRequest())
                .merged()
                .orElseThrow();
    }

    private void replaceCard(PatronId id, String card) {
        vault.patrons()
                .cardReplacement()
                .replace(CLERK, Optional.of(id), () -> card, Optional.empty(), AuditLog.newRequest());
    }

    private PatronDirectory.Entry entry(PatronId id) {
        return vault.patrons().directory().find(CLERK, Optional.of(id), AuditLog.newRequest());
    }

    private boolean isHere(PatronId id) {
        return vault.vault().store().read(tx -> tx.patrons().find(id)).isPresent();
    }

    private static Problem problemOf(Runnable call) {
        try {
            call.run();
        } catch (Refused e) {
            return e.problem();
        }
        throw new AssertionError("was not refused");
    }

    @Test
    void staysKeepsItsOwnAndGainsTheOthersCardsPhonesAndAddresses() {
        PatronId stays = full("MA1", "'203-555-3001'", "'Ma1@example.org'");
        PatronId goes = full("MA2", "'203-555-3002','203-555-3001'", "'ma2@example.org','MA1@EXAMPLE.ORG'");
        replaceCard(goes, "MA3");

        Merge.Result merged = merge(goes, stays);

        assertThat(merged.id()).isEqualTo(stays);
        assertThat(merged.version()).isEqualTo(2);
        assertThat(merged.notKept()).isEqualTo(new Merge.NotKept(0, 0, 0));
        PersonalData data = vault.reveal(stays);
        assertThat(data.cards()).contains(List.of("MA1", "MA3", "MA2"));
        assertThat(data.name().orElseThrow().given()).isEqualTo("MA1");
        assertThat(data.phone()).contains(List.of("+12035553001", "+12035553002"));
        assertThat(data.email()).contains(List.of("Ma1@example.org", "ma2@example.org"));
        assertThat(vault.find("MA1").hits())
                .singleElement()
                .satisfies(hit -> assertThat(hit.match()).isEqualTo("exact"));
        for (String former : List.of("MA2", "MA3")) {
            assertThat(vault.find(former).hits()).singleElement().satisfies(hit -> {
                assertThat(hit.id()).isEqualTo(stays);
                assertThat(hit.match()).isEqualTo("inactive-card");
            });
            assertThat(problemOf(() -> bare(former))).isEqualTo(Problem.CARD_IN_USE);
            assertThat(vault.patrons().directory().holder(former)).isEmpty();
        }
        for (String typed : List.of("203-555-3001", "203-555-3002", "ma1@example.org", "ma2@example.org")) {
            assertThat(vault.find(typed).hits()).extracting(Lookup.Hit::id).containsExactly(stays);
        }
    }

    @Test
    void otherIsLikeOneNeverThereAndItsIdIsNeverGivenAgain() {
        PatronId stays = bare("MB1");
        PatronId goes = bare("MB2");
        merge(goes, stays);
        assertThat(problemOf(() -> entry(goes))).isEqualTo(Problem.NOT_FOUND);
        assertThat(problemOf(() -> vault.reveal(goes))).isEqualTo(Problem.NOT_FOUND);
        assertThat(problemOf(() -> merge(goes, stays))).isEqualTo(Problem.NOT_FOUND);
        assertThat(problemOf(() -> merge(stays, goes))).isEqualTo(Problem.NOT_FOUND);
        boolean tombstone = vault.vault().store().read(tx -> tx.patrons().everUsed(goes));
        assertThat(tombstone).isTrue();
    }

    @Test
    void factsNameWhatIsSetAndConsentsStay() {
        PatronId stays = bare("MC1");
        Consents before = entry(stays).facts().consents();
        PatronId goes = full("MC2", "'203-555-3011'", "'mc2@example.org'");
        merge(goes, stays);
        assertThat(entry(stays).facts().set())
                .containsExactlyInAnyOrder(PatronField.CARD, PatronField.NAME, PatronField.PHONE, PatronField.EMAIL);
        assertThat(entry(stays).facts().consents()).isEqualTo(before);
    }

    @Test
    void whatDoesNotFitIsCountedAndItsCardIsFree() {
        PatronId stays = full(
                "MD1",
                "'203-555-3021','203-555-3022','203-555-3023'",
                "'md1@example.org','md2@example.org','md3@example.org','md4@example.org'");
        for (String card : List.of("MD2", "MD3", "MD4")) {
            replaceCard(stays, card);
        }
        PatronId goes = full("MD5", "'203-555-3024','203-555-3025'", "'md1@example.org','md5@example.org'");
        replaceCard(goes, "MD6");

        Merge.Result merged = merge(goes, stays);

        assertThat(merged.notKept()).isEqualTo(new Merge.NotKept(2, 1, 1));
        assertThat(merged.json()).endsWith("\"notKept\":{\"card\":2,\"phone\":1,\"email\":1}}");
        PersonalData data = vault.reveal(stays);
        assertThat(data.cards()).contains(List.of("MD4", "MD3", "MD2", "MD1"));
        assertThat(data.phone().orElseThrow()).hasSize(4).endsWith("+12035553024");
        assertThat(data.email().orElseThrow()).hasSize(4).doesNotContain("md5@example.org");
        assertThat(vault.find("203-555-3025").hits()).isEmpty();
        PatronId next = bare("MD6");
        assertThat(vault.find("MD6").hits()).extracting(Lookup.Hit::id).containsExactly(next);
    }

    @Test
    void cardInUseComesBeforeTheOthersFormerOnes() {
        PatronId stays = bare("ME1");
        replaceCard(stays, "ME2");
        PatronId goes = bare("ME3");
        for (String card : List.of("ME4", "ME5", "ME6")) {
            replaceCard(goes, card);
        }
        assertThat(merge(goes, stays).notKept().card()).isEqualTo(2);
        assertThat(vault.reveal(stays).cards()).contains(List.of("ME2", "ME1", "ME6", "ME5"));
    }

    @Test
    void mergingWhatAddsNothingStillErasesTheOtherAndCountsAsAChange() {
        PatronId stays = bare("MF1");
        for (String card : List.of("MF2", "MF3", "MF4")) {
            replaceCard(stays, card);
        }
        PatronId goes = bare("MF5");
        assertThat(merge(goes, stays).version()).isEqualTo(5);
        assertThat(entry(stays).version()).isEqualTo(5);
        assertThat(vault.find("MF4").hits()).extracting(Lookup.Hit::id).containsExactly(stays);
        assertThat(isHere(goes)).isFalse();
    }

    @Test
    void bothAreLoggedAsOpenedForReindexBeforeOneUnitWritesBoth() {
        PatronId stays = full("MG1", "'203-555-3031'", "");
        PatronId goes = full("MG2", "'203-555-3032'", "");
        long from = vault.logSize();

        Merge.Result merged = merge(goes, stays);

        List<AccessEvent> events = vault.logSince(from);
        assertThat(events).extracting(AccessEvent::act).containsOnly(ActKind.MERGE);
        assertThat(events).extracting(AccessEvent::outcome).containsExactly(Outcome.DISCLOSED, Outcome.WRITTEN);
        assertThat(events.get(0).purpose()).contains(Purpose.REINDEX);
        assertThat(events.get(0).subjects())
                .containsExactlyInAnyOrder(Subject.opened(goes, OPENED), Subject.opened(stays, OPENED_OF_WHO_STAYS));
        assertThat(merged.entry()).isEqualTo(from);
        assertThat(events.get(1).subjects()).hasSize(2);
        assertThat(events.get(1).subjects().get(0).patron()).isEqualTo(stays);
        assertThat(events.get(1).subjects().get(0).writes())
                .extracting(Subject.Write::field)
                .containsExactlyInAnyOrder(PatronField.CARD, PatronField.PHONE, PatronField.META, PatronField.LABELS);
        assertThat(events.get(1).subjects().get(1)).isEqualTo(Subject.opened(goes, Set.of(PatronField.values())));
    }

    @Test
    void otherSystemsLearnThatTheOneIsErasedAndTheOtherChanged() {
        PatronId stays = bare("MH1");
        PatronId goes = bare("MH2");
        Caller ils = OpenVault.client("ils", "ils");
        List<ChangeFeed.Change> before = vault.patrons().changes().after(ils, 0, 1_000, AuditLog.newRequest());
        long seen = before.get(before.size() - 1).n();
        merge(goes, stays);
        assertThat(vault.patrons().changes().after(ils, seen, 1_000, AuditLog.newRequest()))
                .extracting(c -> c.id() + " " + c.version() + " " + c.erased())
                .containsExactly(stays + " 2 false", goes + " 2 true");
    }

    @Test
    void indexKeepsFortyEntriesForTheOneAndDummiesForTheOther() {
        PatronId stays = bare("MI1");
        PatronId goes = bare("MI2");
        long before = vault.vault().store().read(tx -> tx.index().count());
        merge(goes, stays);
        long after = vault.vault().store().read(tx -> tx.index().count());
        assertThat(after - before).isEqualTo(40);
    }

    @Test
    void intoItselfIsRefused() {
        PatronId id = bare("MJ1");
        assertThat(problemOf(() -> merge(id, id))).isEqualTo(Problem.INVALID);
        assertThat(isHere(id)).isTrue();
    }

    @Test
    void refusalsComeInOrderAndNameThePatronsAimedAt() {
        PatronId here = bare("MK1");
        PatronId nowhere = new PatronId(11);
        Refused fault = new Refused(Problem.INVALID, "something else is wrong too");
        assertRefused(Problem.NOT_ALLOWED, CLERK, nowhere, Optional.of("x"), Optional.of(fault), List.of(nowhere));
        assertRefused(
                Problem.NOT_ALLOWED,
                OpenVault.client("ils", "ils"),
                here,
                Optional.of(here.toString()),
                Optional.empty(),
                List.of(here));
        assertRefused(Problem.NOT_FOUND, SUPERVISOR, nowhere, Optional.empty(), Optional.of(fault), List.of(nowhere));
        assertRefused(
                Problem.NOT_FOUND,
                SUPERVISOR,
                here,
                Optional.of(nowhere.toString()),
                Optional.of(fault),
                List.of(here, nowhere));
        assertRefused(Problem.NOT_FOUND, SUPERVISOR, here, Optional.of("MK1"), Optional.empty(), List.of(here));
        String upperCase = here.toString().toUpperCase(java.util.Locale.ROOT) + "A";
        assertRefused(Problem.NOT_FOUND, SUPERVISOR, here, Optional.of(upperCase), Optional.empty(), List.of(here));
        assertRefused(Problem.INVALID, SUPERVISOR, here, Optional.empty(), Optional.of(fault), List.of(here));
        assertRefused(Problem.INVALID, SUPERVISOR, here, Optional.of(here.toString()), Optional.empty(), List.of(here));
    }

    private void assertRefused(
            Problem problem,
            Caller caller,
            PatronId id,
            Optional<String> into,
            Optional<Refused> fault,
            List<PatronId> aimedAt) {
        long from = vault.logSize();
        assertThat(problemOf(() -> vault.patrons()
                        .merge()
                        .merge(caller, Optional.of(id), into, fault, Optional.empty(), AuditLog.newRequest())))
                .isEqualTo(problem);
        assertThat(vault.logSince(from)).singleElement().satisfies(event -> {
            assertThat(event.act()).isEqualTo(ActKind.MERGE);
            assertThat(event.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(event.reason()).contains(problem);
            assertThat(event.subjects()).extracting(Subject::patron).containsExactlyElementsOf(aimedAt);
        });
    }

    @Test
    void sameIdempotencyKeyMergesOnceAndGetsTheSameAnswer() {
        PatronId stays = bare("ML1");
        PatronId goes = bare("ML2");
        IdempotencyStore replay = vault.patrons().replay();
        Optional<IdempotencyStore.Key> key = replay.key(SUPERVISOR, Optional.of("key"), "POST /", new byte[] {1});
        Merge.Result merged = merge(goes, stays, key);
        assertThat(replay.answered(key)).contains(merged.json());
        assertThat(entry(stays).version()).isEqualTo(2);
    }

    /** Runs all calls at once; returns how each ended: empty if it was done. */
    private static List<Optional<Problem>> atOnce(List<Runnable> calls) {
        List<CompletableFuture<Optional<Problem>>> ends = new ArrayList<>();
        for (Runnable call : calls) {
            Supplier<Optional<Problem>> end = () -> {
                try {
                    call.run();
                    return Optional.empty();
                } catch (Refused e) {
                    return Optional.of(e.problem());
                }
            };
            ends.add(CompletableFuture.supplyAsync(end));
        }
        return ends.stream().map(CompletableFuture::join).toList();
    }

    /** The position of the one call that was done; all others must have done nothing. */
    private static int winner(List<Optional<Problem>> ends) {
        assertThat(ends.stream().filter(Optional::isEmpty)).hasSize(1);
        assertThat(ends.stream().flatMap(Optional::stream)).isSubsetOf(Problem.CHANGED_MEANWHILE, Problem.NOT_FOUND);
        return ends.indexOf(Optional.<Problem>empty());
    }

    private List<PatronId> holders(String card) {
        return vault.find(card).hits().stream().map(Lookup.Hit::id).toList();
    }

    @RepeatedTest(5)
    void bothWaysAtOnceLeaveOneOfTheTwoWithBothCards() {
        String card = "MM" + vault.logSize();
        PatronId first = bare(card + "A");
        PatronId second = bare(card + "B");
        int won = winner(atOnce(List.of(() -> merge(first, second), () -> merge(second, first))));
        PatronId left = won == 0 ? second : first;
        assertThat(Stream.of(first, second).filter(this::isHere)).containsExactly(left);
        assertThat(holders(card + "A")).containsExactly(left);
        assertThat(holders(card + "B")).containsExactly(left);
    }

    @RepeatedTest(5)
    void intoTwoOthersAtOnceGoesToOneOfThem() {
        String card = "MN" + vault.logSize();
        PatronId goes = bare(card + "A");
        PatronId first = bare(card + "B");
        PatronId second = bare(card + "C");
        int won = winner(atOnce(List.of(() -> merge(goes, first), () -> merge(goes, second))));
        assertThat(holders(card + "A")).containsExactly(won == 0 ? first : second);
        assertThat(vault.reveal(won == 0 ? second : first).cards().orElseThrow())
                .hasSize(1);
    }

    @RepeatedTest(5)
    void mergeAndCardReplacementAtOnceLoseNoCard() {
        String card = "MO" + vault.logSize();
        PatronId goes = bare(card + "A");
        PatronId stays = bare(card + "B");
        List<Optional<Problem>> ends = atOnce(List.of(() -> merge(goes, stays), () -> replaceCard(goes, card + "C")));
        assertThat(ends).contains(Optional.<Problem>empty());
        assertThat(ends.stream().flatMap(Optional::stream)).isSubsetOf(Problem.CHANGED_MEANWHILE, Problem.NOT_FOUND);
        boolean merged = ends.get(0).isEmpty();
        boolean replaced = ends.get(1).isEmpty();
        assertThat(holders(card + "A")).containsExactly(merged ? stays : goes);
        // If the card was replaced before the merge, the new card moved too; otherwise it was never given.
        assertThat(holders(card + "C")).isEqualTo(replaced ? List.of(merged ? stays : goes) : List.<PatronId>of());
    }

    @RepeatedTest(5)
    void chainOfMergesAtOnceLeavesNobodyTwiceAndNoCardLost() {
        String card = "MP" + vault.logSize();
        PatronId first = bare(card + "A");
        PatronId second = bare(card + "B");
        PatronId third = bare(card + "C");
        List<Optional<Problem>> ends =
                atOnce(List.of(() -> merge(first, second), () -> merge(second, third), () -> merge(third, first)));
        long done = ends.stream().filter(Optional::isEmpty).count();
        assertThat(done).isBetween(1L, 2L);
        List<PatronId> left =
                Stream.of(first, second, third).filter(this::isHere).toList();
        assertThat(left).hasSize((int) (3 - done));
        for (String one : List.of("A", "B", "C")) {
            assertThat(holders(card + one)).hasSize(1).isSubsetOf(left);
        }
        assertThat(left.stream()
                        .mapToInt(id -> vault.reveal(id).cards().orElseThrow().size()))
                .satisfies(sizes ->
                        assertThat(sizes.stream().mapToInt(n -> n).sum()).isEqualTo(3));
    }

    @Test
    void patronWithoutAFactThatVerifiesIsNotMerged() throws Exception {
        PatronId stays = bare("MQ1");
        PatronId goes = bare("MQ2");
        try (var connection = vault.connect();
                var statement = connection.createStatement()) {
            statement.execute("UPDATE patron SET library = 'X' WHERE id = " + goes.number());
        }
        long from = vault.logSize();
        assertThatThrownBy(() -> merge(goes, stays)).isInstanceOf(org.patronvault.core.model.IntegrityException.class);
        assertThat(vault.logSize()).isEqualTo(from);
    }

    @Test
    void whoStaysIsKnownToVendorsAsBeforeAndTheOthersNumbersAreGone() {
        List.of("films", "books").forEach(vault::addVendor);
        PatronId stays = bare("MV1");
        PatronId goes = bare("MV2");
        vault.forget(stays, "films");
        vault.forget(goes, "films");
        vault.forget(goes, "books");
        List<String> known = List.of(vault.subject("films", "MV1"), vault.subject("books", "MV1"));
        List<String> gone = List.of(vault.subject("films", "MV2"), vault.subject("books", "MV2"));
        merge(goes, stays);
        assertThat(List.of(vault.subject("films", "MV1"), vault.subject("books", "MV1")))
                .isEqualTo(known)
                .doesNotContainAnyElementsOf(gone);
        assertThat(entry(stays).facts().forgotten().times()).hasSize(1);
    }
}
