package org.patronvault.core.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.LongRun;

class EnvelopeCipherTest {
    private static final Padding PADDING = Padding.of(32, 64);
    private static final byte[] VALUE = "+18605550100".getBytes(UTF_8);
    private static final byte[] BOUND = {1, 2};

    private final Kek kek = Kek.of(3, SecureBytes.random(32));
    private final Kek next = Kek.of(4, SecureBytes.random(32));
    private final EnvelopeContext context = new EnvelopeContext("vault", "phone", "0123456789abcdef", 7, BOUND);
    private final byte[] stored = EnvelopeCipher.seal(kek, context, VALUE, PADDING);

    @Test
    void sealedValueOpensInItsPlace() {
        assertThat(EnvelopeCipher.open(kek, context, stored, PADDING)).isEqualTo(VALUE);
        assertThat(stored).hasSize(Envelope.OVERHEAD_BYTES + 32);
        assertThat(Envelope.parse(stored).kekVersion()).isEqualTo(3);
        assertThat(Envelope.parse(stored).bytes()).isEqualTo(stored);
    }

    @Test
    void emptyValueAndLongestValueOpen() {
        for (byte[] value : List.of(new byte[0], new byte[60])) {
            byte[] sealed = EnvelopeCipher.seal(kek, context, value, PADDING);
            assertThat(EnvelopeCipher.open(kek, context, sealed, PADDING)).isEqualTo(value);
        }
    }

    @Test
    void sameValueSealedTwiceSharesNothingButVersionsAndLength() {
        byte[] again = EnvelopeCipher.seal(kek, context, VALUE, PADDING);

        assertThat(again).hasSameSizeAs(stored);
        assertThat(Arrays.copyOf(again, 5)).isEqualTo(Arrays.copyOf(stored, 5));
        for (int at = 5; at + 8 <= stored.length; at++) {
            assertThat(Arrays.equals(again, at, at + 8, stored, at, at + 8)).isFalse();
        }
    }

