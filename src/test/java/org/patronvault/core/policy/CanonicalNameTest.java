package org.patronvault.core.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.access.Refusals;
import org.patronvault.core.model.Problem;

final class CanonicalNameTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "anna.k",
                "Anna.K",
                "ANNA.K",
                "  anna.k ",
                "\tanna.k\n",
                "\uFF21\uFF4E\uFF4E\uFF41\uFF0E\uFF2B",
                "\u3000anna.k\u3000",
                "anna.\u212A"
            })
    void everyWayToWriteOneNameIsOneName(String written) {
        assertThat(CanonicalName.of(written)).contains("anna.k");
    }

    @Test
    void turkishDotlessIAndLongSAreTheLettersTheyFoldTo() {
        assertThat(CanonicalName.of("L\u0131sa")).isEqualTo(CanonicalName.of("lisa"));
        assertThat(CanonicalName.of("li\u017Fa")).isEqualTo(CanonicalName.of("lisa"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "anna k",
                "\u0430nna",
                "ann\u00E4",
                "anna\u200B",
                "anna\u0000",
                "anna\u202Ek",
                "../anna",
                "anna/k",
                ".anna",
                "@anna",
                "anna%2ek",
                "anna;k"
            })
    void whatIsNotPlainAsciiAfterFoldingIsNoName(String written) {
        assertThat(CanonicalName.of(written)).isEmpty();
        assertThat(Refusals.problemOf(() -> CanonicalName.require(written))).isEqualTo(Problem.INVALID);
    }

    @Test
    void sixtyFourLettersAreTheMost() {
        assertThat(CanonicalName.of("a".repeat(64))).isPresent();
        assertThat(CanonicalName.of("a".repeat(65))).isEmpty();
    }
}
