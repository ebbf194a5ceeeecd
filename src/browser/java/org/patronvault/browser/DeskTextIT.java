package org.patronvault.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.Refused;

/** Text of patrons and of whoever types, of which nothing is ever more than text. */
class DeskTextIT {
    @RegisterExtension
    static final BrowserVault VAULT = new BrowserVault();

    private static final String LONG =
            "Wolfeschlegelsteinhausenbergerdorff".repeat(4).substring(0, 100);

    private Desk desk;

    @BeforeEach
    void signIn() {
        desk = VAULT.desk("clerk");
        // Would be a dialog, which a test that goes on would never see.
        desk.page().onDialog(dialog -> {
            throw new AssertionError("the page asks: " + dialog.message());
        });
    }

    private void register(String card, String family, String given) {
        VAULT.vault().register("'card':'" + card + "','name':{'family':'" + family + "','given':'" + given + "'}");
    }

    @Test
    void scriptInANameIsShownAsItsText() {
        register("SCRIPT1", "<script>alert(1)</script>", "\\u0022><img src=x onerror=alert(1)>");
        desk.scan("SCRIPT1");
        assertThat(desk.name()).hasText("\"><img src=x onerror=alert(1)> <script>alert(1)</script>");
        assertThat(desk.page().locator("main script, main img")).hasCount(0);
        desk.window().inspect("text-script");
    }

    @Test
    void markupOfTemplatesAndScriptsInANameIsShownAsItsText() {
        register("MARKUP1", "${7*7} {{7*7}} &amp; &lt;b>", "</h2></main><h1 hx-on:load=alert(1)>");
        desk.scan("MARKUP1");
        assertThat(desk.name()).hasText("</h2></main><h1 hx-on:load=alert(1)> ${7*7} {{7*7}} &amp; &lt;b>");
        assertThat(desk.page().locator("h1")).hasCount(1);
        desk.window().inspect("text-markup");
    }

    @Test
    void veryLongNameStaysInsideItsCard() {
        register("LONG1", LONG, LONG);
        desk.scan("LONG1");
        assertThat(desk.name()).hasText(LONG + " " + LONG);
        desk.window().inspect("text-long");
        desk.find(LONG.substring(0, 30));
        assertThat(desk.matches().or(desk.card()).first()).isVisible();
        desk.window().inspect("text-long-found");
    }

    @Test
    void nameFromRightToLeftStandsBesideOthers() {
        register("HEBREW1", "כהן", "שרה");
        desk.scan("HEBREW1");
        assertThat(desk.name()).hasText("שרה כהן");
        desk.window().inspect("text-right-to-left");
    }

    @Test
    void nameThatTurnsDirectionIsNotTaken() {
        assertThatThrownBy(() -> register("BIDI1", "abc\\u202Edcba", "Ann")).isInstanceOf(Refused.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<script>alert(1)</script>",
                "\"><svg onload=alert(1)>",
                "abc\u202Edcba",
                "a\u0000b\u0007c",
                "' OR 1=1 --",
                "\uD83D\uDE00\uD83D\uDE00"
            })
    void whateverIsTypedIsNeverMoreThanTyped(String typed) {
        desk.find(typed);
        assertThat(desk.status()).not().isEmpty();
        assertThat(desk.page().locator("main script, main svg")).hasCount(0);
        assertThat(desk.page().url()).doesNotContain("?").doesNotContain("alert");
    }
}
