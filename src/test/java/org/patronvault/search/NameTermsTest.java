package org.patronvault.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.index.IndexTerm.TermClass;
import org.patronvault.core.index.IndexedTerm;
import org.patronvault.core.model.Name;

final class NameTermsTest {
    private static final int ALL = 1_000;

    private static final Name EXAMPLE = new Name("O'Sullivan-Ng", "Katherine", "", "", "Kat");

    /** As many words, cards and phone numbers as a patron can have, all different. */
    private static final Name LONGEST = new Name(
            "Abcdefghi Bcdefghij Cdefghijk Defghijkl Efghijklm",
            "Fghijklmn Ghijklmno Hijklmnop Ijklmnopq Jklmnopqr",
            "",
            "",
            "Klmnopqrs Lmnopqrst Mnopqrstu Nopqrstuv Opqrstuvw");

    private static final List<String> CARDS = List.of("21234000000011", "21234000000022", "21234000000033", "A444");
    private static final List<String> PHONES = List.of("+12035550105", "+12035550106", "+12035550107", "0108");

    private static Stream<String> of(TermClass type, List<IndexedTerm> terms) {
        return terms.stream()
                .map(IndexedTerm::term)
                .filter(term -> term.type() == type)
                .map(IndexTerm::text);
    }

    @Test
    void exampleHasItsWordsStartsInitialsAndDigits() {
        List<IndexedTerm> terms = NameTerms.of(EXAMPLE, List.of("21234000000018"), List.of("+12035550143;ext=5"), ALL);
        assertThat(of(TermClass.FAMILY, terms)).containsExactly("osullivanng", "osullivan", "ng");
        assertThat(of(TermClass.GIVEN, terms)).containsExactly("katherine", "kat");
        assertThat(of(TermClass.FAMILY_DIGITS, terms))
                .containsExactly(
                        "osullivanng 0018",
                        "osullivanng 0143",
                        "osullivan 0018",
                        "osullivan 0143",
                        "ng 0018",
                        "ng 0143");
        assertThat(of(TermClass.FAMILY_INITIAL, terms))
                .containsExactly("osullivanng k", "osullivanng k", "osullivan k", "osullivan k", "ng k", "ng k");
        assertThat(of(TermClass.FAMILY_START, terms).distinct())
                .containsExactly("osu", "osul", "osull", "osulli", "osulliv", "osulliva");
        assertThat(of(TermClass.GIVEN_START, terms)).containsExactly("kath", "kathe", "kather", "katheri", "katherin");
    }

    @Test
    void noTermOfNothing() {
        assertThat(NameTerms.of(new Name("-", "", "", "", ""), List.of(), List.of(), ALL))
                .isEmpty();
    }

    @Test
    void whatMayNeverBeDroppedFillsTheFortyOfTheFullestPatron() {
        List<IndexedTerm> terms = NameTerms.of(LONGEST, CARDS, PHONES.subList(0, 3), EncryptedIndex.ENTRIES - 12);
        assertThat(terms).hasSize(28);
        assertThat(of(TermClass.FAMILY, terms)).hasSize(6);
        assertThat(of(TermClass.GIVEN, terms)).hasSize(12);
        String joined = "abcdefghibcdefghijcdefghijkdefghijklefghijklm";
        assertThat(of(TermClass.FAMILY_DIGITS, terms)).hasSize(6).allMatch(text -> text.startsWith(joined));
        assertThat(of(TermClass.FAMILY_INITIAL, terms)).startsWith(joined + " f", joined + " k");
    }

    @Test
    void overflowTakesLongestStartsOfGivenThenOfFamilyNameThenSounds() {
        List<TermClass> kept = NameTerms.of(EXAMPLE, CARDS, PHONES, ALL).stream()
                .map(term -> term.term().type())
                .toList();
        List<List<TermClass>> order = List.of(
                List.of(TermClass.FAMILY, TermClass.GIVEN),
                List.of(TermClass.FAMILY_INITIAL, TermClass.FAMILY_DIGITS),
                List.of(TermClass.SOUND, TermClass.SOUND_INITIAL, TermClass.SOUND_PAIR),
                List.of(TermClass.FAMILY_START, TermClass.START_INITIAL),
                List.of(TermClass.GIVEN_START));
        assertThat(kept.stream()
                        .map(type -> order.indexOf(order.stream()
                                .filter(group -> group.contains(type))
                                .findFirst()
                                .orElseThrow()))
                        .toList())
                .isSorted();
        for (TermClass type : Arrays.asList(TermClass.FAMILY_START, TermClass.GIVEN_START)) {
            assertThat(of(type, NameTerms.of(EXAMPLE, CARDS, PHONES, ALL))
                            .map(String::length)
                            .toList())
                    .isSorted();
        }
    }
}
