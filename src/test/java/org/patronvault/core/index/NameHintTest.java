package org.patronvault.core.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.search.NameForm;

final class NameHintTest {
    private static final int MAX = (1 << 24) - 1;

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "z", "zzzzzzzzz", "john", "ស្រី", "\ud83d\ude00"})
    void hintFitsThreeBytes(String form) {
        assertThat(NameHint.of(form, 1).bits()).isBetween(0, MAX);
        assertThat(NameHint.ofBoth(form, 3, form).bits()).isBetween(0, MAX);
    }

    @ParameterizedTest
    @CsvSource({"j,true", "jo,true", "john,true", "johnathan,true", "joe,false", "johan,false", "joh,true"})
    void formBeginsWithWhatWasTypedAsFarAsFiveLetters(String typed, boolean begins) {
        assertThat(NameHint.of("johnathan", 1).begins(typed, 1)).isEqualTo(begins);
    }

    @Test
    void shortFormDoesNotBeginWithALongerOne() {
        assertThat(NameHint.of("jo", 1).begins("john", 1)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"smi,jo,true", "smith,jose,true", "smitt,jo,false", "smith,ja,false", "smithson,jo,true"})
    void hintOfBothTellsTwoLettersOfTheFamilyNameAndThreeOfTheGivenOne(String family, String given, boolean begins) {
        assertThat(NameHint.ofBoth("smithers", 3, "joseph").beginsBoth(family, 3, given))
                .isEqualTo(begins);
    }

    @Test
    void ofGivenNamesThatBeginAlikeOneInThirtyPairsHasTheSameHint() {
        MadeUpPatrons patrons = new MadeUpPatrons(1, 20_000, LocalDate.of(2026, 11, 24));
        List<String> names = IntStream.rangeClosed(1, 20_000)
                .mapToObj(number ->
                        NameForm.of(patrons.patron(number).name().given()).joined())
                .filter(name -> !name.isEmpty())
                .distinct()
                .sorted()
                .toList();
        List<String> same = new ArrayList<>();
        int alike = 0;
        for (int i = 0; i < names.size(); i++) {
            // Sorted, so that words with a common start follow one another.
            for (int j = i + 1; j < names.size() && beginAlike(names.get(i), names.get(j)); j++) {
                alike++;
                if (NameHint.of(names.get(i), 1).equals(NameHint.of(names.get(j), 1))) {
                    same.add(names.get(i) + " " + names.get(j));
                }
            }
        }
        System.out.println("given names " + names.size() + ", pairs that begin alike " + alike + ", with the same hint "
                + same.size());
        assertThat(same).hasSizeLessThan(alike / 20);
    }

    private static boolean beginAlike(String one, String other) {
        return one.substring(0, Math.min(5, one.length())).equals(other.substring(0, Math.min(5, other.length())));
    }
}
