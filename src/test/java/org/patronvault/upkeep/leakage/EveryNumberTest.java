package org.patronvault.upkeep.leakage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Tests that exactly the patrons named by number are found, in any surroundings. */
final class EveryNumberTest {
    private static final long[] NUMBERS = LongStream.concat(
                    LongStream.of(-1_234_567_890_123_456_789L), new Random(2018).longs(5_000))
            .toArray();

    private static final EveryNumber ALL = new EveryNumber(NUMBERS);

    private static Set<Long> inText(String text) {
        Set<Long> found = new HashSet<>();
        ALL.findDigits(text.getBytes(StandardCharsets.UTF_8), found);
        return found;
    }

    @Test
    void numberInDigitsIsFoundWhateverStandsAroundIt() {
        for (long number : NUMBERS) {
            String hex = String.format("%016x", number);
            assertThat(inText(hex)).containsExactly(number);
            assertThat(inText("p:" + hex.toUpperCase(java.util.Locale.ROOT) + " x"))
                    .containsExactly(number);
            assertThat(inText("00" + hex + "ff")).containsExactly(number);
            assertThat(inText("[" + number + "]")).containsExactly(number);
            assertThat(inText(Long.toUnsignedString(number))).containsExactly(number);
        }
    }

    @Test
    void severalInOneTextAreAllFound() {
        assertThat(inText(NUMBERS[1] + "," + NUMBERS[2] + String.format(";%016x", NUMBERS[3])))
                .containsExactlyInAnyOrder(NUMBERS[1], NUMBERS[2], NUMBERS[3]);
    }

    @Test
    void numberInBytesIsFoundInEitherOrder() {
        byte[] bytes = ByteBuffer.allocate(21)
                .putLong(3, NUMBERS[7])
                .putLong(12, Long.reverseBytes(NUMBERS[8]))
                .array();
        Set<Long> found = new HashSet<>();
        ALL.findBytes(bytes, found);
        assertThat(found).containsExactlyInAnyOrder(NUMBERS[7], NUMBERS[8]);
    }

    @Test
    void otherNumbersAreNobodys() {
        byte[] random = new byte[100_000];
        new Random(7).nextBytes(random);
        Set<Long> found = new HashSet<>();
        ALL.findBytes(random, found);
        ALL.findDigits(random, found);
        for (long number : NUMBERS) {
            ALL.findDigits((number + 1 + " " + Long.toHexString(number ^ 1)).getBytes(StandardCharsets.UTF_8), found);
        }
        assertThat(found).isEmpty();
        new EveryNumber(new long[0]).findBytes(random, found);
        assertThat(found).isEmpty();
    }
}
