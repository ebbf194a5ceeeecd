package org.patronvault.core.keys.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.LongRun;

class ShareTest {
    private static final long SEED = 20_261_125;

    private final Random random = new Random(SEED);
    private final Share share = any();
    private final List<String> words = List.of(share.words().split(" ", -1));

    private Share any() {
        byte[] value = new byte[32];
        random.nextBytes(value);
        return Share.of(random.nextInt(1 << 24), 2 + random.nextInt(15), 1 + random.nextInt(16), value);
    }

    private static void assertSame(Share read, Share written) {
        assertThat(read.setId()).isEqualTo(written.setId());
        assertThat(read.threshold()).isEqualTo(written.threshold());
        assertThat(read.index()).isEqualTo(written.index());
        assertThat(read.value()).isEqualTo(written.value());
    }

    private static void assertMistyped(ThrowingCallable call, String sentence) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.problem()).isEqualTo(Problem.SHARE_MISTYPED);
            assertThat(refused).hasMessage(sentence);
        });
    }

    @Test
    void sharesOfTheFormatTextAreWrittenAndReadAsItSays() throws IOException {
        JsonNode vector = new ObjectMapper()
                .readTree(Path.of("src/test/resources/vectors/share/three-of-five.json")
                        .toFile());
        assertThat(vector.get("shares")).hasSize(5).allSatisfy(golden -> {
            byte[] value = HexFormat.of().parseHex(golden.get("value").asText());
            Share written = Share.of(
                    vector.get("set").asInt(),
                    vector.get("threshold").asInt(),
                    golden.get("index").asInt(),
                    value);
            assertThat(written.words()).isEqualTo(golden.get("words").asText());
            assertThat(HexFormat.of().formatHex(written.hash()))
                    .isEqualTo(golden.get("hash").asText());
            assertSame(Share.parse(golden.get("words").asText()), written);
        });
    }

    @Test
    void anyShareIsReadBackFromItsWords() {
        for (int round = 0; round < 2_000; round++) {
            Share any = any();
            assertThat(any.words()).matches("([a-z]{4,6} ){29}[a-z]{4,6}");
            assertSame(Share.parse(any.words()), any);
        }
        byte[] ones = new byte[32];
        Arrays.fill(ones, (byte) 0xFF);
        Share largest = Share.of((1 << 24) - 1, 16, 16, ones);
        assertSame(Share.parse(largest.words()), largest);
        Share smallest = Share.of(0, 2, 1, new byte[32]);
        assertSame(Share.parse(smallest.words()), smallest);
    }

    @Test
    void caseLinesBlanksAndTheNumbersOfACardDoNotMatter() {
        StringBuilder card = new StringBuilder("\n");
        for (int i = 0; i < words.size(); i++) {
            card.append(i + 1).append(i % 2 == 0 ? ". " : " ").append(words.get(i));
            card.append(i % 6 == 5 ? " \r\n" : "\t  ");
        }
        assertSame(Share.parse(card.toString()), share);
        assertSame(Share.parse(card.toString().toUpperCase(Locale.ROOT)), share);
        assertSame(Share.parse(String.join("\u00a0", words)), share);
        assertSame(Share.parse("1." + String.join(" 2.", words)), share);
    }

    @Test
    void wordThatIsNotInTheListIsNamedByItsPlaceAndNeverRepeated() {
        List<String> typed = new ArrayList<>(words);
        for (String wrong : List.of("qwertz", words.get(6) + "s", words.get(6).substring(0, 4) + "-", "7word", "é")) {
            typed.set(6, wrong);
            assertMistyped(
                    () -> Share.parse(String.join(" ", typed)), "Word 7 is not in the list; look at the card again.");
        }
        // The Kelvin sign becomes a k where letters of all alphabets are made small.
        int withK = Collections.indexOfSubList(
                words, words.stream().filter(w -> w.contains("k")).limit(1).toList());
        assertThat(withK).isNotNegative();
        assertThatThrownBy(() -> Share.parse(share.words().replace('k', '\u212a')))
                .isInstanceOf(Refused.class)
                .hasMessage("Word " + (withK + 1) + " is not in the list; look at the card again.");
    }

    @Test
    void howManyWordsCameIsSaid() {
        assertMistyped(() -> Share.parse(""), "A share has 30 words; 0 came.");
        assertMistyped(() -> Share.parse(" 1. 2 \n"), "A share has 30 words; 0 came.");
        assertMistyped(() -> Share.parse(String.join(" ", words.subList(0, 29))), "A share has 30 words; 29 came.");
        assertMistyped(() -> Share.parse(share.words() + " acorn"), "A share has 30 words; 31 came.");
        assertMistyped(
                () -> Share.parse(" ".repeat(2_001)), "A share has 30 words and nothing else; this is far longer.");
        assertSame(Share.parse(share.words() + " ".repeat(2_000 - share.words().length())), share);
    }

    @Test
    void wordsThatDoNotFitTogetherAreRefused() {
        List<String> exchanged = new ArrayList<>(words);
        Collections.swap(exchanged, 11, 12);
        String sentence = "Every word is in the list, but one is wrong or two are in each other's place; compare with"
                + " the card.";
        assertMistyped(() -> Share.parse(String.join(" ", exchanged)), sentence);
        assertThat(Share.wrongWord(String.join(" ", exchanged), List.of(any().hash(), share.hash())))
                .hasValue(12);
    }

    @Test
    void wordsOfAnImpossibleThresholdOrIndexAreNoShare() {
        // The bits between the set and the value, 5 for the threshold and 5 for the index, both of them 0.
        int[] numbers = new int[Share.WORDS];
        StringBuilder none = new StringBuilder();
        numbers[Share.WORDS - 1] = Share.Bits.check(Share.Bits.packed(numbers));
        Arrays.stream(numbers)
                .forEach(number -> none.append(ShareWords.word(number)).append(' '));
        assertMistyped(() -> Share.parse(none.toString()), "These thirty words are no share; look at the card again.");
    }

    @Test
    void anySingleWrongWordIsFoundAmongTheKnownShares() {
        List<byte[]> known = List.of(any().hash(), share.hash(), any().hash());
        for (int at = 0; at < Share.WORDS; at++) {
            List<String> typed = new ArrayList<>(words);
            typed.set(at, otherThan(words.get(at)));
            assertThat(Share.wrongWord(String.join(" ", typed), known)).hasValue(at + 1);
        }
    }

    @Test
    void noWordIsNamedWhereNoSingleMendGivesAKnownShare() {
        List<byte[]> known = List.of(share.hash());
        List<String> two = new ArrayList<>(words);
        two.set(3, otherThan(words.get(3)));
        two.set(20, otherThan(words.get(20)));

        assertThat(Share.wrongWord(String.join(" ", two), known)).isEmpty();
        assertThat(Share.wrongWord(any().words(), known)).isEmpty();
        assertThat(Share.wrongWord(share.words(), known)).isEmpty();
        assertThat(Share.wrongWord(share.words(), List.of())).isEmpty();
        assertThat(Share.wrongWord("acorn", known)).isEmpty();
        assertThat(Share.wrongWord(String.join(" ", words.subList(0, 29)) + " qwertz", known))
                .isEmpty();
    }

    private String otherThan(String word) {
        String other = word;
        while (other.equals(word)) {
            other = ShareWords.word(random.nextInt(ShareWords.COUNT));
        }
        return other;
    }

    @Test
    void noSlipOfAKeyMakesAnotherShare() {
        String typed = share.words();
        for (int round = 0; round < LongRun.times(5_000, 50_000); round++) {
            int at = random.nextInt(typed.length());
            char letter = (char) ('a' + random.nextInt(26));
            String before = typed.substring(0, at);
            String after = typed.substring(at);
            String slip = switch (random.nextInt(4)) {
                case 0 -> before + letter + after;
                case 1 -> before + letter + after.substring(1);
                case 2 -> before + after.substring(1);
                default -> before + ' ' + after;
            };
            assertRefusedOrThisShare(slip);
        }
    }

    private void assertRefusedOrThisShare(String text) {
        Share read;
        try {
            read = Share.parse(text);
        } catch (Refused e) {
            assertThat(e.problem()).isEqualTo(Problem.SHARE_MISTYPED);
            return;
        }
        assertSame(read, share);
    }

    @Test
    void noMutatedShareIsTakenForAKnownOne() {
        List<UnaryOperator<List<String>>> mutations = List.of(
                list -> {
                    list.set(random.nextInt(30), ShareWords.word(random.nextInt(1024)));
                    return list;
                },
                list -> {
                    Collections.swap(list, random.nextInt(30), random.nextInt(30));
                    return list;
                },
                list -> {
                    list.add(random.nextInt(30), list.remove(random.nextInt(30)));
                    return list;
                },
                list -> {
                    Collections.shuffle(list, random);
                    return list;
                });
        byte[] known = share.hash();
        int fitByChance = 0;
        for (int round = 0; round < LongRun.times(20_000, 100_000); round++) {
            List<String> mutated = new ArrayList<>(words);
            for (int times = random.nextInt(3); times >= 0; times--) {
                mutated = mutations.get(random.nextInt(mutations.size())).apply(mutated);
            }
            Share read;
            try {
                read = Share.parse(String.join(" ", mutated));
            } catch (Refused e) {
                continue;
            }
            assertThat(Arrays.equals(read.hash(), known)).isEqualTo(mutated.equals(words));
            fitByChance += mutated.equals(words) ? 0 : 1;
        }
        // One word of ten bits checks the others: about one mutation in 1,024 fits, and the hash alone refuses it.
        assertThat(fitByChance).isBetween(LongRun.times(4, 40), LongRun.times(40, 160));
    }

    @Test
    void hashIsOfEveryPart() {
        byte[] value = share.value();
        List<Share> others = List.of(
                Share.of(share.setId() ^ 1, share.threshold(), share.index(), value),
                Share.of(share.setId(), 18 - share.threshold(), share.index(), value),
                Share.of(share.setId(), share.threshold(), 17 - share.index(), value),
                Share.of(share.setId(), share.threshold(), share.index(), new byte[32]));
        assertThat(others).noneMatch(other -> Arrays.equals(other.hash(), share.hash()));
    }

    @Test
    void shareTellsNothingOfItsValueAndForgetsItWhenWiped() {
        byte[] value = share.value();
        assertThat(share.toString())
                .contains("REDACTED")
                .doesNotContain(HexFormat.of().formatHex(value, 0, 2));
        assertThat(words).noneMatch(share.toString()::contains);
        share.wipe();
        assertThat(share.value()).containsOnly(0);
        assertThat(value).isNotEqualTo(share.value());
    }

    @Test
    void boundsAreKept() {
        byte[] value = new byte[32];
        int[][] outside = {{-1, 2, 1}, {1 << 24, 2, 1}, {0, 1, 1}, {0, 17, 1}, {0, 2, 0}, {0, 2, 17}};
        for (int[] parts : outside) {
            assertThatThrownBy(() -> Share.of(parts[0], parts[1], parts[2], value))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Share.of(0, 2, 1, new byte[31])).isInstanceOf(IllegalArgumentException.class);
    }
}
