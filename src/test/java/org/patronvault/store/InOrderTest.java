package org.patronvault.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.patronvault.model.IntegrityException;

/** What leads back is damage, and not the beginning of a walk that never ends. */
final class InOrderTest {
    private static final byte[] NONE = {};

    @Test
    void numbersThatRiseAreAsTheyWere() {
        assertThat(InOrder.above(Long.MIN_VALUE, List.of(-5L, 3L, Long.MAX_VALUE), Long::longValue))
                .containsExactly(-5L, 3L, Long.MAX_VALUE);
        assertThat(InOrder.above(7, List.<Long>of(), Long::longValue)).isEmpty();
    }

    @Test
    void numberThatIsNotAboveTheOneBeforeIsRefused() {
        for (List<Long> back : List.of(List.of(7L), List.of(6L), List.of(9L, 8L), List.of(8L, 8L))) {
            assertThatThrownBy(() -> InOrder.above(7, back, Long::longValue)).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void labelsAreComparedWithoutASign() {
        byte[] low = {1, 2};
        byte[] high = {(byte) 0x80, 0};
        assertThat(InOrder.above(NONE, low)).isSameAs(low);
        assertThat(InOrder.above(low, high)).isSameAs(high);
        assertThatThrownBy(() -> InOrder.above(high, low)).isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> InOrder.above(low, low.clone())).isInstanceOf(IntegrityException.class);
    }

    @Test
    void numbersThatFallAreAsTheyWereAndOthersAreRefused() {
        assertThat(InOrder.below(Long.MAX_VALUE, List.of(9L, 3L, -1L))).containsExactly(9L, 3L, -1L);
        assertThat(InOrder.below(7, List.of())).isEmpty();
        for (List<Long> back : List.of(List.of(7L), List.of(8L), List.of(5L, 6L), List.of(5L, 5L))) {
            assertThatThrownBy(() -> InOrder.below(7, back)).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void rowsThatStayThoughTheyWereDeletedAreRefused() {
        assertThat(InOrder.gone(3, () -> false)).isEqualTo(3);
        assertThat(InOrder.gone(0, () -> true)).isZero();
        assertThatThrownBy(() -> InOrder.gone(0, () -> false)).isInstanceOf(IntegrityException.class);
    }
}
