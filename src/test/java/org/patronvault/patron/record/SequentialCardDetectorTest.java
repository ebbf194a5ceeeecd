package org.patronvault.patron.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.Actor;
import org.patronvault.search.CardNumbers;

final class SequentialCardDetectorTest {
    private static final Actor ANNA = new Actor(Actor.Kind.STAFF, "anna", "circulation", "NC");
    private static final Actor BERT = new Actor(Actor.Kind.STAFF, "bert", "circulation", "NC");

    private long nanos;
    private SequentialCardDetector runs;

    @BeforeEach
    void begin() {
        runs = new SequentialCardDetector(() -> nanos);
    }

    /** The barcode of that number, with its check digit. */
    private static String barcode(long number) {
        String before = String.format("2123400%06d", number);
        return IntStream.range(0, 10)
                .mapToObj(digit -> before + digit)
                .filter(CardNumbers::checkDigitHolds)
                .findFirst()
                .orElseThrow();
    }

    /** Which of those cards, from 1, end a run. */
    private List<Integer> noticed(List<String> cards) {
        List<Integer> noticed = new ArrayList<>();
        for (int i = 0; i < cards.size(); i++) {
            if (runs.take(ANNA, cards.get(i))) {
                noticed.add(i + 1);
            }
        }
        return noticed;
    }

    private static List<String> barcodes(long... numbers) {
        return LongStream.of(numbers)
                .mapToObj(SequentialCardDetectorTest::barcode)
                .toList();
    }

    @Test
    void sixthOfARunIsNoticedUpAndDownAndThenEachFifth() {
        assertThat(noticed(barcodes(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))).containsExactly(6, 11);
        assertThat(noticed(barcodes(900, 890, 880, 879, 875, 865))).containsExactly(6);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5})
    void cardsOfAFamilyAreNoRun(int size) {
        assertThat(noticed(
                        IntStream.range(0, size).mapToObj(i -> barcode(70 + i)).toList()))
                .isEmpty();
    }

    @Test
    void cardsFarFromEachOtherOrToAndFroAreNoRun() {
        assertThat(noticed(barcodes(1, 12, 23, 34, 45, 56, 67))).isEmpty();
        assertThat(noticed(barcodes(101, 102, 101, 102, 101, 102, 101))).isEmpty();
        assertThat(noticed(barcodes(201, 202, 203, 204, 999, 205, 206, 207))).isEmpty();
    }

    @Test
    void sameCardAgainNeitherCountsNorInterrupts() {
        assertThat(noticed(barcodes(1, 1, 2, 2, 3, 3, 4, 4, 5, 5))).isEmpty();
        assertThat(noticed(barcodes(6))).containsExactly(1);
    }

    @Test
    void runIsOfTenMinutes() {
        assertThat(noticed(barcodes(1, 2, 3, 4, 5))).isEmpty();
        nanos += Duration.ofMinutes(10).plusSeconds(1).toNanos();
        assertThat(noticed(barcodes(6, 7, 8, 9, 10))).isEmpty();
        nanos += Duration.ofMinutes(9).toNanos();
        assertThat(noticed(barcodes(11))).containsExactly(1);
    }

    @Test
    void runIsOfOneActor() {
        for (int i = 0; i < 10; i++) {
            assertThat(runs.take(i % 2 == 0 ? ANNA : BERT, barcode(i))).isFalse();
        }
    }

    @Test
    void numbersWithoutCheckDigitAreReadAsTheyAre() {
        assertThat(noticed(List.of("10231", "10232", "10233", "10234", "10235", "10236")))
                .containsExactly(6);
        assertThat(noticed(List.of(
                        "21234000000010",
                        "21234000000011",
                        "21234000000012",
                        "21234000000013",
                        "21234000000014",
                        "21234000000015")))
                .containsExactly(6);
    }

    @Test
    void cardsWithLettersAreNoNumbers() {
        assertThat(noticed(List.of("A1", "A2", "A3", "A4", "A5", "A6", "A7"))).isEmpty();
        assertThat(noticed(List.of("1", "2", "3", "4", "5", "6", "99999999999999999999")))
                .isEmpty();
    }
}
