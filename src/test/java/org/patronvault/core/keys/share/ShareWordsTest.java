package org.patronvault.core.keys.share;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests of the rules for the word list, by which words can be typed from a card and read out over the telephone. */
class ShareWordsTest {
    /** Words that sound like another, or are spelled in two ways: neither of a pair may be in the list. */
    private static final String HEARD_TWICE = """
            air heir aisle isle allowed aloud altar alter ant aunt arc ark ascent assent ate eight axe axle axel bail
            bale ball bawl band banned bare bear baron barren base bass beach beech bean been beat beet bell belle
            berry bury berth birth bite byte blew blue board bored border boarder boulder bolder bough bow boy
            buoy braid brake break bread bred bridal bridle bus buss buy bye cache cash cast caste cell sell cellar
            seller cent scent sent center centre cereal serial cheap cheep check cheque chilli chili choir quire
            choral coral chord cord color colour coarse course coop coupe core corps council counsel creak creek
            crews cruise cue queue curb kerb currant current cymbal symbol days daze dear deer desert dessert dew due
            die dye doe dough draft draught dual duel earn urn fair fare feat feet ferry fairy fiber fibre find
            fined fir fur flair flare flea flee flew flu flour flower for four forth fourth foul fowl gait gate gray
            grey grate great groan grown guest guessed hail hale hair hare hall haul hangar hanger harbor harbour hay
            hey heal heel hear here herd heard higher hire him hymn hole whole horse hoarse hour our idle idol jam
            jamb jewel joule key quay knight night knot not lain lane lead led leak leek lens lends lesson lessen
            liar lyre loan lone made maid mail male main mane manner manor mantel mantle maze maize mayor mare meat
            meet medal meddle metal mettle meter metre mind mined miner minor missed mist moose mousse morning
            mourning muscle mussel mustard mustered naval navel neighbor neighbour none nun oar ore odor odour pail
            pale pain pane pair pear palate palette pallet patience patients pause paws pea peace piece peak pique
            pearl purl pedal peddle peer pier petal phrase frays pigeon pidgin plain plane plow plough plum plumb
            pole poll pore pour pray prey prince prints principal principle profit prophet quarts quartz rain reign
            rein raise rays read reed real reel right write ring wring road rode roam rome role roll root route rose
            rows rough ruff rye wry sail sale sauce source sea see seam seem sense cents sew sow side sighed sign
            sine sleigh slay sloe slow soar sore sole soul some sum son sun stair stare stake steak
            stationary stationery steal steel storey story straight strait suite sweet sundae sunday tail tale
            tailor taylor tea tee tear tier theater theatre their there threw through throne thrown thyme time tide
            tied tire tyre toad towed toe tow tuna tuner vain vein veil vale vary very wade weighed wail whale waist
            waste wait weight war wore ware wear warn worn way weigh weak week weather whether wheel weal which witch
            wood would world whirled yoke yolk""";

    private static final List<String> WORDS =
            IntStream.range(0, ShareWords.COUNT).mapToObj(ShareWords::word).toList();

    @Test
    void listHasItsWordsOnceInOrderEachOfFourToSixSmallLetters() {
        assertThat(WORDS).hasSize(1 << ShareWords.BITS).isSorted().doesNotHaveDuplicates();
        assertThat(WORDS).allMatch(word -> word.matches("[a-z]{4,6}"));
        assertThat(WORDS).allSatisfy(word -> assertThat(ShareWords.number(word)).hasValue(WORDS.indexOf(word)));
    }

    @Test
    void firstFourLettersSayWhichWordItIs() {
        assertThat(WORDS.stream().map(word -> word.substring(0, 4))).doesNotHaveDuplicates();
    }

    @Test
    void noSlipOfOneKeyMakesAnotherWord() {
        for (String word : WORDS) {
            assertThat(slips(word).filter(slip -> ShareWords.number(slip).isPresent()))
                    .as(word)
                    .isEmpty();
        }
    }

    /** One letter changed, left out or put in, and two neighbours exchanged. */
    private static Stream<String> slips(String word) {
        return IntStream.rangeClosed(0, word.length()).boxed().flatMap(at -> {
            String before = word.substring(0, at);
            String after = word.substring(at);
            Stream<String> slips = letters().map(letter -> before + letter + after);
            if (!after.isEmpty()) {
                String rest = after.substring(1);
                slips = Stream.concat(slips, letters().map(letter -> before + letter + rest));
                slips = Stream.concat(slips, Stream.of(before + rest));
                if (!rest.isEmpty()) {
                    slips = Stream.concat(
                            slips, Stream.of(before + rest.charAt(0) + after.charAt(0) + rest.substring(1)));
                }
            }
            return slips.filter(slip -> !slip.equals(word));
        });
    }

    private static Stream<String> letters() {
        return IntStream.rangeClosed('a', 'z').mapToObj(letter -> String.valueOf((char) letter));
    }

    @Test
    void noWordIsHeardAsAnotherOrSpelledInTwoWays() {
        Set<String> heardTwice = Stream.of(HEARD_TWICE.split("\\s+", -1)).collect(Collectors.toSet());
        assertThat(WORDS).doesNotContainAnyElementsOf(heardTwice);
    }
}
