package org.patronvault.core.store.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.IntegrityException;

/** Tests that rows that lead back are reported as damage, and do not cause an endless scan. */
final class KeysetScanTest {
    private static final byte[] NONE = {};

    @Test
    void numbersThatRiseAreAsTheyWere() {
        assertThat(KeysetScan.above(Long.MIN_VALUE, List.of(-5L, 3L, Long.MAX_VALUE), Long::longValue))
                .containsExactly(-5L, 3L, Long.MAX_VALUE);
        assertThat(KeysetScan.above(7, List.<Long>of(), Long::longValue)).isEmpty();
    }

    @Test
    void numberThatIsNotAboveTheOneBeforeIsRefused() {
        for (List<Long> back : List.of(List.of(7L), List.of(6L), List.of(9L, 8L), List.of(8L, 8L))) {
            assertThatThrownBy(() -> KeysetScan.above(7, back, Long::longValue)).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void labelsAreComparedWithoutASign() {
        byte[] low = {1, 2};
        byte[] high = {(byte) 0x80, 0};
        assertThat(KeysetScan.above(NONE, low)).isSameAs(low);
        assertThat(KeysetScan.above(low, high)).isSameAs(high);
        assertThatThrownBy(() -> KeysetScan.above(high, low)).isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> KeysetScan.above(low, low.clone())).isInstanceOf(IntegrityException.class);
    }

    @Test
    void numbersThatFallAreAsTheyWereAndOthersAreRefused() {
        assertThat(KeysetScan.below(Long.MAX_VALUE, List.of(9L, 3L, -1L))).containsExactly(9L, 3L, -1L);
        assertThat(KeysetScan.below(7, List.of())).isEmpty();
        for (List<Long> back : List.of(List.of(7L), List.of(8L), List.of(5L, 6L), List.of(5L, 5L))) {
            assertThatThrownBy(() -> KeysetScan.below(7, back)).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void rowsThatStayThoughTheyWereDeletedAreRefused() {
        assertThat(KeysetScan.gone(3, () -> false)).isEqualTo(3);
        assertThat(KeysetScan.gone(0, () -> true)).isZero();
        assertThatThrownBy(() -> KeysetScan.gone(0, () -> false)).isInstanceOf(IntegrityException.class);
    }
}
