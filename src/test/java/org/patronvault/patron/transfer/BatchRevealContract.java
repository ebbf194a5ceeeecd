package org.patronvault.patron.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.testing.OpenVault;

/**
 * Tests of reveals of many patrons in one call, for each database. They share one vault; each uses patrons of its own.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BatchRevealContract {
    private static final Set<PatronField> NAME = Set.of(PatronField.NAME);
    private static final Caller UNLIMITED = OpenVault.client("ils", "ils");

    private final AtomicInteger next = new AtomicInteger();
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

    private List<PatronId> register(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> next.incrementAndGet())
                .map(n -> vault.register(
                        "'card':'B" + n + "','name':{'family':'Family" + n + "'},'email':['b" + n + "@example.org']"))
                .toList();
    }

    private static Caller client(String name, int daily) {
        Actor actor = new Actor(Actor.Kind.CLIENT, name, "ils", "");
        return new Caller(actor, Set.of("ils"), Optional.empty(), Optional.empty(), OptionalInt.of(daily), true);
    }

    private static BatchReveal.Request asked(List<PatronId> ids, Set<PatronField> fields) {
        return new BatchReveal.Request(
                ids.stream().map(Optional::of).toList(),
                fields,
                Optional.of(Purpose.ACCOUNT_SERVICE),
                Optional.empty());
    }

    private List<BatchReveal.RevealedPatron> reveal(Caller caller, BatchReveal.Request asked) {
        return AuditLog.await(vault.patrons().batchReveal().reveal(caller, asked, AuditLog.newRequest()));
    }

    private List<BatchReveal.RevealedPatron> reveal(Caller caller, List<PatronId> ids) {
        return reveal(caller, asked(ids, NAME));
    }

    private void assertRefused(Problem problem, Caller caller, BatchReveal.Request asked) {
        assertThatThrownBy(() -> reveal(caller, asked))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(problem));
    }

    private static Stream<PatronId> patrons(List<AccessEvent> events) {
        return events.stream().flatMap(e -> e.subjects().stream()).map(Subject::patron);
    }

    /** Asserts that every entry since {@code from} is a refusal, and together they name exactly these patrons. */
    private void assertOnlyRefusals(long from, Problem problem, List<PatronId> aimedAt) {
        List<AccessEvent> events = vault.logSince(from).stream()
                .filter(event -> event.outcome() != Outcome.ALERT)
                .toList();
        assertThat(events).isNotEmpty().allSatisfy(event -> {
            assertThat(event.act()).isEqualTo(ActKind.REVEAL);
            assertThat(event.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(event.reason()).contains(problem);
        });
        assertThat(patrons(events)).containsExactlyInAnyOrderElementsOf(aimedAt);
    }

    @Test
    void hundredPatronsAreOpenedInTheOrderAskedEachWithAnEntryThatNamesItAlone() {
        List<PatronId> ids = new ArrayList<>(register(BatchReveal.MAX_PATRONS));
        java.util.Collections.reverse(ids);
        Set<PatronField> fields = Set.of(PatronField.NAME, PatronField.EMAIL);
        long from = vault.logSize();

        List<BatchReveal.RevealedPatron> revealed = reveal(UNLIMITED, asked(ids, fields));

        assertThat(revealed).extracting(BatchReveal.RevealedPatron::id).containsExactlyElementsOf(ids);
        List<AccessEvent> events = vault.logSince(from);
        assertThat(events).hasSize(100);
        assertThat(events.stream().map(e -> java.util.HexFormat.of().formatHex(e.request())))
                .as("entries of one call")
                .containsOnly(java.util.HexFormat.of().formatHex(events.get(0).request()));
        assertThat(revealed).extracting(BatchReveal.RevealedPatron::entry).doesNotHaveDuplicates();
        assertThat(revealed).allSatisfy(one -> {
            AccessEvent event = events.get((int) (one.entry() - from));
            assertThat(event.act()).isEqualTo(ActKind.REVEAL);
            assertThat(event.outcome()).isEqualTo(Outcome.DISCLOSED);
            assertThat(event.purpose()).contains(Purpose.ACCOUNT_SERVICE);
            assertThat(event.subjects()).containsExactly(Subject.opened(one.id(), fields));
            assertThat(one.data()).isEqualTo(opened(one.id()));
        });
    }

    private PersonalData opened(PatronId id) {
        PersonalData all = vault.reveal(id);
        return new PersonalData(Optional.empty(), all.name(), Optional.empty(), Optional.empty(), all.email());
    }

    @ParameterizedTest
    @ValueSource(strings = {"circulation", "supervisor", "director", "privacy-officer", "admin", "page"})
    void personIsRefused(String role) {
        List<PatronId> ids = register(2);
        long from = vault.logSize();
        assertRefused(Problem.NOT_ALLOWED, OpenVault.person(role), asked(ids, NAME));
        assertOnlyRefusals(from, Problem.NOT_ALLOWED, ids);
    }

    @Test
    void refusalNamesEveryPatronItWasAimedAt() {
        List<PatronId> ids = register(45);
        long from = vault.logSize();
        assertRefused(Problem.NOT_ALLOWED, OpenVault.person("circulation"), asked(ids, NAME));
        assertOnlyRefusals(from, Problem.NOT_ALLOWED, ids);
        assertThat(vault.logSize() - from).isEqualTo(3);
    }

    @Test
    void fieldThatIsNotAllowedRefusesTheWholeCall() {
        List<PatronId> ids = register(3);
        Caller notices = OpenVault.client("notices", "notices");
        BatchReveal.Request asked = new BatchReveal.Request(
                ids.stream().map(Optional::of).toList(),
                Set.of(PatronField.NAME, PatronField.ADDRESS),
                Optional.of(new Purpose("hold-notice")),
                Optional.empty());
        long from = vault.logSize();
        assertRefused(Problem.FIELD_NOT_ALLOWED, notices, asked);
        assertOnlyRefusals(from, Problem.FIELD_NOT_ALLOWED, ids);
        assertRefused(Problem.PURPOSE_NOT_ALLOWED, notices, asked(ids, NAME));
    }

    @Test
    void clientNarrowedByFieldsAndPurposeOpensNoMoreThanThat() {
        List<PatronId> ids = register(2);
        Actor actor = new Actor(Actor.Kind.CLIENT, "narrow", "ils", "");
        Caller narrow = new Caller(
                actor,
                Set.of("ils"),
                Optional.of(Set.of(PatronField.EMAIL)),
                Optional.of(Set.of(Purpose.ACCOUNT_SERVICE)),
                OptionalInt.of(10),
                true);
        assertThat(reveal(narrow, asked(ids, Set.of(PatronField.EMAIL)))).hasSize(2);
        assertRefused(Problem.FIELD_NOT_ALLOWED, narrow, asked(ids, NAME));
        assertRefused(
                Problem.PURPOSE_NOT_ALLOWED,
                narrow,
                new BatchReveal.Request(
                        ids.stream().map(Optional::of).toList(),
                        Set.of(PatronField.EMAIL),
                        Optional.of(new Purpose("checkout")),
                        Optional.empty()));
    }

    @Test
    void unknownOrMalformedIdRefusesTheWholeCallAndItsPlaceIsTold() {
        List<PatronId> ids = register(2);
        BatchReveal.Request asked = new BatchReveal.Request(
                List.of(
                        Optional.of(ids.get(0)),
                        Optional.of(new PatronId(7)),
                        Optional.of(ids.get(1)),
                        Optional.empty()),
                NAME,
                Optional.of(Purpose.ACCOUNT_SERVICE),
                Optional.of(new Refused(Problem.INVALID, "told after what is not there")));
        long from = vault.logSize();
        assertThatThrownBy(() -> reveal(UNLIMITED, asked))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_FOUND))
                .hasMessageContaining("2, 4")
                .hasMessageNotContaining("0007");
        assertOnlyRefusals(from, Problem.NOT_FOUND, List.of(ids.get(0), new PatronId(7), ids.get(1)));
    }

    @Test
    void erasedPatronIsLikeOneNeverThere() {
        List<PatronId> ids = register(2);
        vault.erase(ids.get(0));
        assertRefused(Problem.NOT_FOUND, UNLIMITED, asked(ids, NAME));
    }

    @Test
    void faultIsToldLastAndLogged() {
        List<PatronId> ids = register(1);
        BatchReveal.Request asked = new BatchReveal.Request(
                List.of(Optional.of(ids.get(0))),
                Set.of(),
                Optional.empty(),
                Optional.of(new Refused(Problem.PURPOSE_REQUIRED, "no purpose")));
        long from = vault.logSize();
        assertRefused(Problem.PURPOSE_REQUIRED, UNLIMITED, asked);
        assertOnlyRefusals(from, Problem.PURPOSE_REQUIRED, ids);
    }

    @Test
    void dailyNumberMayBeReachedExactlyAndNotPassed() {
        List<PatronId> ids = register(7);
        Caller client = client("exact", 6);
        assertThat(reveal(client, ids.subList(0, 4))).hasSize(4);
        long from = vault.logSize();
        assertRefused(Problem.REVEAL_LIMIT, client, asked(ids.subList(4, 7), NAME));
        List<AccessEvent> events = vault.logSince(from);
        assertThat(events).extracting(AccessEvent::outcome).containsOnlyOnce(Outcome.ALERT);
        assertThat(patrons(events.stream()
                        .filter(event -> event.outcome() == Outcome.REFUSED)
                        .toList()))
                .containsExactlyInAnyOrderElementsOf(ids.subList(4, 7));
        // The refused call did not count, and patrons opened before are free.
        assertThat(reveal(client, ids.subList(2, 6))).hasSize(4);
        assertRefused(Problem.REVEAL_LIMIT, client, asked(ids.subList(6, 7), NAME));
        assertThat(reveal(client, ids.subList(0, 6))).hasSize(6);
        vault.clock().advance(Duration.ofDays(1));
        assertThat(reveal(client, ids.subList(1, 7))).hasSize(6);
    }

    @Test
    void callsAtTheSameTimeTogetherStayWithinTheDailyNumber() {
        List<PatronId> ids = register(80);
        Caller client = client("at-once", 50);
        List<CompletableFuture<List<BatchReveal.RevealedPatron>>> calls = IntStream.range(0, 8)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> reveal(client, ids.subList(i * 10, i * 10 + 10))))
                .toList();
        int opened = 0;
        int refused = 0;
        for (CompletableFuture<List<BatchReveal.RevealedPatron>> call : calls) {
            try {
                opened += call.join().size();
            } catch (CompletionException e) {
                assertThat(e.getCause())
                        .isInstanceOfSatisfying(
                                Refused.class, r -> assertThat(r.problem()).isEqualTo(Problem.REVEAL_LIMIT));
                refused++;
            }
        }
        assertThat(opened).isEqualTo(50);
        assertThat(refused).isEqualTo(3);
    }

    @Test
    void alteredValueOfOnePatronFailsTheWholeCall() throws Exception {
        List<PatronId> ids = register(3);
        try (var connection = vault.connect();
                var statement = connection.createStatement()) {
            statement.execute("UPDATE cell SET generation = 9 WHERE field = 'name' AND patron = "
                    + ids.get(2).number());
        }
        assertThatThrownBy(() -> reveal(UNLIMITED, ids))
                .isInstanceOf(org.patronvault.core.model.IntegrityException.class);
    }
}
