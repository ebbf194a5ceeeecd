package org.patronvault.access.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TotpTest {
    private static final byte[] SEED = "12345678901234567890".getBytes(StandardCharsets.US_ASCII);

    /** RFC 6238, appendix B, SHA-1: the last six of its eight digits. */
    @ParameterizedTest
    @CsvSource({
        "59, 287082",
        "1111111109, 081804",
        "1111111111, 050471",
        "1234567890, 005924",
        "2000000000, 279037",
        "20000000000, 353130"
    })
    void codesAreThoseOfTheRfc(long seconds, String code) {
        assertThat(Totp.code(SEED, seconds / 30)).isEqualTo(code);
        assertThat(Totp.step(SEED, code, Instant.ofEpochSecond(seconds))).hasValue(seconds / 30);
    }

    @Test
    void codeIsGoodOneStepEitherWayAndNoFurther() {
        for (long off = -3; off <= 3; off++) {
            Instant then = Instant.ofEpochSecond(1_234_567_890 + off * 30);
            assertThat(Totp.step(SEED, "005924", then).isPresent())
                    .as("%s steps off", off)
                    .isEqualTo(Math.abs(off) <= 1);
        }
    }

    @Test
    void codeIsWrittenInAsciiWhateverTheLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            assertThat(Totp.code(SEED, 41_152_263)).isEqualTo("005924");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void uriHasWhatAppsRead() {
        assertThat(Totp.secret(SEED)).isEqualTo("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assertThat(Totp.uri(SEED, "anna@nc"))
                .isEqualTo("otpauth://totp/Patron%20Vault:anna%40nc?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                        + "&issuer=Patron%20Vault&algorithm=SHA1&digits=6&period=30");
    }
}
