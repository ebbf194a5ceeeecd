package org.patronvault.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

final class CardNumbersTest {

    @Test
    void blanksOfScannerAndPrintAreDroppedAndLettersRaised() {
        assertThat(CardNumbers.canonical("21234000000018  ")).isEqualTo("21234000000018");
        assertThat(CardNumbers.canonical(" 2 1234 00000\u00a00018\r\n")).isEqualTo("21234000000018");
        assertThat(CardNumbers.canonical("nc12b")).isEqualTo("NC12B");
    }

    @Test
    void oneAndTwentyCharactersAreCards() {
        assertThat(CardNumbers.canonical("7")).isEqualTo("7");
        assertThat(CardNumbers.canonical("1".repeat(20))).hasSize(20);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "123456789012345678901",
                "12-34",
                "12\t34",
                "\uff11\uff12",
                "\u0661\u0662",
                "caf\u00e9",
                "1\u0000"
            })
    void anythingElseIsRefusedWithoutEcho(String written) {
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> CardNumbers.canonical(written))
                .matches(e -> e.problem() == Problem.CARD_INVALID)
                .withMessage("A card has 1 to 20 letters or digits.");
    }

    @Test
    void firstDigitTellsPatronFromItem() {
        assertThat(CardNumbers.looksLikeBarcode("21234000000018 ")).isTrue();
        assertThat(CardNumbers.isPatronBarcode("21234000000018")).isTrue();
        assertThat(CardNumbers.isItemBarcode("21234000000018")).isFalse();
        assertThat(CardNumbers.isItemBarcode("31234000000017")).isTrue();
        assertThat(CardNumbers.isPatronBarcode("31234000000017")).isFalse();
        assertThat(CardNumbers.looksLikeBarcode("2123400000001")).isFalse();
        assertThat(CardNumbers.looksLikeBarcode("Smith, J")).isFalse();
        assertThat(CardNumbers.isPatronBarcode("")).isFalse();
    }

    @Test
    void checkDigitIsLuhn() {
        assertThat(CardNumbers.checkDigitHolds("21234000000018")).isTrue();
        assertThat(CardNumbers.checkDigitHolds("79927398713")).isTrue();
        for (char wrong = '0'; wrong <= '9'; wrong++) {
            assertThat(CardNumbers.checkDigitHolds("2123400000001" + wrong)).isEqualTo(wrong == '8');
        }
        assertThat(CardNumbers.checkDigitHolds("21234000000108")).isFalse();
        assertThat(CardNumbers.checkDigitHolds("")).isFalse();
        assertThat(CardNumbers.checkDigitHolds("0")).isFalse();
        assertThat(CardNumbers.checkDigitHolds("NC0")).isFalse();
    }
}
