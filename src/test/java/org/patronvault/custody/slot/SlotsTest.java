package org.patronvault.custody.slot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.keys.share.Share;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.OpenVault;

/** Tests of slots that two custodians add or remove, with interruptions and faults. */
final class SlotsTest {
    private static final Actor CORA = new Actor(Actor.Kind.STAFF, "cora", "custodian", "");
    private static final String PUT_BACK = "slots-put-back";
    private static final Actor CARL = new Actor(Actor.Kind.STAFF, "carl", "custodian", "");

    private OpenVault vault;
    private byte[] first;

    @BeforeEach
    void addASecondSlot() throws IOException {
        vault = OpenVault.onSqlite();
        vault.enrol(CORA, CARL);
        vault.register("'card':'S1','name':{'family':'Doe'}");
        first = Files.readAllBytes(file());
        assertThat(add()).isEqualTo(2);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private Slots slots() {
        return vault.vault().slots();
    }

    private static Approvals.Requester both() {
        return Approvals.Requester.of(CORA, Optional.of(CARL));
    }

    private int add() {
        try (SlotMaker maker = slots().more()) {
            List<Share> shares = maker.addShares(2, 2);
            shares.forEach(maker::prove);
            slots().add(CORA, Optional.of(new Approver("carl", Approver.Origin.SAME_TERMINAL)), maker);
            return maker.facts().get(0).id();
        }
    }

    private List<Integer> ids() {
        return vault.vault().custody().slots().stream().map(SlotFacts::id).toList();
    }

    private static void assertRefused(Problem problem, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(problem));
    }

    /** Keeps slots.json from being written, until it is removed. */
    private Path obstacle() throws IOException {
        Path inTheWay = vault.home().keys().resolve("slots.json.new");
        Files.createFile(Files.createDirectories(inTheWay).resolve("x"));
        return inTheWay;
    }

    private static void clear(Path obstacle) throws IOException {
        Files.delete(obstacle.resolve("x"));
        Files.delete(obstacle);
    }

    @Test
    void removedSlotIsGoneAndTheLogHasBoth() {
        long before = vault.logSize();
        assertThat(slots().remove(both(), 2).filed()).isEmpty();
        assertThat(ids()).containsExactly(1);
        List<AccessEvent> entries = vault.logSince(before);
        assertThat(entries)
                .allMatch(entry -> entry.act() == ActKind.SLOT
                        && entry.outcome() == Outcome.KEY
                        && entry.about().equals(Optional.of("slot-2")));
        assertThat(entries.get(0).second()).contains(new Approver("carl", Approver.Origin.SAME_TERMINAL));
        assertThat(entries).hasSize(2);
        vault.restart();
        assertThat(ids()).containsExactly(1);
        assertThat(vault.logSince(before))
                .filteredOn(entry -> entry.act() == ActKind.SLOT)
                .hasSize(2);
    }

    @Test
    void removalThatCouldNotBeWrittenIsInTheLogAndFinishedAtTheNextOpening() throws IOException {
        Path obstacle = obstacle();
        long before = vault.logSize();
        assertRefused(Problem.STORE_FULL, () -> slots().remove(both(), 2));
        assertThat(vault.logSince(before).get(0).outcome()).isEqualTo(Outcome.KEY);
        assertThat(ids()).containsExactly(1, 2);
        assertRefused(Problem.OPERATION_RUNNING, () -> slots().remove(both(), 2));
        assertRefused(Problem.LAST_SLOT, () -> slots().remove(both(), 1));
        assertRefused(Problem.STORE_FULL, slots()::resume);
        vault.restart();
        assertThat(ids()).as("no reason to stay sealed").containsExactly(1, 2);
        clear(obstacle);
        vault.restart();
        assertThat(ids()).containsExactly(1);
        assertRefused(Problem.NOT_FOUND, () -> slots().remove(both(), 2));
        assertRefused(Problem.LAST_SLOT, () -> slots().remove(both(), 1));
    }

