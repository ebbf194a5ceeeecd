package org.patronvault.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.LongRun;

final class PhonesTest {
    private final Phones phones = new Phones("US");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(203) 555 0173",
                "203.555.0173",
                "2035550173",
                "203-555-0173",
                "(203)555-0173",
                "1-203-555-0173",
                "+1 203-555-0173",
                "  203 555 0173 ",
                "tel:+1-203-555-0173",
                "\uff12\uff10\uff13-\uff15\uff15\uff15-\uff10\uff11\uff17\uff13"
            })
    void everyPunctuationIsOneNumber(String written) {
        assertThat(phones.canonical(written)).isEqualTo("+12035550173");
        assertThat(phones.term(written)).isEqualTo("+12035550173");
    }

    @ParameterizedTest
    @CsvSource({
        "577.401.1737 x5071, +15774011737;ext=5071",
        "(145)639-8408 x1218, +11456398408;ext=1218",
        "1-943-518-4026 x78360, +19435184026;ext=78360",
        "1-167-194-5323 x2190, +11671945323;ext=2190",
        "203-555-0173 ext. 12, +12035550173;ext=12",
        "+15774011737;ext=5071, +15774011737;ext=5071"
    })
    void extensionIsKeptAndIsNoPartOfTheTerm(String written, String canonical) {
        assertThat(phones.canonical(written)).isEqualTo(canonical);
        assertThat(phones.term(written)).isEqualTo(canonical.substring(0, canonical.indexOf(';')));
        assertThat(phones.term(canonical)).isEqualTo(phones.term(written));
    }

    @Test
    void foreignNumbersKeepTheirCountry() {
        assertThat(phones.canonical("+44 20 7946 0018")).isEqualTo("+442079460018");
        assertThat(new Phones("gb").canonical("020 7946 0018")).isEqualTo("+442079460018");
        assertThat(phones.canonical("+39 06 698 12345")).isEqualTo("+390669812345");
    }

    @Test
    void incompleteNumbersAreTheirDigits() {
        assertThat(phones.canonical("555-0173")).isEqualTo("5550173");
        assertThat(phones.canonical("call 12, evenings")).isEqualTo("12");
        assertThat(phones.canonical("203-555-0173 / 203-555-0174")).isEqualTo("20355501732035550174");
    }

    @Test
    void extensionOfALocalNumberDoesNotMakeItAnother() {
        assertThat(phones.canonical("555-0173 x123")).isEqualTo("5550173;ext=123");
        assertThat(phones.term("555-0173 x123")).isEqualTo("5550173");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "none", "+", "()-"})
    void withoutDigitsItIsRefused(String written) {
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> phones.canonical(written))
                .matches(e -> e.problem() == Problem.INVALID);
        assertThatExceptionOfType(Refused.class).isThrownBy(() -> phones.term(written));
    }

    @Test
    void tooManyDigitsAreRefusedWithoutEcho() {
        assertThat(phones.canonical("9".repeat(30))).hasSize(30);
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> phones.canonical("9".repeat(31)))
                .withMessage("A telephone number has 1 to 30 digits.");
    }

    @Test
    void unknownRegionIsRefused() {
        assertThatExceptionOfType(Refused.class).isThrownBy(() -> new Phones("ZZ"));
        assertThatExceptionOfType(Refused.class).isThrownBy(() -> new Phones(""));
    }

    @Test
    void readingACanonicalNumberAgainChangesNothing() {
        Random random = new Random(20180501);
        String alphabet = "0123456789012345678901234567890123456789+-() .x";
        for (String region : new String[] {"US", "GB", "IT", "AR", "MX", "BR", "DE"}) {
            Phones here = new Phones(region);
            for (int i = 0; i < LongRun.times(400, 1_500); i++) {
                StringBuilder written = new StringBuilder(random.nextBoolean() ? "+" : "");
                int length = 1 + random.nextInt(22);
                for (int j = 0; j < length; j++) {
                    written.append(alphabet.charAt(random.nextInt(alphabet.length())));
                }
                assertStable(here, written.toString());
            }
        }
    }

    private static void assertStable(Phones here, String written) {
        if (written.chars().noneMatch(Character::isDigit)) {
            return;
        }
        String canonical = here.canonical(written);
        assertThat(here.canonical(canonical)).as(written).isEqualTo(canonical);
        assertThat(here.term(canonical)).as(written).isEqualTo(here.term(written));
        assertThat(here.term(here.term(written))).as(written).isEqualTo(here.term(written));
    }

    @Test
    void lastSevenAreLookedUpInEveryAreaOfTheLibrary() {
        Phones phones = new Phones("US", List.of("203", "475"));
        assertThat(phones.terms("555-0143")).containsExactly("5550143", "+12035550143", "+14755550143");
        assertThat(phones.terms("555-0143 x12")).contains("+12035550143", "+14755550143");
        assertThat(phones.terms("203-555-0143")).containsExactly("+12035550143");
        assertThat(phones.terms("0143")).containsExactly("0143");
    }
}
