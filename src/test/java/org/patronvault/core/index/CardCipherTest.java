package org.patronvault.core.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;

final class CardCipherTest {
    private static final String CARD = "21234000000018";
    private static final Prf KEY = Prf.of(new byte[32]);
    private static final CardCipher CIPHER = CardCipher.of(3, "vault-a", KEY);

    @Test
    void valueOpensUnderItsLabelWhateverItSays() {
        byte[] label = CIPHER.label(CARD);
        for (boolean former : new boolean[] {false, true}) {
            for (long number : new long[] {0, 1, Long.MIN_VALUE, -1}) {
                CardCipher.Holder holder = new CardCipher.Holder(new PatronId(number), former, number + 9);
                byte[] sealed = CIPHER.seal(label, holder);
                assertThat(sealed).hasSize(33);
                assertThat(CIPHER.open(label, sealed)).isEqualTo(holder);
            }
        }
    }

    @Test
    void labelsDifferByCardVaultAndKey() {
        assertThat(CIPHER.label(CARD)).hasSize(CardCipher.LABEL_BYTES).isEqualTo(CIPHER.label(CARD));
        assertThat(CIPHER.label(CARD)).isNotEqualTo(CIPHER.label("21234000000019"));
        assertThat(CIPHER.label(CARD))
                .isNotEqualTo(CardCipher.of(3, "vault-b", KEY).label(CARD));
        byte[] other = new byte[32];
        other[0] = 1;
        assertThat(CIPHER.label(CARD))
                .isNotEqualTo(CardCipher.of(3, "vault-a", Prf.of(other)).label(CARD));
    }

    @Test
    void valueOfAnotherCardOrVersionIsRefused() {
        byte[] label = CIPHER.label(CARD);
        byte[] sealed = CIPHER.seal(label, new CardCipher.Holder(new PatronId(5), false, 1));

        assertThatThrownBy(() -> CIPHER.open(CIPHER.label("21234000000019"), sealed))
                .isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> CardCipher.of(4, "vault-a", KEY).open(label, sealed))
                .isInstanceOf(IntegrityException.class);
    }

    @Test
    void everyFlippedBitIsRefused() {
        byte[] label = CIPHER.label(CARD);
        byte[] sealed = CIPHER.seal(label, new CardCipher.Holder(new PatronId(5), true, 1));
        for (int bit = 0; bit < 8 * sealed.length; bit++) {
            byte[] flipped = sealed.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> CIPHER.open(label, flipped)).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void unknownKindAndAnotherLengthAreRefusedThoughAuthentic() {
        byte[] label = CIPHER.label(CARD);
        byte[] aad = CanonicalBytes.plain().u32(3).raw(label).bytes();
        CanonicalBytes dummy = CanonicalBytes.plain().u8(0).u64(5).u64(1);
        CanonicalBytes longer = CanonicalBytes.plain().u8(1).u64(5).u64(1).u8(0);
        CanonicalBytes shorter = CanonicalBytes.plain().u8(1).u64(5).u32(1);
        for (CanonicalBytes value : new CanonicalBytes[] {dummy, longer, shorter}) {
            byte[] sealed = CIPHER.values().seal(value.bytes(), aad);
            assertThatThrownBy(() -> CIPHER.open(label, sealed)).isInstanceOf(IntegrityException.class);
        }
    }
}