    @Test
    void slotThatIsPutBackIsRemovedAgainAndToldOf() throws IOException {
        byte[] before = Files.readAllBytes(file());
        assertThat(slots().remove(both(), 2).filed()).isEmpty();
        byte[] after = Files.readAllBytes(file());
        long entries = vault.logSize();

        vault.whileStopped(() -> put(before));

        assertThat(ids()).containsExactly(1);
        assertThat(Files.readAllBytes(file())).isEqualTo(after);
        assertThat(told(entries)).containsExactly("slot-2", PUT_BACK);
        put(new String(before, UTF_8)
                .replace("\"created\" : \"20", "\"created\" : \"19")
                .getBytes(UTF_8));
        slots().resume();
        assertThat(ids()).containsExactly(1);
        assertThat(told(entries)).as("each time").hasSize(4);
        put(before);
        assertThat(add()).as("a number that is given once").isEqualTo(3);
        slots().resume();
        assertThat(ids()).containsExactly(1, 3);
    }

    @Test
    void whatIsAsItShouldBeIsLookedAtWithoutTouchingTheFiles() throws IOException {
        assertThat(slots().remove(both(), 2).filed()).isEmpty();
        Path lock = vault.home().keys().resolve("lock");
        Files.delete(lock);
        slots().resume();
        assertThat(lock).doesNotExist();
    }

    @Test
    void listFromBeforeASlotThatWasRemovedIsToldOfAndItsNumberNotGivenAgain() throws IOException {
        byte[] before = Files.readAllBytes(file());
        assertThat(add()).isEqualTo(3);
        assertThat(slots().remove(both(), 3).filed()).isEmpty();
        long entries = vault.logSize();

        vault.whileStopped(() -> put(before));

        assertThat(told(entries)).containsExactly("slot-3", PUT_BACK);
        assertThat(ids()).containsExactly(1, 2);
        assertThat(add()).isEqualTo(4);
        vault.restart();
        assertThat(told(entries)).hasSize(2);
    }

    @Test
    void slotThatIsPutBackAloneStaysUntilSomethingElseOpensTheVault() throws IOException {
        byte[] old = Files.readAllBytes(file());
        assertThat(add()).isEqualTo(3);
        assertThat(slots().remove(both(), 1).filed()).isEmpty();
        assertThat(slots().remove(both(), 2).filed()).isEmpty();
        long entries = vault.logSize();
        put(old);

        slots().resume();

        assertThat(told(entries))
                .as("two that went, and one that is not there any more")
                .containsExactly("slot-1", PUT_BACK, "slot-2", PUT_BACK, "slot-3", PUT_BACK);
        assertThat(ids()).containsExactly(1, 2);
        assertRefused(Problem.LAST_SLOT, () -> slots().remove(both(), 1));
        slots().resume();
        assertThat(told(entries)).as("once while they stay").hasSize(6);
        assertThat(add()).isEqualTo(4);
        slots().resume();
        assertThat(ids()).containsExactly(4);
        put(old);
        slots().resume();
        assertThat(told(entries)).as("once for each time").hasSize(12);
    }

    @Test
    void slotThatIsPutBackAfterSomebodyPutTheRightListInItsPlaceIsToldOfOnceMore() throws IOException {
        byte[] old = Files.readAllBytes(file());
        assertThat(add()).isEqualTo(3);
        assertThat(slots().remove(both(), 1).filed()).isEmpty();
        assertThat(slots().remove(both(), 2).filed()).isEmpty();
        byte[] right = Files.readAllBytes(file());
        put(old);
        slots().resume();
        put(right);
        slots().resume();
        long entries = vault.logSize();

        put(old);
        slots().resume();

        assertThat(told(entries)).containsExactly("slot-1", PUT_BACK, "slot-2", PUT_BACK, "slot-3", PUT_BACK);
    }

    @Test
    void slotThatIsNotRemovedYetStaysWhileAnOlderListHasNothingElse() throws IOException {
        Path obstacle = obstacle();
        assertRefused(Problem.STORE_FULL, () -> slots().remove(both(), 1));
        clear(obstacle);
        long entries = vault.logSize();
        put(first);

        assertRefused(Problem.LAST_SLOT, slots()::resume);

        assertThat(ids()).containsExactly(1);
        assertThat(told(entries)).containsExactly("slot-2", PUT_BACK);
        assertThat(add()).as("what opens it instead").isEqualTo(3);
        slots().resume();
        assertThat(ids()).containsExactly(3);
    }

    @Test
    void listWithoutTheNewestSlotIsToldOfAndNoOtherGetsItsNumber() {
        long entries = vault.logSize();
        put(first);
        assertThat(add()).isEqualTo(3);
        assertThat(told(entries)).containsExactly("slot-2", PUT_BACK);
    }

