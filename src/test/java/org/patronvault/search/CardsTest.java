package org.patronvault.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

final class CardsTest {

    @Test
    void blanksOfScannerAndPrintAreDroppedAndLettersRaised() {
        assertThat(Cards.canonical("21234000000018  ")).isEqualTo("21234000000018");
        assertThat(Cards.canonical(" 2 1234 00000\u00a00018\r\n")).isEqualTo("21234000000018");
        assertThat(Cards.canonical("nc12b")).isEqualTo("NC12B");
    }

    @Test
    void oneAndTwentyCharactersAreCards() {
        assertThat(Cards.canonical("7")).isEqualTo("7");
        assertThat(Cards.canonical("1".repeat(20))).hasSize(20);
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
                .isThrownBy(() -> Cards.canonical(written))
                .matches(e -> e.problem() == Problem.CARD_INVALID)
                .withMessage("A card has 1 to 20 letters or digits.");
    }

    @Test
    void firstDigitTellsPatronFromItem() {
        assertThat(Cards.looksLikeBarcode("21234000000018 ")).isTrue();
        assertThat(Cards.isPatronBarcode("21234000000018")).isTrue();
        assertThat(Cards.isItemBarcode("21234000000018")).isFalse();
        assertThat(Cards.isItemBarcode("31234000000017")).isTrue();
        assertThat(Cards.isPatronBarcode("31234000000017")).isFalse();
        assertThat(Cards.looksLikeBarcode("2123400000001")).isFalse();
        assertThat(Cards.looksLikeBarcode("Smith, J")).isFalse();
        assertThat(Cards.isPatronBarcode("")).isFalse();
    }

    @Test
    void checkDigitIsLuhn() {
        assertThat(Cards.checkDigitHolds("21234000000018")).isTrue();
        assertThat(Cards.checkDigitHolds("79927398713")).isTrue();
        for (char wrong = '0'; wrong <= '9'; wrong++) {
            assertThat(Cards.checkDigitHolds("2123400000001" + wrong)).isEqualTo(wrong == '8');
        }
        assertThat(Cards.checkDigitHolds("21234000000108")).isFalse();
        assertThat(Cards.checkDigitHolds("")).isFalse();
        assertThat(Cards.checkDigitHolds("0")).isFalse();
        assertThat(Cards.checkDigitHolds("NC0")).isFalse();
    }
}
