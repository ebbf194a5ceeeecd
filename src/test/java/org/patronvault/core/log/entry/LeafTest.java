package org.patronvault.core.log.entry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.patronvault.core.crypto.SealedBox;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;

class LeafTest {
    private static final Instant TIME = Instant.parse("2026-11-24T10:00:00Z");
    private static final SealedBox.Key CONTENT = SealedBox.Key.of(new byte[32]);
    private static final Set<PatronField> ALL = EnumSet.allOf(PatronField.class);

    private static AccessEvent event(List<Subject> subjects) {
        return AccessEvent.of(TIME, Actor.VAULT, ActKind.SEARCH, Outcome.DISCLOSED, new byte[16])
                .on(subjects);
    }

    private static Subject look(int number) {
        return Subject.opened(new PatronId(number), number % 2 == 0 ? ALL : Set.of(PatronField.NAME));
    }

    private static Subject write(int number) {
        List<Subject.Write> writes = new ArrayList<>();
        for (PatronField field : PatronField.values()) {
            if (number % 2 == 0 || field == PatronField.CARD) {
                writes.add(new Subject.Write(field, number, new byte[32]));
            }
        }
        return Subject.written(new PatronId(number), ALL, writes);
    }

    private static Set<Integer> sizes(java.util.function.IntFunction<Subject> subject, int from) {
        Set<Integer> sizes = new TreeSet<>();
        List<Subject> subjects = new ArrayList<>();
        for (int n = 0; n <= AccessEvent.MAX_SUBJECTS; n++) {
            if (n >= from) {
                sizes.add(Leaf.encode(event(subjects), "vault", 202611, CONTENT).length);
            }
            subjects.add(subject.apply(n));
        }
        return sizes;
    }

    @Test
    void looksAtNoneToTwentyPatronsHaveTwoSizes() {
        assertThat(sizes(LeafTest::look, 0)).hasSize(2);
    }

    @Test
    void writesOfOneToTwentyPatronsHaveTwoSizes() {
        assertThat(sizes(LeafTest::write, 1)).hasSize(2);
    }

    @Test
    void sealedPartOfWhateverEntryHasALengthThatIsKnown() {
        Set<Integer> lengths = new TreeSet<>(Set.of(0));
        for (int n = 0; n <= AccessEvent.MAX_SUBJECTS; n++) {
            List<Subject> looks = IntStream.range(0, n).mapToObj(LeafTest::look).toList();
            lengths.add(sealed(event(looks)));
            lengths.add(sealed(event(looks).in(new CaseId(1))));
            lengths.add(
                    sealed(event(IntStream.range(0, n).mapToObj(LeafTest::write).toList())));
        }
        assertThat(LeafInClear.sealedLengths()).hasSize(7).containsExactlyInAnyOrderElementsOf(lengths);
    }

    private static int sealed(AccessEvent event) {
        return LeafInClear.of(Leaf.encode(event, "vault", 202611, CONTENT)).sealed().length;
    }

    @Test
    void twentyOnePatronsAreMoreThanAnEntryHolds() {
        List<Subject> subjects = new ArrayList<>();
        for (int i = 0; i < 21; i++) {
            subjects.add(look(i));
        }
        assertThatThrownBy(() -> event(subjects)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theSamePatronTwiceLeavesNoEqualBytesInTheSealedPart() {
        byte[] one = Leaf.encode(event(List.of(look(1))), "vault", 202611, CONTENT);
        byte[] two = Leaf.encode(event(List.of(look(1))), "vault", 202611, CONTENT);
        int sealed = one.length - SealedBox.OVERHEAD_BYTES - 12 + 1;
        for (int at = sealed; at + 8 <= one.length; at++) {
            assertThat(java.util.Arrays.equals(one, at, at + 8, two, at, at + 8))
                    .isFalse();
        }
    }

    @Test
    void whateverBytesAreReadTheOnlyErrorIsAnIntegrityError() {
        Random random = new Random(20261124);
        byte[] leaf = Leaf.encode(event(List.of(look(1))), "vault", 202611, CONTENT);
        for (int i = 0; i < 30_000; i++) {
            byte[] changed = java.util.Arrays.copyOf(leaf, random.nextInt(leaf.length) + 1);
            for (int n = random.nextInt(3); n >= 0; n--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(20);
            }
            try {
                Leaf.parse(changed).open("vault", CONTENT);
            } catch (IntegrityException e) {
                assertThat(e.getMessage()).hasSizeLessThan(60);
            }
        }
    }

    @Test
    void theMonthIsThatOfTheTimeInUtc() {
        assertThat(Leaf.monthOf(Instant.parse("2026-12-31T23:59:59.999Z"))).isEqualTo(202612);
        assertThat(Leaf.monthOf(Instant.parse("2027-01-01T00:00:00Z"))).isEqualTo(202701);
    }

    @Test
    void aRefusedWriteNoLongerSaysWhatItWouldHaveWritten() {
        AccessEvent refused = AccessEvent.of(TIME, Actor.VAULT, ActKind.REGISTER, Outcome.WRITTEN, new byte[16])
                .on(List.of(write(2)))
                .refusedFor(org.patronvault.core.model.Problem.CARD_IN_USE);
        assertThat(refused.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(refused.reason()).isEqualTo(Optional.of(org.patronvault.core.model.Problem.CARD_IN_USE));
        assertThat(refused.subjects())
                .singleElement()
                .satisfies(s -> assertThat(s.writes()).isEmpty());
    }
}
