package org.patronvault.core.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.model.IntegrityException;

final class TermsCellTest {
    private static final long LARGEST = 0xFFFF_FFFF_FFFFL;
    private static final Prf KEY = Prf.of(new byte[32]);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 39, 40, 41, 400})
    void anyNumberOfTermsHasOneLength(int terms) {
        byte[] encoded = TermsCell.of(7, LongStream.rangeClosed(1, terms)).encode();

        assertThat(encoded).hasSize(244);
        TermsCell decoded = TermsCell.decode(encoded);
        assertThat(decoded.version()).isEqualTo(7);
        assertThat(decoded.terms())
                .isEqualTo(LongStream.rangeClosed(1, Math.min(terms, 40)).toArray());
    }

    @Test
    void firstTermsStayAndAreSortedAsUnsignedNumbersEachOnce() {
        LongStream terms = LongStream.concat(
                LongStream.of(LARGEST, 0, 1, LARGEST, 0x8000_0000_0000L, 0), LongStream.rangeClosed(100, 200));

        long[] stored = TermsCell.decode(TermsCell.of(1, terms).encode()).terms();

        assertThat(stored).hasSize(40).isSorted().startsWith(1, 100).endsWith(136, 0x8000_0000_0000L, LARGEST);
    }

    @Test
    void termsDifferByKeyVaultClassAndText() {
        IndexTerm family = new IndexTerm(IndexTerm.TermClass.FAMILY, "ng");
        IndexTerm given = new IndexTerm(IndexTerm.TermClass.GIVEN, "ng");
        byte[] other = new byte[32];
        other[0] = 1;

        assertThat(LongStream.of(
                        TermsCell.term(KEY, "vault-a", family),
                        TermsCell.term(KEY, "vault-b", family),
                        TermsCell.term(KEY, "vault-a", given),
                        TermsCell.term(KEY, "vault-a", new IndexTerm(IndexTerm.TermClass.FAMILY, "nh")),
                        TermsCell.term(Prf.of(other), "vault-a", family)))
                .doesNotHaveDuplicates()
                .allMatch(term -> term > 0 && term <= LARGEST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00000000 000000000001", // version
                "80000000 000000000001", // version
                "00000001 000000000002 000000000001", // descending
                "00000001 000000000001 000000000001", // twice
                "00000001 000000000000 000000000001", // behind a free place
                "00000001 ffffffffffff 7fffffffffff", // descending as unsigned numbers
            })
    void anotherFormIsRefused(String begin) {
        byte[] stored = new byte[244];
        byte[] first = HexFormat.of().parseHex(begin.replace(" ", ""));
        System.arraycopy(first, 0, stored, 0, first.length);

        assertThatThrownBy(() -> TermsCell.decode(stored)).isInstanceOf(IntegrityException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 243, 245, 250})
    void anotherLengthIsRefused(int sizeBytes) {
        byte[] stored = new byte[sizeBytes];
        if (sizeBytes > 3) {
            stored[3] = 1;
        }

        assertThatThrownBy(() -> TermsCell.decode(stored)).isInstanceOf(IntegrityException.class);
    }

    @Test
    void everyFlippedBitGivesAnotherCellOrIsRefused() {
        byte[] encoded = TermsCell.of(1, LongStream.of(5, 1L << 40, 1L << 47)).encode();
        for (int bit = 0; bit < 8 * encoded.length; bit++) {
            byte[] flipped = encoded.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            byte[] again;
            try {
                again = TermsCell.decode(flipped).encode();
            } catch (IntegrityException e) {
                continue;
            }
            assertThat(again).as("bit %d", bit).isEqualTo(flipped);
        }
    }
}
