package org.patronvault.search;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TypoVariantsTest {
    @ParameterizedTest
    @ValueSource(strings = {"smiht", "smth", "smmith", "smyth", "msith", "mith", "smit", "smithe", "asmith"})
    void eachSlipLeadsBackToTheNameMeant(String typed) {
        assertThat(TypoVariants.of(typed)).contains("smith");
    }

    @Test
    void variantsAreAllOfDistanceOneAndFewerThanFiftyFourALetter() {
        assertThat(TypoVariants.of("smith"))
                .doesNotContain("smith", "smithy2", "mitsh")
                .hasSizeLessThan(54 * 6);
    }

    @Test
    void wordsTooShortOrTooLongHaveNone() {
        assertThat(TypoVariants.of("lee")).isEmpty();
        assertThat(TypoVariants.of("a".repeat(TypoVariants.MAX_LENGTH + 1))).isEmpty();
    }
}