    @Test
    void vaultThatWasOpenedByASlotThatHadGoneTellsOfItThoughTheRightListIsThereAgain() throws IOException {
        byte[] old = Files.readAllBytes(file());
        assertThat(slots().remove(both(), 1).filed()).isEmpty();
        byte[] right = Files.readAllBytes(file());
        assertThat(told(0))
                .as("while it was not removed, it was right to open it")
                .isEmpty();
        vault.vault().custody().seal();
        put(old);
        OpenedKeys.open(vault.vault().custody(), vault.home().keys());
        put(right);

        vault.vault().seal().begin(Actor.NOBODY);

        assertThat(told(0)).containsExactly("slot-1", PUT_BACK);
        slots().resume();
        assertThat(told(0)).hasSize(2);
    }

    @Test
    void numberOfASlotThatWasRemovedIsNotGivenAgainThoughItWasNeverNotedThatItWasThere() throws IOException {
        byte[] before = Files.readAllBytes(file());
        try (SlotMaker maker = slots().more()) {
            maker.addShares(2, 2).forEach(maker::prove);
            vault.vault().custody().addingSlot(maker.json().get(0)).run();
        }
        assertThat(slots().remove(both(), 3).filed()).isEmpty();
        put(before);
        assertThat(add()).isEqualTo(4);
    }

    @Test
    void noSlotIsMadeAndNoRootRenewedByAListThatCountsHigherThanCanBeRead() throws IOException {
        put(new String(Files.readAllBytes(file()), UTF_8)
                .replace("\"next\" : 3", "\"next\" : 2147483647")
                .getBytes(UTF_8));
        assertRefused(Problem.KEYS_REFUSED, this::add);
        try (SlotMaker maker = slots().newRoot()) {
            assertRefused(Problem.KEYS_REFUSED, () -> maker.addShares(2, 2));
        }
        assertThat(ids()).containsExactly(1, 2);
    }

    @Test
    void rootIsRenewedThoughWhatWasRemovedAndGivenCannotBeRead() {
        assertThat(slots().remove(both(), 2).filed()).isEmpty();
        vault.whileStopped(() -> vault.runAll(List.of(
                "UPDATE authority SET body = replace(body, 'true', 'null') WHERE kind = 'slot-removal'",
                "UPDATE authority SET body = replace(body, '2', '3') WHERE kind = 'slot-number'")));
        assertThatThrownBy(slots()::resume).isInstanceOf(IntegrityException.class);
        try (SlotMaker maker = slots().newRoot()) {
            maker.addShares(2, 2).forEach(maker::prove);
            slots().rotateRoot(CORA, Optional.empty(), maker);
        }
        assertThat(ids()).containsExactly(3);
    }

    private Path file() {
        return vault.home().keys().resolve("slots.json");
    }

    private void put(byte[] slots) {
        try {
            Files.write(file(), slots);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the subjects of the vault's own entries about slots, and of the alerts after them. */
    private List<String> told(long since) {
        return vault.logSince(since).stream()
                .filter(entry -> entry.act() == ActKind.SLOT
                        && (entry.outcome() == Outcome.FAILED || entry.outcome() == Outcome.ALERT))
                .map(entry -> entry.about().orElseThrow())
                .toList();
    }

    @Test
    void slotThatCouldNotBeAddedIsTakenBackInTheLog() throws IOException {
        Path obstacle = obstacle();
        long before = vault.logSize();
        assertRefused(Problem.STORE_FULL, this::add);
        assertThat(vault.logSince(before))
                .extracting(AccessEvent::outcome)
                .containsExactly(Outcome.KEY, Outcome.REFUSED);
        assertThat(ids()).containsExactly(1, 2);
        clear(obstacle);
        assertThat(add()).isEqualTo(3);
    }

    @Test
    void tryToRemoveASlotThatIsNotThereIsInTheLogWithBoth() {
        assertRefused(Problem.NOT_FOUND, () -> slots().remove(both(), 99));
        AccessEvent refused = vault.logSince(vault.logSize() - 1).get(0);
        assertThat(refused.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(refused.about()).contains("slot-99");
        assertThat(refused.second()).contains(new Approver("carl", Approver.Origin.SAME_TERMINAL));
    }
}
