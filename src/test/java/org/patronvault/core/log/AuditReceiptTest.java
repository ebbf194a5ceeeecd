package org.patronvault.core.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Modifier;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.testing.LongRun;

class AuditReceiptTest {
    private static final PatronId ONE = new PatronId(1);
    private static final PatronId TWO = new PatronId(2);
    private static final Actor CLERK = new Actor(Actor.Kind.STAFF, "clerk", "circulation", "NC");
    private static final Purpose WHY = Purpose.ACCOUNT_SERVICE;

    private static AuditReceipt receipt(Outcome outcome) {
        return new AuditReceipt(
                17,
                AccessEvent.of(Instant.EPOCH, CLERK, ActKind.REVEAL, outcome, new byte[16])
                        .forPurpose(WHY)
                        .on(List.of(
                                Subject.opened(ONE, Set.of(PatronField.PHONE, PatronField.EMAIL)),
                                Subject.opened(TWO, Set.of(PatronField.NAME)))));
    }

    @Test
    void onlyTheFieldsThatTheEntryNamesAreCovered() {
        AuditReceipt receipt = receipt(Outcome.DISCLOSED);
        assertThat(receipt.index()).isEqualTo(17);
        assertThat(receipt.covers(ONE, Set.of(PatronField.PHONE))).isTrue();
        assertThat(receipt.covers(ONE, Set.of(PatronField.PHONE, PatronField.EMAIL)))
                .isTrue();
        assertThat(receipt.covers(ONE, Set.of(PatronField.PHONE, PatronField.NAME)))
                .isFalse();
        assertThat(receipt.covers(ONE, Set.of(PatronField.ADDRESS))).isFalse();
        assertThat(receipt.covers(TWO, Set.of(PatronField.PHONE))).isFalse();
        assertThat(receipt.covers(new PatronId(3), Set.of(PatronField.NAME))).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void onlyWhatIsLoggedAsOpenedCanBeOpened(Outcome outcome) {
        assertThat(receipt(outcome).covers(ONE, Set.of(PatronField.PHONE)))
                .isEqualTo(EnumSet.of(Outcome.DISCLOSED, Outcome.VERIFIED).contains(outcome));
    }

    @Test
    void eachFieldOfEachPatronIsTakenOnce() {
        AuditReceipt receipt = receipt(Outcome.DISCLOSED);
        assertThat(receipt.take(CLERK, WHY, ONE, Set.of(PatronField.PHONE))).isTrue();
        assertThat(receipt.take(CLERK, WHY, ONE, Set.of(PatronField.PHONE))).isFalse();
        assertThat(receipt.take(CLERK, WHY, ONE, Set.of(PatronField.PHONE, PatronField.EMAIL)))
                .as("one of two was taken: neither is now")
                .isFalse();
        assertThat(receipt.covers(ONE, Set.of(PatronField.PHONE))).isFalse();
        assertThat(receipt.take(CLERK, WHY, ONE, Set.of(PatronField.EMAIL))).isTrue();
        assertThat(receipt.take(CLERK, WHY, TWO, Set.of(PatronField.NAME))).isTrue();
        assertThat(receipt.take(CLERK, WHY, TWO, Set.of(PatronField.NAME))).isFalse();
    }

    @Test
    void nothingIsTakenByAnotherOrForAnotherPurpose() {
        AuditReceipt receipt = receipt(Outcome.DISCLOSED);
        Set<PatronField> phone = Set.of(PatronField.PHONE);
        for (Actor other : List.of(
                Actor.VAULT,
                new Actor(Actor.Kind.STAFF, "other", "circulation", "NC"),
                new Actor(Actor.Kind.CLIENT, "clerk", "circulation", "NC"),
                new Actor(Actor.Kind.STAFF, "clerk", "director", "NC"))) {
            assertThat(receipt.take(other, WHY, ONE, phone))
                    .as(other.toString())
                    .isFalse();
        }
        assertThat(receipt.take(CLERK, Purpose.REINDEX, ONE, phone)).isFalse();
        assertThat(receipt.take(CLERK, WHY, ONE, phone)).isTrue();

        AccessEvent withoutPurpose = AccessEvent.of(
                        Instant.EPOCH, CLERK, ActKind.REVEAL, Outcome.DISCLOSED, new byte[16])
                .on(List.of(Subject.opened(ONE, phone)));
        assertThat(new AuditReceipt(18, withoutPurpose).take(CLERK, WHY, ONE, phone))
                .isFalse();
    }

    @Test
    void whoeverTakesAtTheSameMomentOneGetsIt() {
        for (int round = 0; round < LongRun.times(200, 20_000); round++) {
            AuditReceipt receipt = receipt(Outcome.DISCLOSED);
            long taken = IntStream.range(0, 8)
                    .parallel()
                    .filter(any -> receipt.take(CLERK, WHY, ONE, Set.of(PatronField.PHONE)))
                    .count();
            assertThat(taken).isEqualTo(1);
        }
    }

    @Test
    void nobodyOutsideThisPackageCanMakeOne() {
        assertThat(Modifier.isFinal(AuditReceipt.class.getModifiers())).isTrue();
        assertThat(Arrays.stream(AuditReceipt.class.getDeclaredConstructors()))
                .allMatch(c -> (c.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) == 0);
    }
}
