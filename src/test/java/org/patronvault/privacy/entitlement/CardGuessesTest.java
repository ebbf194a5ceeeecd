package org.patronvault.privacy.entitlement;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.Actor;
import org.patronvault.patron.record.SequentialCardDetector;

/** Tests of clients that look as if they guessed cards, and of clients that do not. */
final class CardGuessesTest {
    private static final Actor HOOPLA = new Actor(Actor.Kind.CLIENT, "hoopla", "entitlement", "");
    private static final Actor KANOPY = new Actor(Actor.Kind.CLIENT, "kanopy", "entitlement", "");
    private static final int TOWN = 40_000;

    private final Random random = new Random(52);
    private long nanos;
    private CardGuesses guesses;

    @BeforeEach
    void begin() {
        guesses = new CardGuesses(new SequentialCardDetector(() -> nanos), () -> nanos);
    }

    private static String card(int number) {
        return String.format("212340%07d5", number);
    }

    /** Numbers of cards in an order in which no two neighbors are close. */
    private List<Integer> shuffled(int from, int to) {
        List<Integer> numbers = IntStream.range(from, to).boxed().collect(Collectors.toList());
        Collections.shuffle(numbers, random);
        return numbers;
    }

    /** How many of those cards were tried when the first alert came; -1 for never. */
    private int told(List<Integer> numbers, IntFunction<String> card, IntPredicate known) {
        for (int i = 0; i < numbers.size(); i++) {
            if (guesses.take(HOOPLA, card.apply(numbers.get(i)), known.test(i))) {
                return i + 1;
            }
        }
        return -1;
    }

    @Test
    void cardsInTheirOrderAreToldOfAtTheSixth() {
        assertThat(told(IntStream.range(0, 20).boxed().toList(), CardGuessesTest::card, i -> true))
                .isEqualTo(6);
    }

    @Test
    void allCardsOfOneBlockAreToldOfInWhateverOrderThoughAllAreKnown() {
        List<Integer> mixed = new ArrayList<>();
        IntStream.range(0, 1_000).map(i -> 7_000 + i * 37 % 1_000).forEach(mixed::add);
        assertThat(told(mixed, CardGuessesTest::card, i -> true)).isBetween(1, CardGuesses.TELLING);
    }

    @Test
    void cardsOfOneBlockAreToldOfThoughAsManyOthersAreAskedForBetweenThem() {
        List<Integer> mixed = new ArrayList<>();
        List<Integer> others = shuffled(10_000, TOWN);
        for (int i = 0; i < 900; i++) {
            mixed.add(7_000 + i * 37 % 1_000);
            mixed.add(others.get(i));
        }
        assertThat(told(mixed, CardGuessesTest::card, i -> true)).isBetween(1, 2 * CardGuesses.TELLING);
    }

    @Test
    void cardsOfWhichMostAreNobodysAreToldOfHoweverFarFromEachOther() {
        assertThat(told(shuffled(0, TOWN), CardGuessesTest::card, i -> i % 5 < 2))
                .isEqualTo(CardGuesses.TELLING);
        begin();
        assertThat(told(shuffled(0, TOWN), number -> "N" + card(number), i -> i % 5 < 2))
                .as("cards with letters")
                .isEqualTo(CardGuesses.TELLING);
    }

    @Test
    void busyVendorWhoseCardsAreSpreadOverTheTownIsNotToldOf() {
        List<Integer> patrons = shuffled(0, TOWN).subList(0, 6_000);
        assertThat(told(patrons, CardGuessesTest::card, i -> i % 10 != 0)).isEqualTo(-1);
    }

    @Test
    void classThatSharesABlockIsNotToldOf() {
        List<Integer> pupils = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            pupils.add(500 + i * 11 % 30);
        }
        assertThat(told(pupils, CardGuessesTest::card, i -> true)).isEqualTo(-1);
    }

    @Test
    void clientIsToldOfOnceInTenMinutesAndTheNextOneByItself() {
        assertThat(told(IntStream.range(0, 6).boxed().toList(), CardGuessesTest::card, i -> true))
                .isEqualTo(6);
        List<Integer> more = IntStream.range(6, 1_500).boxed().toList();
        assertThat(told(more, CardGuessesTest::card, i -> true)).isEqualTo(-1);
        for (int i = 0; i < 5; i++) {
            assertThat(guesses.take(KANOPY, card(i), true)).isFalse();
        }
        assertThat(guesses.take(KANOPY, card(5), true)).isTrue();
        nanos += Duration.ofMinutes(10).toNanos();
        assertThat(told(more, CardGuessesTest::card, i -> true)).isPositive();
    }
}
