package org.patronvault.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ShamirTest {
    private static final long SEED = 20_261_125;

    private final byte[] secret = SecureBytes.random(32);

    @Test
    void everySubsetAsLargeAsTheThresholdGivesTheSecretBackAndNoneSmallerDoes() {
        for (int count = 2; count <= 6; count++) {
            for (int threshold = 2; threshold <= count; threshold++) {
                List<byte[]> shares = Shamir.split(secret, count, threshold);
                assertThat(shares)
                        .hasSize(count)
                        .allSatisfy(share -> assertThat(share).hasSize(32).isNotEqualTo(secret));
                for (int set = 0; set < 1 << count; set++) {
                    int size = Integer.bitCount(set);
                    if (size >= 2) {
                        assertThat(Arrays.equals(Shamir.combine(chosen(shares, set)), secret))
                                .as("%d of %d with %d", threshold, count, size)
                                .isEqualTo(size >= threshold);
                    }
                }
            }
        }
    }

    @Test
    void anyThresholdAndCountGiveAnySecretBackFromSharesChosenByChance() {
        Random random = new Random(SEED);
        for (int round = 0; round < 1_000; round++) {
            byte[] any = new byte[32];
            random.nextBytes(any);
            int count = 2 + random.nextInt(15);
            int threshold = 2 + random.nextInt(count - 1);
            List<byte[]> shares = Shamir.split(any, count, threshold);
            TreeMap<Integer, byte[]> offered = new TreeMap<>();
            while (offered.size() < threshold) {
                int index = 1 + random.nextInt(count);
                offered.put(index, shares.get(index - 1));
            }
            assertThat(Shamir.combine(offered)).isEqualTo(any);
            assertThat(byLagrange(offered)).isEqualTo(any);
            offered.firstEntry().getValue()[random.nextInt(32)] ^= 1;
            assertThat(Shamir.combine(offered)).isNotEqualTo(any);
        }
    }

    @Test
    void sharesOfTheFormatTextAreReadWithoutTheLibrary() {
        JsonNode vector = Vectors.ours("share/three-of-five.json");
        List<byte[]> shares = new ArrayList<>();
        for (JsonNode share : vector.get("shares")) {
            shares.add(Vectors.hex(share, "value"));
        }
        for (int set = 0; set < 1 << shares.size(); set++) {
            if (Integer.bitCount(set) == vector.get("threshold").asInt()) {
                assertThat(byLagrange(chosen(shares, set))).isEqualTo(Vectors.hex(vector, "secret"));
                assertThat(Shamir.combine(chosen(shares, set))).isEqualTo(Vectors.hex(vector, "secret"));
            }
        }
    }

    @Test
    void twoSplitsOfOneSecretShareNothing() {
        List<byte[]> one = Shamir.split(secret, 3, 2);
        List<byte[]> other = Shamir.split(secret, 3, 2);
        TreeMap<Integer, byte[]> mixed = new TreeMap<>();
        mixed.put(1, one.get(0));
        mixed.put(2, other.get(1));

        assertThat(HexFormat.of().formatHex(one.get(0)))
                .isNotEqualTo(HexFormat.of().formatHex(other.get(0)));
        assertThat(Shamir.combine(mixed)).isNotEqualTo(secret);
    }

    @Test
    void boundsAreKept() {
        int[][] outside = {{1, 1}, {2, 1}, {2, 0}, {2, 3}, {17, 2}, {0, 0}};
        for (int[] bounds : outside) {
            assertThatThrownBy(() -> Shamir.split(secret, bounds[0], bounds[1]))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Shamir.split(new byte[31], 3, 2)).hasMessage("secret must be 32 bytes, was 31");
        byte[] share = new byte[32];
        assertThatThrownBy(() -> Shamir.combine(new TreeMap<>())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Shamir.combine(new TreeMap<>(Map.of(1, share))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Shamir.combine(new TreeMap<>(Map.of(0, share, 1, share))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Shamir.combine(new TreeMap<>(Map.of(1, share, 17, share))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Shamir.combine(new TreeMap<>(Map.of(1, share, 2, new byte[33]))))
                .hasMessage("share must be 32 bytes, was 33");
    }

    private static SortedMap<Integer, byte[]> chosen(List<byte[]> shares, int set) {
        TreeMap<Integer, byte[]> byIndex = new TreeMap<>();
        for (int i = 0; i < shares.size(); i++) {
            if ((set & (1 << i)) != 0) {
                byIndex.put(i + 1, shares.get(i));
            }
        }
        return byIndex;
    }

    /** The formula of the format text: for each byte the sum of y_i times the product of x_j / (x_j - x_i). */
    private static byte[] byLagrange(SortedMap<Integer, byte[]> byIndex) {
        byte[] result = new byte[32];
        byIndex.forEach((x, y) -> {
            int factor = 1;
            for (int other : byIndex.keySet()) {
                if (other != x) {
                    factor = times(factor, times(other, inverse(other ^ x)));
                }
            }
            for (int i = 0; i < result.length; i++) {
                result[i] ^= (byte) times(factor, y[i] & 0xFF);
            }
        });
        return result;
    }

    /** As polynomials over GF(2), then reduced by x^8 + x^4 + x^3 + x + 1. */
    private static int times(int a, int b) {
        int product = 0;
        for (int bit = 0; bit < 8; bit++) {
            if (((b >> bit) & 1) == 1) {
                product ^= a << bit;
            }
        }
        for (int bit = 14; bit >= 8; bit--) {
            if (((product >> bit) & 1) == 1) {
                product ^= 0x11B << (bit - 8);
            }
        }
        return product;
    }

    private static int inverse(int a) {
        for (int b = 1; b < 256; b++) {
            if (times(a, b) == 1) {
                return b;
            }
        }
        throw new IllegalArgumentException("zero has no inverse");
    }
}
