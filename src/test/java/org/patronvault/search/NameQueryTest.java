package org.patronvault.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.index.IndexTerm.TermClass;
import org.patronvault.core.index.NameHint;
import org.patronvault.core.model.PatronField;

final class NameQueryTest {
    private static List<String> probes(String typed, MatchRank rank) {
        return NameQuery.of(typed).orElseThrow().probes(rank).stream()
                .map(probe ->
                        probe.term().type().wireName() + ":" + probe.term().text())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Smith, J", "J Smith", "smith j", "SMITH J.", "J. Smith Jr.", "Smith III, J", "j q smith"})
    void familyNameAndInitialAreOneQueryInWhateverOrder(String typed) {
        assertThat(probes(typed, MatchRank.EXACT))
                .contains("family-initial:smith j")
                .hasSizeLessThan(8);
    }

    @Test
    void commaSaysWhichIsTheFamilyName() {
        assertThat(probes("Smith, John", MatchRank.EXACT)).containsExactly("family-initial:smith j");
        assertThat(probes("Smith,", MatchRank.EXACT)).containsExactly("family:smith");
        assertThat(probes("John Smith, Jr.", MatchRank.EXACT)).isEqualTo(probes("John Smith", MatchRank.EXACT));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            smith                | family:smith, given:smith
            de la cruz           | family:delacruz, given:delacruz
            de la cruz maria     | family-initial:delacruz m
            maria de la cruz     | family-initial:delacruz m
            O'Sullivan-Ng Kat    | family-initial:osullivanng k
            王小明               | family-initial:wang x
            김민수               | family-initial:gim m
            smith 0143           | family-digits:smith 0143
            john smith 0143      | family-digits:smith 0143
            Smith, John 0143     | family-digits:smith 0143
            """)
    void wholeNamesAreFewProbes(String typed, String expected) {
        assertThat(probes(typed, MatchRank.EXACT))
                .contains(expected.split(", ", -1))
                .hasSizeLessThan(16);
    }

    @Test
    void startsAreLookedForFromThreeLettersOn() {
        assertThat(probes("sm", MatchRank.PREFIX)).isEmpty();
        assertThat(probes("smi", MatchRank.PREFIX)).containsExactly("family-start:smi", "given-start:smi");
        assertThat(probes("Smi, jo", MatchRank.PREFIX)).containsExactly("family-initial:smi j", "start-initial:smi j");
        assertThat(probes("featherstone", MatchRank.PREFIX)).contains("family-start:feathers");
    }

    @Test
    void whatIsBehindTheFirstGivenNameMayBeAMiddleName() {
        assertThat(probes("Smith, John Paul", MatchRank.EXACT)).containsExactly("family-initial:smith j");
        assertThat(NameQuery.of("Smith, John Paul").orElseThrow().probes(MatchRank.PREFIX))
                .filteredOn(probe -> probe.taken().test(NameHint.of("john", 1)))
                .isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({"Smyth,Smith", "Gonzales,Gonzalez", "Basques,Vasquez", "Himenez,Jimenez", "Ernandez,Hernandez"})
    void whatSoundsAlikeSharesAProbe(String typed, String name) {
        assertThat(probes(typed, MatchRank.PHONETIC))
                .containsAnyElementsOf(PhoneticCode.codes(NameForm.of(name).joined()).stream()
                        .map(code -> "sound:" + code)
                        .toList());
    }

    @Test
    void slipsAreBoundedAndInNamesOfFourLettersOrMore() {
        assertThat(probes("smiht", MatchRank.TYPO)).contains("family:smith", "given:smith");
        assertThat(probes("Smith, Jhon", MatchRank.TYPO)).contains("family-initial:smith j");
        assertThat(probes("lee", MatchRank.TYPO)).isEmpty();
        assertThat(probes("ana maria del carmen de la cruz garcia lopez", MatchRank.TYPO))
                .hasSizeLessThanOrEqualTo(NameQuery.MAX_TYPO_PROBES);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  ",
                "0143",
                "203 555 0143",
                "Smith 203 555 0143",
                "Smith 555-0143",
                "Smith 12345",
                "12",
                "8 8",
                "-",
                ",",
                "..."
            })
    void textWithoutLettersOrWithTheDigitsOfANumberIsNoName(String typed) {
        assertThat(NameQuery.of(typed)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Smith2                | family:smith2
            FitzwilliamZq5        | family:fitzwilliamzq5
            Lee, Jennifer 8.      | family-initial:lee j
            Jennifer 8. Lee       | family-initial:lee j
            Musk, X Æ A-12        | family-initial:musk x
            Lee, Jennifer 8. 0143 | family-digits:lee 0143
            """)
    void digitsInAWordAndFewBesideWordsBelongToTheName(String typed, String probe) {
        assertThat(probes(typed, MatchRank.EXACT)).contains(probe);
    }

    @ParameterizedTest
    @ValueSource(strings = {"MO123A", "Smith2", "Smith2, John"})
    void similarNamesAreNotSearchedForAWordThatMayBeACard(String typed) {
        assertThat(probes(typed, MatchRank.EXACT)).isNotEmpty();
        assertThat(probes(typed, MatchRank.PHONETIC)).isEmpty();
        assertThat(probes(typed, MatchRank.TYPO)).isEmpty();
    }

    @Test
    void queryAndItsProbesPrintNoName() {
        NameQuery query = NameQuery.of("Smith, John").orElseThrow();
        assertThat(query.toString()
                        + query.probes(MatchRank.EXACT).get(0).term()
                        + query.readings().toList())
                .doesNotContainIgnoringCase("smith");
        assertThat(TermClass.FAMILY.fields()).containsExactly(PatronField.NAME);
    }
}
