package org.patronvault.patron.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.patron.lookup.ChangeFeed.Change;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;

/**
 * Tests of the change feed for other systems, for each database. They share one vault; each reads from its own start.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ChangeFeedContract {
    private static final Caller ILS = OpenVault.client("ils", "ils");
    private OpenVault vault;
    private long start;
    private int cards;

    abstract OpenVault open();

    @BeforeAll
    void openVault() {
        vault = open();
    }

    @BeforeEach
    void begin() {
        start = changes(0, ChangeFeed.MAX_CHANGES).stream()
                .mapToLong(Change::n)
                .max()
                .orElse(0);
    }

    @AfterAll
    void close() {
        if (vault != null) {
            vault.close();
        }
    }

    private PatronId register() {
        return vault.register("'card':'" + nextCard() + "','name':{'family':'F'}");
    }

    private String nextCard() {
        return "CF" + ++cards;
    }

    private List<Change> changes(long after, int limit) {
        return vault.patrons().changes().after(ILS, after, limit, AuditLog.newRequest());
    }

    private List<Change> changes() {
        return changes(start, ChangeFeed.MAX_CHANGES);
    }

    private static String said(Change change) {
        return change.id() + " " + change.version() + (change.erased() ? " erased" : "");
    }

    private void erase(PatronId id) {
        vault.erase(id);
    }

    @Test
    void nothingHappenedIsAnEmptyList() {
        assertThat(changes()).isEmpty();
    }

    @Test
    void eachPatronIsThereOnceWithItsLatestChangeInTheOrderOfThose() {
        PatronId first = register();
        PatronId second = register();
        PatronId third = register();
        PatronId fourth = register();
        vault.patch(second, 1, "{'status':'blocked'}");
        vault.patch(first, 1, "{'email':['c1@example.org']}");
        erase(third);
        vault.patrons()
                .cardReplacement()
                .replace(
                        OpenVault.person("circulation"),
                        Optional.of(second),
                        () -> nextCard(),
                        Optional.empty(),
                        AuditLog.newRequest());
        assertThat(changes())
                .extracting(ChangeFeedContract::said)
                .containsExactly(fourth + " 1", first + " 2", third + " 2 erased", second + " 3");
        assertThat(changes()).extracting(Change::n).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void onlyWhatCameAfterIsTold() {
        PatronId first = register();
        long seen = changes().get(0).n();
        assertThat(changes(seen, 10)).isEmpty();
        assertThat(changes(seen - 1, 10)).hasSize(1);
        vault.patch(first, 1, "{'status':'blocked'}");
        assertThat(changes(seen, 10)).extracting(ChangeFeedContract::said).containsExactly(first + " 2");
        assertThat(changes(999_999_999_999_999_999L, 10)).isEmpty();
    }

    @Test
    void followingInSmallStepsTellsEveryPatronOfAnImportOnce() {
        vault.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(45), false, n -> {});
        List<Change> followed = new ArrayList<>();
        List<Change> step = changes(start, 7);
        while (!step.isEmpty()) {
            assertThat(step).hasSizeLessThanOrEqualTo(7);
            followed.addAll(step);
            step = changes(step.get(step.size() - 1).n(), 7);
        }
        assertThat(followed).isEqualTo(changes());
        assertThat(followed).extracting(Change::id).hasSize(45).doesNotHaveDuplicates();
        assertThat(followed).extracting(Change::n).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void whoFollowsWhilePatronsChangeMissesNothing() {
        List<PatronId> ids = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            ids.add(register());
        }
        List<Change> first = changes(start, 3);
        vault.patch(ids.get(0), 1, "{'status':'blocked'}");
        erase(ids.get(4));
        List<Change> rest = changes(first.get(2).n(), 10);
        assertThat(rest)
                .extracting(ChangeFeedContract::said)
                .containsExactly(ids.get(3) + " 1", ids.get(5) + " 1", ids.get(0) + " 2", ids.get(4) + " 2 erased");
    }

    @Test
    void longStretchOfLooksIsPassedOver() {
        PatronId first = register();
        AuditLog log = vault.vault().log();
        List<CompletableFuture<AuditReceipt>> looks = new ArrayList<>();
        for (int i = 0; i < LogReader.MAX_ENTRIES + 50; i++) {
            looks.add(log.submit(
                    AuditLog.entry(log.event(ILS.actor(), ActKind.SEARCH, Outcome.SEARCHED, AuditLog.newRequest())),
                    Lane.DESK));
        }
        looks.forEach(AuditLog::await);
        PatronId last = register();
        assertThat(changes()).extracting(Change::id).containsExactly(first, last);
        assertThat(changes(changes().get(0).n(), 1)).extracting(Change::id).containsExactly(last);
    }

    @Test
    void rotationOfKeysChangesNobody() {
        register();
        List<Change> before = changes();
        assertThat(vault.rotate("all").state()).isEqualTo("done");
        assertThat(changes()).isEqualTo(before);
    }

    @Test
    void refusedAndFailedWritesChangeNobody() {
        PatronId id = register();
        String taken = "CF" + cards;
        assertThatThrownBy(() -> vault.register("'card':'" + taken + "','name':{'family':'F'}"))
                .isInstanceOf(Refused.class);
        PatronId other = register();
        assertThatThrownBy(() -> vault.patch(other, 1, "{'card':'" + taken + "'}"))
                .isInstanceOf(Refused.class);
        assertThat(changes()).extracting(ChangeFeedContract::said).containsExactly(id + " 1", other + " 1");
    }

    @Test
    void readingIsNotLoggedAndOpensNothing() {
        register();
        long from = vault.logSize();
        assertThat(changes()).hasSize(1);
        assertThat(vault.logSize()).isEqualTo(from);
    }

    @ParameterizedTest
    @ValueSource(strings = {"circulation", "supervisor", "director", "privacy-officer", "custodian", "admin", "page"})
    void personIsRefusedAndTheRefusalLogged(String role) {
        assertRefused(OpenVault.person(role));
    }

    @ParameterizedTest
    @ValueSource(strings = {"notices", "entitlement", "statistics", "witness", "metrics"})
    void clientOfAnotherScopeIsRefusedAndTheRefusalLogged(String scope) {
        assertRefused(OpenVault.client("other", scope));
    }

    private void assertRefused(Caller caller) {
        long from = vault.logSize();
        assertThatThrownBy(() -> vault.patrons().changes().after(caller, 0, 10, AuditLog.newRequest()))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_ALLOWED));
        assertThat(vault.logSince(from)).singleElement().satisfies(event -> {
            assertThat(event.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(event.act()).isEqualTo(ActKind.FACTS);
        });
    }
}
