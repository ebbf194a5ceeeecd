package org.patronvault.core.keys.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.keys.Drill;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.KeyFiles;
import org.patronvault.core.keys.KeyRingFactory;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.keys.ring.RingKey;
import org.patronvault.core.keys.share.Share;
import org.patronvault.core.keys.share.ShareWords;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.UnsealProgress;

/**
 * Tests of keys that shares open: offered one by one, renewed, drilled. No passphrase is used, so no test takes a
 * second.
 */
class SharesTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-25T10:00:00Z"), ZoneOffset.UTC);

    private final AtomicLong nanos = new AtomicLong();
    private Path keys;
    private List<String> cards;

    @TempDir
    Path directory;

    @BeforeEach
    void makeKeysOpenedByThreeOfFive() {
        keys = directory.resolve("keys");
        cards = make(keys, "vault-a", 5, 3);
    }

    private static List<String> make(Path keys, String vault, int count, int threshold) {
        try (SlotMaker maker = SlotMaker.forNewVault(vault, CLOCK)) {
            List<String> cards = words(maker.addShares(count, threshold));
            cards.forEach(card -> maker.prove(Share.parse(card)));
            KeyRingFactory.create(keys, maker, CLOCK).seal();
            return cards;
        }
    }

    private static List<String> words(List<Share> shares) {
        return shares.stream().map(Share::words).toList();
    }

    private KeyCustody sealed() {
        return KeyCustody.at(keys, CLOCK, nanos::get);
    }

    private KeyCustody opened() {
        return openedWith(cards);
    }

    private KeyCustody openedWith(List<String> some) {
        KeyCustody custody = sealed();
        some.subList(0, 3).forEach(custody::offer);
        assertThat(custody.isSealed()).isFalse();
        return custody;
    }

    private static void assertRefused(Problem problem, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(problem));
    }

    private static String withWord(String card, int place, String word) {
        String[] words = card.split(" ", -1);
        words[place - 1] = word;
        return String.join(" ", words);
    }

    @Test
    void anyThreeSharesOpenTheVaultWhateverTheirOrderAndTwoDoNot() {
        for (List<Integer> some : List.of(List.of(0, 1, 2), List.of(4, 2, 0), List.of(3, 4, 1))) {
            KeyCustody custody = sealed();
            assertThat(custody.unsealing()).isEqualTo(new UnsealProgress(true, 0, 3));
            assertThat(custody.offer(cards.get(some.get(0))).after()).isEqualTo(new UnsealProgress(true, 1, 3));
            assertThat(custody.offer(cards.get(some.get(1))).after()).isEqualTo(new UnsealProgress(true, 2, 3));
            assertThat(custody.isSealed()).isTrue();
            assertThat(custody.opener()).isZero();
            assertThat(custody.offer(cards.get(some.get(2))).after()).isEqualTo(new UnsealProgress(false, 0, 0));
            assertThat(custody.isSealed()).isFalse();
            assertThat(custody.opener()).isEqualTo(custody.slots().get(0).id());
        }
    }

    @Test
    void wrongShareIsRefusedByNameAndThoseThatAreHereStay() {
        KeyCustody custody = sealed();
        custody.offer(cards.get(0));
        assertRefused(Problem.SHARE_DUPLICATE, () -> custody.offer(cards.get(0)));
        List<String> foreign = make(directory.resolve("other"), "vault-b", 3, 2);
        assertRefused(Problem.SHARE_FOREIGN, () -> custody.offer(foreign.get(0)));
        assertThatThrownBy(() -> custody.offer(withWord(cards.get(1), 7, "xylophones")))
                .hasMessageContaining("Word 7")
                .hasMessageNotContaining("xylophones");
        Share made = Share.parse(cards.get(1));
        Share forged = Share.of(made.setId(), made.threshold(), made.index(), new byte[32]);
        assertRefused(Problem.SHARE_REFUSED, () -> custody.offer(forged.words()));
        assertRefused(
                Problem.SHARE_REFUSED,
                () -> custody.offer(Share.of(made.setId(), 3, 9, made.value()).words()));
        assertThat(custody.unsealing()).isEqualTo(new UnsealProgress(true, 1, 3));
        custody.offer(cards.get(1));
        custody.offer(cards.get(2));
        assertThat(custody.isSealed()).isFalse();
    }

    @Test
    void wordOfTheListInThePlaceOfAnotherIsNamedByItsPlace() {
        KeyCustody custody = sealed();
        boolean isFirst = cards.get(0).split(" ", -1)[11].equals(ShareWords.word(0));
        String other = ShareWords.word(isFirst ? 1 : 0);
        String wrong = withWord(cards.get(0), 12, other);
        assertThatThrownBy(() -> custody.offer(wrong)).hasMessageContaining("Word 12 ");
    }

    @Test
    void shareIsForgottenAQuarterOfAnHourAfterItCame() {
        KeyCustody custody = sealed();
        custody.offer(cards.get(0));
        nanos.addAndGet(Duration.ofMinutes(10).toNanos());
        custody.offer(cards.get(1));
        nanos.addAndGet(Duration.ofMinutes(5).toNanos());
        assertThat(custody.unsealing().have()).isEqualTo(1);
        custody.offer(cards.get(2));
        assertThat(custody.isSealed()).isTrue();
        custody.offer(cards.get(0));
        assertThat(custody.isSealed()).isFalse();
    }

    @Test
    void sealingForgetsTheSharesThatWait() {
        KeyCustody custody = sealed();
        custody.offer(cards.get(0));
        custody.offer(cards.get(1));
        custody.seal();
        assertThat(custody.offer(cards.get(2)).after()).isEqualTo(new UnsealProgress(true, 1, 3));
    }

    @Test
    void shareOfferedToAnOpenVaultIsLookedAtAndNothingElse() {
        KeyCustody custody = opened();
        assertThat(custody.offer(cards.get(0)).after()).isEqualTo(new UnsealProgress(false, 0, 0));
        assertRefused(Problem.SHARE_MISTYPED, () -> custody.offer("no share"));
    }

    @Test
    void slotsOfTwoSetsAreOpenedByEitherAndNeverByAMixture() {
        KeyCustody custody = opened();
        List<String> more;
        try (SlotMaker maker = custody.moreSlots()) {
            more = words(maker.addShares(4, 3));
            more.forEach(card -> maker.prove(Share.parse(card)));
            custody.addingSlot(maker.json().get(0)).run();
        }
        assertThat(custody.slots())
                .containsExactly(
                        new SlotFacts(1, "shares", CLOCK.instant(), 3, 5, "any 3 of 5 shares"),
                        new SlotFacts(2, "shares", CLOCK.instant(), 3, 4, "any 3 of 4 shares"));
        KeyCustody mixed = sealed();
        mixed.offer(cards.get(0));
        mixed.offer(cards.get(1));
        mixed.offer(more.get(2));
        assertThat(mixed.isSealed()).isTrue();
        assertThat(openedWith(more).mark().revision()).isEqualTo(custody.mark().revision());
    }

    @Test
    void unprovedSharesMakeNothing() {
        KeyCustody custody = opened();
        try (SlotMaker maker = custody.newRoot()) {
            List<String> next = words(maker.addShares(5, 3));
            next.subList(0, 4).forEach(card -> maker.prove(Share.parse(card)));
            assertRefused(Problem.SHARE_DUPLICATE, () -> maker.prove(Share.parse(next.get(0))));
            assertRefused(Problem.SHARE_FOREIGN, () -> maker.prove(Share.parse(cards.get(0))));
            assertThat(maker.toProve()).isEqualTo(1);
            assertRefused(Problem.SHARE_REFUSED, () -> custody.rotateRoot(maker));
        }
        opened();
        try (SlotMaker maker = SlotMaker.forNewVault("vault-c", CLOCK)) {
            maker.addShares(3, 2);
            assertRefused(Problem.SHARE_REFUSED, () -> KeyRingFactory.create(directory.resolve("never"), maker, CLOCK));
        }
        assertThat(directory.resolve("never")).doesNotExist();
    }

    @Test
    void renewedRootIsOpenedByTheNewSharesAloneAndTheRingIsTheSame() {
        KeyCustody custody = opened();
        long revision = custody.mark().revision();
        byte[] log = custody.keys().logSigning().publicKey();
        List<String> next = renew(custody);
        assertThat(custody.mark().revision()).isEqualTo(revision + 1);
        assertThat(custody.keys().logSigning().publicKey()).isEqualTo(log);
        assertThat(openedWith(next).keys().logSigning().publicKey()).isEqualTo(log);
        KeyCustody old = sealed();
        assertRefused(Problem.SHARE_FOREIGN, () -> old.offer(cards.get(0)));
        assertThat(SlotsFile.read(keys.resolve("slots.json")).slots()).hasSize(1);
        custody.addVersion("phone");
        assertThat(openedWith(next).mark().revision()).isEqualTo(revision + 2);
    }

    private static List<String> renew(KeyCustody custody) {
        try (SlotMaker maker = custody.newRoot()) {
            List<String> next = words(maker.addShares(5, 3));
            next.forEach(card -> maker.prove(Share.parse(card)));
            custody.rotateRoot(maker);
            return next;
        }
    }

    @Test
    void wheneverARenewalDiesOneSetOpensAndTheNextRenewalClearsUp() throws IOException {
        Path before = copy("before");
        KeyCustody custody = opened();
        List<String> next = renew(custody);
        Path after = copy("after");
        Slot old = SlotsFile.read(before.resolve("slots.json")).slots().get(0);
        Slot renewed = SlotsFile.read(after.resolve("slots.json")).slots().get(0);
        SlotsFile both = new SlotsFile("vault-a", List.of(old, renewed));

        // Died before the ring was written: the old shares open it, and the new ones do not.
        put(before);
        both.write(keys.resolve("slots.json"));
        KeyCustody early = openedWith(cards);
        assertRefused(Problem.SHARE_FOREIGN, () -> sealed().offer(next.get(0)));
        List<String> third = renew(early);
        openedWith(third);
        assertRefused(Problem.SHARE_FOREIGN, () -> sealed().offer(next.get(0)));

        // Died after it: the new ones do, and the old ones do not.
        put(after);
        both.write(keys.resolve("slots.json"));
        openedWith(next);
        assertRefused(Problem.SHARE_FOREIGN, () -> sealed().offer(cards.get(0)));
        assertThat(sealed().slots()).hasSize(1);
    }

    private Path copy(String name) throws IOException {
        Path into = Files.createDirectories(directory.resolve(name));
        for (String file : List.of("ring.json", "slots.json")) {
            Files.copy(keys.resolve(file), into.resolve(file));
        }
        return into;
    }

    private void put(Path copy) throws IOException {
        for (String file : List.of("ring.json", "slots.json")) {
            Files.copy(copy.resolve(file), keys.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Test
    void slotMadeForAnEarlierRootOrUnderATakenNumberIsNotAdded() {
        KeyCustody custody = opened();
        try (SlotMaker one = custody.moreSlots();
                SlotMaker two = custody.moreSlots()) {
            List.of(one, two)
                    .forEach(maker -> words(maker.addShares(2, 2)).forEach(card -> maker.prove(Share.parse(card))));
            Runnable late = custody.addingSlot(two.json().get(0));
            custody.addingSlot(one.json().get(0)).run();
            assertRefused(Problem.CHANGED_MEANWHILE, late::run);
            renew(custody);
            assertRefused(
                    Problem.CHANGED_MEANWHILE,
                    () -> custody.addingSlot(two.json().get(0)));
        }
    }

    @Test
    void rootIsNotRenewedOverASlotThatWasAddedMeanwhile() {
        KeyCustody custody = opened();
        try (SlotMaker root = custody.newRoot();
                SlotMaker more = custody.moreSlots()) {
            List.of(root, more)
                    .forEach(maker -> words(maker.addShares(2, 2)).forEach(card -> maker.prove(Share.parse(card))));
            custody.addingSlot(more.json().get(0)).run();
            assertRefused(Problem.CHANGED_MEANWHILE, () -> custody.rotateRoot(root));
        }
        assertThat(custody.slots()).hasSize(2);
        assertThat(openedWith(cards).isSealed()).isFalse();
    }

    @Test
    void numberOfARemovedSlotIsNeverGivenAgain() {
        KeyCustody custody = opened();
        assertThat(addTwoOfTwo(custody)).isEqualTo(2);
        try (SlotMaker root = custody.newRoot()) {
            words(root.addShares(2, 2)).forEach(card -> root.prove(Share.parse(card)));
            custody.removeSlot(2);
            assertThat(addTwoOfTwo(custody)).isEqualTo(3);
            assertRefused(Problem.CHANGED_MEANWHILE, () -> custody.rotateRoot(root));
        }
        custody.removeSlot(3);
        assertThat(addTwoOfTwo(opened())).isEqualTo(4);
    }

    @Test
    void numberThatAnotherSlotHadMeanwhileAndGaveUpIsNotTakenEither() {
        KeyCustody custody = opened();
        try (SlotMaker slow = custody.moreSlots()) {
            words(slow.addShares(2, 2)).forEach(card -> slow.prove(Share.parse(card)));
            assertThat(addTwoOfTwo(custody)).isEqualTo(slow.facts().get(0).id());
            custody.removeSlot(2);
            assertRefused(
                    Problem.CHANGED_MEANWHILE,
                    () -> custody.addingSlot(slow.json().get(0)));
        }
    }

    @Test
    void nothingIsSealedUnderARootThatWasGivenUp() {
        KeyCustody custody = opened();
        SlotMaker gone = custody.newRoot();
        words(gone.addShares(2, 2)).forEach(card -> gone.prove(Share.parse(card)));
        gone.close();
        assertRefused(Problem.CHANGED_MEANWHILE, () -> custody.rotateRoot(gone));
        assertThat(opened().mark().revision()).isEqualTo(custody.mark().revision());
    }

    @Test
    void ringSaysUnderWhichRootItIsThoughTheVaultWasSealed() {
        KeyCustody custody = opened();
        try (SlotMaker maker = custody.newRoot();
                SlotMaker other = custody.newRoot()) {
            words(maker.addShares(2, 2)).forEach(card -> maker.prove(Share.parse(card)));
            assertThat(custody.slotList().isUnder(maker)).isFalse();
            custody.rotateRoot(maker);
            custody.seal();
            assertThat(custody.slotList().isUnder(maker)).isTrue();
            assertThat(custody.slotList().isUnder(other)).isFalse();
        }
    }

    @Test
    void slotForWhichThereIsNoRoomIsRefusedAndAllOthersOpenAsBefore() {
        KeyCustody custody = opened();
        for (int i = 2; i <= SlotsFile.MAX_SLOTS; i++) {
            addTwoOfTwo(custody);
        }
        assertRefused(Problem.INVALID, () -> addTwoOfTwo(custody));
        assertRefused(Problem.INVALID, () -> renew(custody));
        assertThat(sealed().slots()).hasSize(SlotsFile.MAX_SLOTS);
        KeyCustody again = opened();
        again.removeSlot(7);
        renew(again);
        assertThat(sealed().slots()).hasSize(1);
    }

    @Test
    void whatCannotBeTidiedAfterARenewalIsNoReasonToSayThatNothingWasDone() throws IOException {
        KeyFiles files = new KeyFiles(keys);
        List<Slot> slots = files.openers(files.ring());
        // Nothing can be put beside the file while this is there.
        Files.createFile(Files.createDirectories(keys.resolve("slots.json.new")).resolve("in-the-way"));
        assertRefused(Problem.STORE_FULL, () -> files.write("vault-a", slots));
        files.tidy("vault-a", slots);
        assertThat(opened().isSealed()).isFalse();
    }

    private static int addTwoOfTwo(KeyCustody custody) {
        try (SlotMaker maker = custody.moreSlots()) {
            words(maker.addShares(2, 2)).forEach(card -> maker.prove(Share.parse(card)));
            custody.addingSlot(maker.json().get(0)).run();
            return maker.facts().get(0).id();
        }
    }

    @Test
    void lastSlotIsNotRemovedAndOneOfTwoIs() {
        KeyCustody custody = opened();
        assertRefused(Problem.LAST_SLOT, () -> custody.removeSlot(1));
        assertRefused(Problem.NOT_FOUND, () -> custody.removeSlot(2));
        try (SlotMaker maker = custody.moreSlots()) {
            words(maker.addShares(2, 2)).forEach(card -> maker.prove(Share.parse(card)));
            custody.addingSlot(maker.json().get(0)).run();
        }
        custody.removeSlot(1);
        assertThat(custody.slots()).extracting(SlotFacts::id).containsExactly(2);
        assertRefused(Problem.SHARE_FOREIGN, () -> sealed().offer(cards.get(0)));
    }

    @Test
    void drillProvesEveryShareAndOpensNothing() {
        KeyCustody custody = sealed();
        List<Drill.Proof> proofs = new ArrayList<>();
        try (Drill drill = custody.drill()) {
            cards.forEach(card -> proofs.add(drill.share(card)));
            assertRefused(Problem.SHARE_DUPLICATE, () -> drill.share(cards.get(2)));
            assertRefused(Problem.SHARE_MISTYPED, () -> drill.share(withWord(cards.get(0), 3, "zzz")));
        }
        assertThat(proofs).extracting(Drill.Proof::opened).containsExactly(false, false, true, true, true);
        assertThat(proofs).extracting(Drill.Proof::index).containsExactly(1, 2, 3, 4, 5);
        assertThat(custody.isSealed()).isTrue();
        assertThat(custody.unsealing().have()).isZero();
    }

    @Test
    void slotThatWasEditedIsRefusedThoughTheSharesAreRight() {
        SharesSlot slot =
                (SharesSlot) SlotsFile.read(keys.resolve("slots.json")).slots().get(0);
        for (SharesSlot edited : List.of(
                new SharesSlot(slot.head(), slot.setId(), 2, slot.hashes(), slot.wrap()),
                new SharesSlot(slot.head(), slot.setId(), 3, slot.hashes().subList(0, 4), slot.wrap()),
                new SharesSlot(new Slot.Head(2, 1, 0), slot.setId(), 3, slot.hashes(), slot.wrap()))) {
            new SlotsFile("vault-a", List.of(edited)).write(keys.resolve("slots.json"));
            KeyCustody custody = sealed();
            for (int i = 1; i < edited.threshold(); i++) {
                custody.offer(cards.get(i - 1));
            }
            assertRefused(Problem.KEYS_REFUSED, () -> custody.offer(cards.get(edited.threshold() - 1)));
            assertThat(custody.isSealed()).isTrue();
        }
    }

    @Test
    void destroyedVersionIsGoneFromTheRingAndFromMemory() {
        KeyCustody custody = opened();
        custody.addVersion("phone");
        RingKey old = custody.keys().ring().version("phone", 1).orElseThrow();
        byte[] secret = old.secret().clone();
        custody.retire("phone", 1);
        custody.destroy("phone", 1);
        assertThat(old.secret()).containsOnly(0);
        assertThat(custody.keys().ring().version("phone", 1)).isEmpty();
        assertThat(opened().keys().inventory())
                .filteredOn(key -> key.name().equals("phone"))
                .extracting(RingKey::state)
                .containsExactly(KeyState.DESTROYED, KeyState.PRIMARY);
        assertThat(java.util.HexFormat.of().formatHex(custody.keys().ring().encode()))
                .doesNotContain(java.util.HexFormat.of().formatHex(secret));
    }
}
