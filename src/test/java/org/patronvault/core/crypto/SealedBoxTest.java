package org.patronvault.core.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.IntegrityException;

class SealedBoxTest {
    private static final byte[] AAD = "aad".getBytes(UTF_8);
    private static final byte[] PLAINTEXT = "what the box holds".getBytes(UTF_8);

    private final SealedBox.Key key = SealedBox.Key.of(SecureBytes.random(32));

    @Test
    void sealedBytesOpen() {
        byte[] stored = key.seal(AAD, PLAINTEXT);

        assertThat(key.open(AAD, stored)).isEqualTo(PLAINTEXT);
        assertThat(stored).hasSize(SealedBox.OVERHEAD_BYTES + PLAINTEXT.length);
        assertThat(key.open(new byte[0], key.seal(new byte[0], new byte[0]))).isEmpty();
    }

    @Test
    void onceAndReadyFormsAgree() {
        byte[] raw = SecureBytes.random(32);

        assertThat(SealedBox.Key.of(raw).open(AAD, SealedBox.seal(raw, AAD, PLAINTEXT)))
                .isEqualTo(PLAINTEXT);
        assertThat(SealedBox.open(raw, AAD, SealedBox.Key.of(raw).seal(AAD, PLAINTEXT)))
                .isEqualTo(PLAINTEXT);
    }

    @Test
    void anyFlippedBitIsRefused() {
        byte[] stored = key.seal(AAD, PLAINTEXT);
        for (int bit = 0; bit < stored.length * 8; bit++) {
            byte[] changed = stored.clone();
            changed[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThatThrownBy(() -> key.open(AAD, changed)).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void anyTruncationAndAnExtraByteIsRefused() {
        byte[] stored = key.seal(AAD, PLAINTEXT);
        for (int size = 0; size < stored.length; size++) {
            byte[] cut = Arrays.copyOf(stored, size);
            assertThatThrownBy(() -> key.open(AAD, cut)).isInstanceOf(IntegrityException.class);
        }
        assertThatThrownBy(() -> key.open(AAD, Arrays.copyOf(stored, stored.length + 1)))
                .isInstanceOf(IntegrityException.class);
    }

    @Test
    void otherKeyAndOtherAadAreRefusedByTheCommitment() {
        byte[] stored = key.seal(AAD, PLAINTEXT);

        assertThatThrownBy(() -> SealedBox.Key.of(SecureBytes.random(32)).open(AAD, stored))
                .isInstanceOf(IntegrityException.class)
                .hasMessage("sealed box: commitment");
        assertThatThrownBy(() -> key.open("aae".getBytes(UTF_8), stored))
                .isInstanceOf(IntegrityException.class)
                .hasMessage("sealed box: commitment");
    }

    @Test
    void twoBoxesOfOneKeyAndAadShareNoBytes() {
        byte[] one = key.seal(AAD, PLAINTEXT);
        byte[] two = key.seal(AAD, PLAINTEXT);
        for (int at = 1; at + 8 <= one.length; at++) {
            assertThat(Arrays.equals(one, at, at + 8, two, at, at + 8)).isFalse();
        }
    }

    @Test
    void keyOfAnotherSizeIsNamed() {
        assertThatThrownBy(() -> SealedBox.Key.of(new byte[31])).hasMessage("box key must be 32 bytes, was 31");
    }
}
