package org.patronvault.log.retention;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.custody.destroy.KeyStatus;
import org.patronvault.patron.check.PatronIntegrityCheck.Finding;
import org.patronvault.patron.lookup.ChangeFeed;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;

/** Tests of the remains of an old month of the log, on each store. The vault's clock begins in November 2026. */
abstract class LogRetentionContract {
    OpenVault vault;

    abstract OpenVault open();

    @BeforeEach
    void openVault() {
        vault = open();
    }

    @AfterEach
    void close() {
        vault.close();
    }

    final void at(String time) {
        vault.clock().advance(Duration.between(vault.clock().instant(), Instant.parse(time)));
    }

    final PatronId register(String card) {
        return vault.register("'card':'" + card + "','name':{'family':'Ng'},'phone':['203-555-0101']");
    }

    final void erase(PatronId patron) {
        vault.erase(patron);
    }

    final List<Finding> check() {
        return vault.vault()
                .check()
                .run(OpenVault.person("custodian"), Progress.UNSEEN)
                .listed();
    }

    /** The months whose content keys are destroyed. */
    final List<Integer> forgotten() {
        return vault.vault().custody().keys().inventory().stream()
                .filter(key -> key.name().equals(KeyName.LOG_CONTENT) && key.state() == KeyState.DESTROYED)
                .map(key -> key.version())
                .toList();
    }

    final List<AccessEvent> entries(ActKind act) {
        return vault.logSince(0).stream().filter(entry -> entry.act() == act).toList();
    }

    final List<Subject> carried(Outcome outcome) {
        return entries(ActKind.CARRY).stream()
                .filter(entry -> entry.outcome() == outcome)
                .flatMap(entry -> entry.subjects().stream())
                .toList();
    }

    final void assertLogIsWhole(LogVerifier.SavedCheckpoint... saved) {
        vault.vault().log().checkpoint();
        assertThat(LogVerifier.verify(vault.vault().store(), List.of(saved)).problems())
                .isEmpty();
    }

    private List<String> feed() {
        return vault
                .patrons()
                .changes()
                .after(OpenVault.client("ils", "ils"), 0, ChangeFeed.MAX_CHANGES, AuditLog.newRequest())
                .stream()
                .map(one -> one.id() + " " + one.version() + (one.erased() ? " erased" : ""))
                .toList();
    }

    @Test
    void whatIsCurrentIsCarriedAndTheRestOfTheMonthIsAboutNobodyAnyMore() {
        PatronId ann = register("A1");
        PatronId bob = register("B1");
        PatronId cat = register("C1");
        PatronId dan = register("D1");
        vault.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(60), false, n -> {});
        erase(cat);
        vault.reveal(ann);
        at("2027-01-10T00:00:00Z");
        vault.patch(bob, 1, "{'phone':['203-555-0199']}");
        erase(dan);
        List<String> before = feed();
        long last = vault.logSize();
        LogVerifier.SavedCheckpoint saved = new LogVerifier.SavedCheckpoint(
                "saved", vault.vault().log().checkpoint().note());

        at("2028-12-01T00:00:00Z");
        Forgetting.ofWhatIsDue(vault);

        assertThat(forgotten()).containsExactly(202611);
        assertThat(carried(Outcome.WRITTEN))
                .hasSize(62)
                .allSatisfy(one -> assertThat(one.writes())
                        .extracting(Subject.Write::field)
                        .containsExactlyInAnyOrderElementsOf(one.fields()));
        assertThat(carried(Outcome.WRITTEN))
                .filteredOn(one -> one.patron().equals(bob))
                .singleElement()
                .satisfies(one -> assertThat(one.fields())
                        .containsExactlyInAnyOrder(
                                PatronField.CARD, PatronField.NAME, PatronField.ADDRESS, PatronField.EMAIL));
        assertThat(carried(Outcome.WRITTEN))
                .filteredOn(one -> !one.patron().equals(bob))
                .allMatch(one -> one.fields().equals(Set.of(PatronField.values())));
        assertThat(carried(Outcome.ERASED)).extracting(Subject::patron).containsExactly(cat);
        assertThat(vault.logSince(0).subList(0, (int) last))
                .filteredOn(entry -> entry.time().isBefore(Instant.parse("2026-12-01T00:00:00Z")))
                .allMatch(entry -> entry.subjects().isEmpty());
        assertThat(vault.vault().log().reader().about(ann))
                .extracting(entry -> entry.event().act())
                .containsExactly(ActKind.CARRY);
        assertThat(vault.vault().log().reader().about(dan))
                .extracting(entry -> entry.event().act())
                .containsExactly(ActKind.ERASE);

        assertLogIsWhole(saved);
        assertThat(check()).isEmpty();
        assertThat(feed()).containsExactlyInAnyOrderElementsOf(before);
        assertThat(vault.vault().keyStatus().now().keys())
                .filteredOn(key -> key.field().equals(KeyName.LOG_CONTENT))
                .flatExtracting(KeyStatus.Key::versions)
                .extracting(version -> version.version() + " " + version.state())
                .containsExactly("202611 destroyed", "202701 active", "202812 primary");
        erase(bob);
        assertThat(feed())
                .filteredOn(change -> change.startsWith(bob.toString()))
                .containsExactly(bob + " 3 erased");
        vault.restart();
        assertThat(check()).isEmpty();
    }

    @Test
    void destructionIsInTheLogBeforeAndAfterWithTheStateOfTheRing() {
        register("A1");
        at("2029-03-01T00:00:00Z");
        long before = vault.logSize();
        Forgetting.ofWhatIsDue(vault);
        List<AccessEvent> entries = vault.logSince(before);
        assertThat(entries)
                .extracting(AccessEvent::act)
                .containsExactly(ActKind.NEW_KEY, ActKind.CARRY, ActKind.DESTROY, ActKind.DESTROY);
        assertThat(entries.subList(2, 4)).allSatisfy(entry -> {
            assertThat(entry.outcome()).isEqualTo(Outcome.KEY);
            assertThat(entry.about()).contains("log-content 202611");
            assertThat(entry.actor()).isEqualTo(Actor.VAULT);
        });
        assertThat(entries.get(2).mark()).isEmpty();
        assertThat(entries.get(3).mark().orElseThrow().revision())
                .isEqualTo(vault.vault().custody().mark().revision());
    }

    @Test
    void whoIsWrittenOrErasedMeanwhileIsNeverSaidToBeAsBefore() throws Exception {
        vault.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(400), false, n -> {});
        List<PatronId> patrons = IntStream.rangeClosed(1, 60)
                .mapToObj(n -> vault.find("N" + n).hits().get(0).id())
                .toList();
        at("2029-01-15T00:00:00Z");
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService desk = Executors.newSingleThreadExecutor();
        Future<?> written = desk.submit(() -> {
            for (int n = 0; n < patrons.size() && !done.get(); n++) {
                vault.patch(patrons.get(n), 1, "{'email':['n@example.org']}");
                if (n % 3 == 0) {
                    erase(patrons.get(n));
                }
            }
        });
        Forgetting.ofWhatIsDue(vault);
        done.set(true);
        written.get();
        desk.shutdown();
        assertThat(forgotten()).containsExactly(202611);
        assertThat(check()).isEmpty();
        assertLogIsWhole();
    }
}
