package org.patronvault.patron.transfer.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that a cell that starts like a formula is no formula in a file, and is unchanged when it is read back. */
final class CsvCellTest {
    private static final String FORMULAS = "=+-@\t\r";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "=1+1",
                "+12035550143",
                "-5",
                "@SUM(A1)",
                "\ttab",
                "\rreturn",
                "'=1",
                "''=1",
                "'''@x",
                "'s Gravenhage",
                "'",
                "",
                "plain",
                "O'Sullivan-Ng",
                "a=b",
                " =1",
                "=\n2",
                "'=\n2"
            })
    void cellComesBackAndIsNoFormula(String text) {
        assertThat(CsvCell.text(CsvCell.plain(text))).isEqualTo(text);
        assertThat(FORMULAS.indexOf((CsvCell.plain(text) + ".").charAt(0))).isNegative();
    }

    @Test
    void everyRandomCellComesBackAndIsNoFormula() {
        Random random = new Random(17);
        String alphabet = "''==++--@@\t\r\n ;,\"a1é";
        for (int i = 0; i < 100_000; i++) {
            String text = random.ints(random.nextInt(6), 0, alphabet.length())
                    .mapToObj(at -> alphabet.substring(at, at + 1))
                    .reduce("", String::concat);
            cellComesBackAndIsNoFormula(text);
        }
    }

    @Test
    void whatIsHarmlessIsWrittenAsItIs() {
        assertThat(CsvCell.plain("'s Gravenhage")).isEqualTo("'s Gravenhage");
        assertThat(CsvCell.plain("2-4 Elm St")).isEqualTo("2-4 Elm St");
    }
}
