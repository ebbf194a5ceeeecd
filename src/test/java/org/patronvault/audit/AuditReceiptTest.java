package org.patronvault.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Modifier;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.patronvault.model.Actor;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;

class AuditReceiptTest {
    private static final PatronId ONE = new PatronId(1);
    private static final PatronId TWO = new PatronId(2);

    private static AuditReceipt receipt(Outcome outcome) {
        return new AuditReceipt(
                17,
                AccessEvent.of(Instant.EPOCH, Actor.VAULT, Act.REVEAL, outcome, new byte[16])
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
    void nobodyOutsideThisPackageCanMakeOne() {
        assertThat(Modifier.isFinal(AuditReceipt.class.getModifiers())).isTrue();
        assertThat(Arrays.stream(AuditReceipt.class.getDeclaredConstructors()))
                .allMatch(c -> (c.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) == 0);
    }
}
