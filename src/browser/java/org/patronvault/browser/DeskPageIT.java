package org.patronvault.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The desk, as a clerk with a scanner uses it. */
class DeskPageIT {
    @RegisterExtension
    static final BrowserVault VAULT = new BrowserVault();

    @Test
    void scannedCardOpensAtOnceWithEverythingButTheNameHidden() {
        Desk desk = VAULT.desk("clerk");
        desk.scan(BrowserVault.CARD);
        assertThat(desk.status()).hasText(Pattern.compile("1 match; logged as entry \\d+\\."));
        assertThat(desk.name()).containsText("O'Sullivan");
        assertThat(desk.card()).not().containsText("203");
        assertThat(desk.box()).isFocused();
        desk.window().inspect("desk-card");
    }
}
