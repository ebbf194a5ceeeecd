package org.patronvault.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

final class EmailsTest {

    @Test
    void termIgnoresCaseBlanksAroundAndComposition() {
        assertThat(Emails.canonicalTerm(" Kat@Example.ORG ")).isEqualTo("kat@example.org");
        assertThat(Emails.canonicalTerm("Jose\u0301@example.org")).isEqualTo("jos\u00e9@example.org");
        assertThat(Emails.canonicalTerm("INFO@X.ORG")).isEqualTo("info@x.org");
    }

    @Test
    void termOfATermIsTheSame() {
        for (String written :
                new String[] {"\u0130nci@example.org", "\u01c5@x.org", "\u03a3\u03a3@x.org", "A\u030a@x.org"}) {
            String term = Emails.canonicalTerm(written);
            assertThat(Emails.canonicalTerm(term)).isEqualTo(term);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kat@example.org",
                " kat@example.org ",
                "o'neil+books@mail.example.co.uk",
                "pete@schulist-raynor-and-beer.ar.us",
                "\u7528\u6237@\u4f8b\u5b50.\u5e7f\u544a",
                "jos\u00e9@b\u00fccher.example"
            })
    void oneAddressIsWellFormed(String written) {
        assertThat(Emails.isWellFormed(written)).isTrue();
        Emails.requireWellFormed(written);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "kat",
                "@example.org",
                "kat@",
                "kat@localhost",
                "kat@.org",
                "kat@example.",
                "kat@example..org",
                "kat@@example.org",
                "kat@a@example.org",
                "kat smith@example.org",
                "kat\u00a0@example.org",
                "kat\r\n@example.org",
                "kat\u0000@example.org",
                "kat\u202e@example.org",
                "kat\u200b@example.org",
                "kat\ud800@example.org",
                "<kat@example.org>",
                "kat@example.org;ann",
                "kat@example.org,ann.b"
            })
    void anythingElseIsRefusedWithoutEcho(String written) {
        assertThat(Emails.isWellFormed(written)).isFalse();
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> Emails.requireWellFormed(written))
                .matches(e -> e.problem() == Problem.INVALID)
                .withMessage("That is not an e-mail address.");
    }

    @Test
    void lengthIsCountedInBytes() {
        String domain = "@example.org";
        assertThat(Emails.isWellFormed("a".repeat(254 - domain.length()) + domain))
                .isTrue();
        assertThat(Emails.isWellFormed("a".repeat(255 - domain.length()) + domain))
                .isFalse();
        assertThat(Emails.isWellFormed("\u00e9".repeat(122) + domain)).isFalse();
    }
}
