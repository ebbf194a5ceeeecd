package org.patronvault.web.page.print;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.zxing.ReaderException;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.patronvault.core.keys.share.Share;
import org.patronvault.web.page.QrCodeTest;

final class ShareCardTest {
    private static final Share SHARE = Share.of(0x4c8a17, 3, 2, new byte[32]);

    private final ShareCard card = new ShareCard(
            List.of(SHARE.words().split(" ", -1)),
            "4c8a17",
            2,
            5,
            3,
            "0123456789abcdef0123456789abcdef",
            Instant.parse("2026-11-25T23:59:59Z"));
    private final String html = new String(card.html(), UTF_8);

    @Test
    void codeOnTheCardIsReadAsTheShare() throws ReaderException {
        String code = html.substring(html.indexOf("<svg"), html.indexOf("</svg>"));
        assertThat(QrCodeTest.read(code)).isEqualTo(SHARE.words());
    }

    @Test
    void numberedWordsTypedFromTheCardAreTheShare() {
        Matcher words = Pattern.compile("<li><span class=\"place\">([0-9]+)</span> ([a-z]+)</li>")
                .matcher(html);
        StringBuilder typed = new StringBuilder();
        for (int place = 1; place <= Share.WORDS; place++) {
            assertThat(words.find()).isTrue();
            assertThat(words.group(1)).isEqualTo(Integer.toString(place));
            typed.append(words.group(1)).append(' ').append(words.group(2)).append('\n');
        }
        assertThat(words.find()).isFalse();
        assertThat(Share.parse(typed.toString()).hash()).isEqualTo(SHARE.hash());
    }

    @Test
    void cardSaysWhichShareOfWhichVaultItIs() {
        assertThat(html)
                .contains(
                        "<title>Patron Vault: key share 2 of 5</title>",
                        "<h1>Share 2 of 5</h1>",
                        "Any 3 of the 5 open the vault.",
                        "0123456789abcdef0123456789abcdef",
                        "<dd>4c8a17</dd>",
                        "<dd>November 25, 2026</dd>",
                        "Holder’s name",
                        "Signature");
    }

    @Test
    void cardNeedsNothingFromElsewhere() {
        assertThat(html.replace("xmlns=\"http://www.w3.org/2000/svg\"", ""))
                .doesNotContain("<script", "<link", "src=", "href=", "url(", "http:", "https:")
                .contains("default-src 'none'");
    }

    @Test
    void whatIsPutInIsEscaped() {
        ShareCard odd = new ShareCard(card.words(), "<b>", 1, 2, 2, "<script>&", card.made());
        assertThat(new String(odd.html(), UTF_8))
                .contains("&lt;script", "&lt;b")
                .doesNotContain("<script", "<b>");
    }

    @Test
    void cardIsNamedWithoutItsWords() {
        assertThat(card.toString()).isEqualTo("ShareCard[2 of set 4c8a17, REDACTED]");
    }
}