    @Test
    void valueTooLongForTheLargestClassIsRefused() {
        assertThatThrownBy(() -> EnvelopeCipher.seal(kek, context, new byte[61], PADDING))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.problem()).isEqualTo(Problem.INVALID));
    }

    @Test
    void anyFlippedBitIsRefused() {
        for (int bit = 0; bit < stored.length * 8; bit++) {
            byte[] changed = stored.clone();
            changed[bit / 8] ^= (byte) (1 << (bit % 8));
            assertRefused(kek, context, changed, PADDING);
        }
    }

    @Test
    void noneOfAHundredThousandChangesOfAFewBitsOpens() {
        Random random = new Random(2018);
        int opened = 0;
        for (int n = 0; n < LongRun.times(10_000, 100_000); n++) {
            byte[] changed = stored.clone();
            for (int bits = 1 + random.nextInt(4); bits > 0; bits--) {
                int bit = random.nextInt(8 * changed.length);
                changed[bit / 8] ^= (byte) (1 << (bit % 8));
            }
            opened += Arrays.equals(changed, stored) || !opens(changed) ? 0 : 1;
        }
        assertThat(opened).isZero();
    }

    private boolean opens(byte[] changed) {
        try {
            return EnvelopeCipher.open(kek, context, changed, PADDING) != null;
        } catch (IntegrityException e) {
            return false;
        }
    }

    @Test
    void anyTruncationAndAnyExtensionIsRefused() {
        for (int size = 0; size < stored.length; size++) {
            assertRefused(kek, context, Arrays.copyOf(stored, size), PADDING);
        }
        for (int size = stored.length + 1; size < stored.length + 70; size++) {
            assertRefused(kek, context, Arrays.copyOf(stored, size), PADDING);
        }
    }

    @Test
    void anyOtherVersionByteIsRefused() {
        for (int version = 0; version < 256; version++) {
            if (version != Envelope.VERSION) {
                byte[] changed = stored.clone();
                changed[0] = (byte) version;
                assertThatThrownBy(() -> Envelope.parse(changed))
                        .isInstanceOf(IntegrityException.class)
                        .hasMessage("envelope: version byte");
            }
        }
    }

    @Test
    void anyOtherPlaceIsRefused() {
        List<EnvelopeContext> others = List.of(
                new EnvelopeContext("vaulu", "phone", "0123456789abcdef", 7, BOUND),
                new EnvelopeContext("vault", "email", "0123456789abcdef", 7, BOUND),
                new EnvelopeContext("vault", "phone", "0123456789abcdee", 7, BOUND),
                new EnvelopeContext("vault", "phone", "0123456789abcdef", 6, BOUND),
                new EnvelopeContext("vault", "phone", "0123456789abcdef", 8, BOUND),
                new EnvelopeContext("vault", "phone", "0123456789abcdef", 7, new byte[] {1, 3}),
                new EnvelopeContext("vault", "phone", "0123456789abcdef", 7, new byte[] {1, 2, 0}),
                new EnvelopeContext("vault", "phone", "0123456789abcdef", 7),
                new EnvelopeContext("vaultp", "hone", "0123456789abcdef", 7, BOUND));
        for (EnvelopeContext other : others) {
            assertRefused(kek, other, stored, PADDING);
            assertThatThrownBy(() -> EnvelopeCipher.rewrap(kek, next, other, stored))
                    .isInstanceOf(IntegrityException.class);
            assertThat(EnvelopeCipher.rowHash(other, stored)).isNotEqualTo(EnvelopeCipher.rowHash(context, stored));
        }
    }

    @Test
    void otherKeyAndOtherVersionOfTheKeyAreRefused() {
        byte[] key = SecureBytes.random(32);
        byte[] sealed = EnvelopeCipher.seal(Kek.of(3, key), context, VALUE, PADDING);

        assertRefused(kek, context, sealed, PADDING);
        assertRefused(Kek.of(4, key), context, sealed, PADDING);
    }

    @Test
    void wrapOfAnotherDekIsRefusedByTheCommitment() {
        Envelope one = Envelope.parse(stored);
        Envelope two = Envelope.parse(EnvelopeCipher.seal(kek, context, VALUE, PADDING));

        assertThatThrownBy(() -> EnvelopeCipher.open(
                        kek,
                        context,
                        Envelope.of(3, two.wrap(), one.commitment(), one.payload())
                                .bytes(),
                        PADDING))
                .hasMessage("envelope: commitment");
        assertThatThrownBy(() -> EnvelopeCipher.open(
                        kek,
                        context,
                        Envelope.of(3, two.wrap(), two.commitment(), one.payload())
                                .bytes(),
                        PADDING))
                .hasMessage("envelope: payload");
    }

    @Test
    void otherSizeClassesAreRefused() {
        assertRefused(kek, context, stored, Padding.of(64));
        assertRefused(kek, context, stored, Padding.of(16, 32));
        assertRefused(kek, context, EnvelopeCipher.seal(kek, context, VALUE, Padding.of(64)), PADDING);
    }

    @Test
    void rewrappedEnvelopeOpensWithTheNewVersionOnly() {
        byte[] rewrapped = EnvelopeCipher.rewrap(kek, next, context, stored);

        assertThat(EnvelopeCipher.open(next, context, rewrapped, PADDING)).isEqualTo(VALUE);
        assertRefused(kek, context, rewrapped, PADDING);
    }

    @Test
    void rewrapKeepsRowHashCommitmentAndPayload() {
        byte[] rewrapped = EnvelopeCipher.rewrap(kek, next, context, stored);

        assertThat(EnvelopeCipher.rowHash(context, rewrapped)).isEqualTo(EnvelopeCipher.rowHash(context, stored));
        assertThat(Arrays.copyOfRange(rewrapped, 77, rewrapped.length))
                .isEqualTo(Arrays.copyOfRange(stored, 77, stored.length));
        assertThat(Envelope.parse(rewrapped).wrap())
                .isNotEqualTo(Envelope.parse(stored).wrap());
    }

    @Test
    void rewrapOfADamagedWrapOrCommitmentIsRefused() {
        for (int at = 0; at < 109; at++) {
            byte[] changed = stored.clone();
            changed[at] ^= 1;
            assertThatThrownBy(() -> EnvelopeCipher.rewrap(kek, next, context, changed))
                    .isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void rowHashChangesWithEveryByteOfCommitmentAndPayload() {
        byte[] rowHash = EnvelopeCipher.rowHash(context, stored);
        for (int at = 77; at < stored.length; at++) {
            byte[] changed = stored.clone();
            changed[at] ^= 1;
            assertThat(EnvelopeCipher.rowHash(context, changed)).isNotEqualTo(rowHash);
        }
    }

    @Test
    void contextIsNotChangedThroughItsArrays() {
        byte[] bound = {1, 2};
        EnvelopeContext copied = new EnvelopeContext("vault", "phone", "0123456789abcdef", 7, bound);
        bound[0] = 9;
        copied.bound()[1] = 9;

        assertThat(copied.bound()).isEqualTo(BOUND);
        assertThat(copied.toString()).doesNotContain("0123456789abcdef");
    }

    @Test
    void badArgumentsAreNamedWithTheirRange() {
        assertThatThrownBy(() -> Kek.of(0, new byte[32])).hasMessage("KEK version must be 1 or more, was 0");
        assertThatThrownBy(() -> Kek.of(1, new byte[16])).hasMessage("KEK must be 32 bytes, was 16");
        assertThatThrownBy(() -> new EnvelopeContext("", "phone", "id", 0)).hasMessage("vault id must not be empty");
        assertThatThrownBy(() -> new EnvelopeContext("vault", "phone", "id", -1))
                .hasMessage("generation must be 0 or more, was -1");
    }

    private static void assertRefused(Kek kek, EnvelopeContext context, byte[] stored, Padding padding) {
        assertThatThrownBy(() -> EnvelopeCipher.open(kek, context, stored, padding))
                .isInstanceOf(IntegrityException.class);
    }
}
