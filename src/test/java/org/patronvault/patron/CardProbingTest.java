package org.patronvault.patron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.patron.lookup.SearchQuery;
import org.patronvault.testing.OpenVault;

/** Tests that each call that reveals whether a patron has a card costs a search. */
final class CardProbingTest {
    private static final int SEARCHES = 30;
    private static int clerks;
    private static OpenVault vault;

    private final Caller clerk = clerk();
    private PatronId own;
    private long from;

    /** Returns another person for each test, since searches are counted by person. */
    private static Caller clerk() {
        clerks++;
        Actor actor = new Actor(Actor.Kind.STAFF, "clerk-" + clerks, "circulation", "NC");
        return new Caller(actor, Set.of(), Optional.empty(), Optional.empty(), OptionalInt.empty(), true);
    }

    @BeforeAll
    static void open() {
        vault = OpenVault.under(new String(PolicyFile.defaultText(), StandardCharsets.UTF_8)
                .replace("searches: {tenMinutes: 300}", "searches: {tenMinutes: " + SEARCHES + "}"));
        for (int i = 0; i < 10; i++) {
            vault.register("'card':'" + card(2 * i) + "','name':{'family':'F'}");
        }
    }

    @BeforeEach
    void registerOne() {
        own = vault.register("'card':'OWN" + clerks + "','name':{'family':'F'}");
        from = vault.logSize();
    }

    @AfterAll
    static void close() {
        vault.close();
    }

    private static String card(int number) {
        return Integer.toString(70_000 + number);
    }

    /** Registers without consent; nothing else in the call is malformed. */
    private void registerWithoutConsent(Caller caller, int number) {
        vault.patrons()
                .registration()
                .register(
                        caller,
                        () -> card(number),
                        () -> {
                            throw new Refused(Problem.CONSENT_REQUIRED, "No consent.");
                        },
                        Optional.empty(),
                        AuditLog.newRequest());
    }

    private void replace(int number, Optional<IdempotencyStore.Key> key) {
        vault.patrons()
                .cardReplacement()
                .replace(clerk, Optional.of(own), () -> card(number), key, AuditLog.newRequest());
    }

    private void replaceForNoReason(int number) {
        vault.patrons()
                .cardReplacement()
                .replace(
                        clerk,
                        Optional.of(own),
                        () -> card(number),
                        () -> {
                            throw new Refused(Problem.INVALID, "No reason.");
                        },
                        Optional.empty(),
                        AuditLog.newRequest());
    }

    private void patch(int number, OptionalLong version, Optional<IdempotencyStore.Key> key) {
        vault.patrons()
                .correction()
                .apply(
                        clerk,
                        Optional.of(own),
                        version,
                        () -> OpenVault.json("{'card':'" + card(number) + "'}"),
                        key,
                        AuditLog.newRequest());
    }

    private static Optional<IdempotencyStore.Key> unusable() {
        return Optional.of(IdempotencyStore.Key.unusable(new Refused(Problem.INVALID, "That is no key.")));
    }

    /** How often each refusal occurred in so many tries, about one card after the other. */
    private static Map<Problem, Integer> refusals(int tries, IntConsumer call) {
        Map<Problem, Integer> refusals = new EnumMap<>(Problem.class);
        for (int i = 0; i < tries; i++) {
            try {
                call.accept(i);
            } catch (Refused e) {
                refusals.merge(e.problem(), 1, Integer::sum);
            }
        }
        return refusals;
    }

    private List<String> alerts() {
        return vault.logSince(from).stream()
                .filter(entry -> entry.outcome() == Outcome.ALERT)
                .map(entry -> entry.about().orElseThrow())
                .toList();
    }

    private void assertLimitedAndToldOf(Map<Problem, Integer> refusals) {
        assertThat(refusals).containsEntry(Problem.SEARCH_LIMIT, 20);
        assertThat(alerts()).contains("sequential-cards", "limit-reached");
    }

    @Test
    void registeringWithoutConsentIsASearchForTheCardWhetherItIsTakenOrFree() {
        Map<Problem, Integer> refusals = refusals(SEARCHES + 20, number -> registerWithoutConsent(clerk, number));
        assertThat(refusals).containsKeys(Problem.CARD_IN_USE, Problem.CONSENT_REQUIRED);
        assertLimitedAndToldOf(refusals);
        assertThatThrownBy(() -> vault.patrons()
                        .lookup()
                        .find(clerk, byCard(), AuditLog.newRequest())
                        .join())
                .as("the search by another name")
                .hasCauseInstanceOf(Refused.class);
    }

    private static SearchQuery byCard() {
        return new SearchQuery(
                Optional.empty(),
                Optional.of("NOBODYS"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(new Purpose("account-service")),
                1,
                Set.of(),
                Optional.empty());
    }

    @Test
    void eachRefusedRegistrationHasOneEntryOfItsOwn() {
        refusals(3, number -> registerWithoutConsent(clerk, number));
        assertThat(vault.logSince(from)).extracting(AccessEvent::outcome).containsOnly(Outcome.REFUSED);
        assertThat(vault.logSince(from))
                .extracting(entry -> entry.reason().orElseThrow())
                .containsExactly(Problem.CARD_IN_USE, Problem.CONSENT_REQUIRED, Problem.CARD_IN_USE);
    }

    @Test
    void registrationThatIsDoneCountsNothing() {
        for (int i = 0; i < SEARCHES + 5; i++) {
            vault.patrons()
                    .registration()
                    .register(
                            clerk,
                            vault.draft("'card':'" + card(1_000 + i) + "','name':{'family':'F'}"),
                            Optional.empty(),
                            AuditLog.newRequest());
        }
        assertThat(alerts()).isEmpty();
    }

    @Test
    void registrationWithAKeyThatIsNoneIsASearchToo() {
        Map<Problem, Integer> refusals = refusals(
                SEARCHES + 20,
                number -> vault.patrons()
                        .registration()
                        .register(
                                clerk,
                                vault.draft("'card':'" + card(number) + "','name':{'family':'F'}"),
                                unusable(),
                                AuditLog.newRequest()));
        assertLimitedAndToldOf(refusals);
    }

    @Test
    void replacingACardIsASearchForTheNewOneDoneOrNot() {
        assertLimitedAndToldOf(refusals(SEARCHES + 20, number -> replace(number, Optional.empty())));
    }

    @Test
    void replacingACardForNoReasonOrUnderAKeyThatIsNoneIsASearchToo() {
        assertThat(refusals(SEARCHES / 2, this::replaceForNoReason)).doesNotContainKey(Problem.SEARCH_LIMIT);
        assertLimitedAndToldOf(refusals(SEARCHES / 2 + 20, number -> replace(number, unusable())));
    }

    @Test
    void changingTheCardIsASearchThoughTheVersionOrTheKeyIsWrong() {
        assertThat(refusals(SEARCHES / 2, number -> patch(number, OptionalLong.of(99), Optional.empty())))
                .containsOnlyKeys(Problem.CARD_IN_USE, Problem.VERSION_STALE);
        assertLimitedAndToldOf(refusals(SEARCHES / 2 + 20, number -> patch(number, OptionalLong.of(1), unusable())));
    }

    @Test
    void clientThatRegistersToLearnIsToldOf() {
        Map<Problem, Integer> refusals =
                refusals(200, number -> registerWithoutConsent(OpenVault.client("koha", "ils"), number));
        assertThat(refusals).containsOnlyKeys(Problem.CARD_IN_USE, Problem.CONSENT_REQUIRED);
        assertThat(alerts()).contains("sequential-cards");
    }
}
