package org.patronvault.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

class PaddingTest {
    private final Padding padding = Padding.of(8, 16, 32);

    @Test
    void eachLengthTakesTheSmallestClassThatHoldsIt() {
        for (int length = 0; length <= 28; length++) {
            byte[] value = new byte[length];
            Arrays.fill(value, (byte) 0xFF);
            byte[] padded = padding.pad(value);
            assertThat(padded).hasSize(length <= 4 ? 8 : length <= 12 ? 16 : 32);
            assertThat(padding.unpad(padded)).isEqualTo(value);
        }
        assertThat(padding.maxValueBytes()).isEqualTo(28);
    }

    @Test
    void layoutIsLengthValueZeros() {
        assertThat(padding.pad(new byte[] {7, 8})).containsExactly(0, 0, 0, 2, 7, 8, 0, 0);
    }

    @Test
    void valueOfNoClassIsRefusedWithoutBeingRepeated() {
        assertThatThrownBy(() -> padding.pad(new byte[29]))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.problem()).isEqualTo(Problem.INVALID))
                .hasMessage("The value is too long: at most 28 bytes can be kept here.");
    }

    @Test
    void anyNonZeroPaddingByteIsRefused() {
        byte[] padded = padding.pad(new byte[] {1});
        for (int at = 5; at < padded.length; at++) {
            byte[] changed = padded.clone();
            changed[at] = (byte) 0x80;
            assertThatThrownBy(() -> padding.unpad(changed))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessage("padding: not zero");
        }
    }

    @Test
    void lengthBeyondTheEndIsRefused() {
        for (byte[] padded :
                new byte[][] {{0, 0, 0, 5, 0, 0, 0, 0}, {0, 0, 1, 0, 0, 0, 0, 0}, {-1, -1, -1, -1, 0, 0, 0, 0}}) {
            assertThatThrownBy(() -> padding.unpad(padded))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessage("padding: length");
        }
    }

    @Test
    void largerClassThanNeededAndUnknownClassAreRefused() {
        byte[] small = padding.pad(new byte[] {1, 2});
        assertThatThrownBy(() -> padding.unpad(Arrays.copyOf(small, 16)))
                .isInstanceOf(IntegrityException.class)
                .hasMessage("padding: not the smallest class");
        for (int size : new int[] {0, 3, 7, 9, 33}) {
            assertThatThrownBy(() -> padding.unpad(Arrays.copyOf(small, size)))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessage("padding: size class");
        }
    }

    @Test
    void classesAreOneToThreeAndAscend() {
        for (int[] sizes : new int[][] {{}, {8, 16, 32, 64}, {16, 8}, {8, 8}, {4}, {0}, {65_537}}) {
            assertThatThrownBy(() -> Padding.of(sizes)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
