package org.patronvault.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who looked, as the privacy officer reads it and prints it for a patron. */
class LogPageIT {
    @RegisterExtension
    static final BrowserVault VAULT = new BrowserVault();

    private Window officer;
    private Page page;

    @BeforeAll
    static void look() {
        for (int i = 0; i < 3; i++) {
            VAULT.vault().reveal(VAULT.katherine());
        }
        VAULT.vault().say(VAULT.katherine(), "newsletter", true);
    }

    @BeforeEach
    void signIn() {
        officer = VAULT.signedIn("officer");
        page = officer.page();
        page.getByText("Access log").click();
        assertThat(page.locator("h1")).hasText("Who looked");
    }

    private Locator button(String name) {
        return new Desk(officer).button(name);
    }

    private void ofKatherine() {
        page.getByLabel("Patron", new Page.GetByLabelOptions().setExact(true))
                .fill(VAULT.katherine().toString());
    }

    @Test
    void formOfTheLogHoldsForEverybody() {
        assertThat(page.getByLabel("Patron", new Page.GetByLabelOptions().setExact(true)))
                .isFocused();
        officer.inspect("log");
    }

    @Test
    void visitUnfoldsToItsEntriesByKeyboard() {
        ofKatherine();
        page.keyboard().press("Enter");
        assertThat(officer.status()).containsText("This look is entry");
        officer.inspect("log-visits");
        Locator visit = page.locator(".visits summary").first();
        Keys.press(page, visit);
        assertThat(page.locator(".visits [open] table")).isVisible();
        Screens.take(page, "log-visit-unfolded");
    }

    @Test
    void noSuchPatronIsOneSentenceAndKeepsWhatWasTyped() {
        page.getByLabel("Patron", new Page.GetByLabelOptions().setExact(true)).fill("<b>12");
        page.keyboard().press("Enter");
        assertThat(officer.status()).hasText("There is no such patron.");
        assertThat(page.getByLabel("Patron", new Page.GetByLabelOptions().setExact(true)))
                .hasValue("<b>12");
        officer.inspect("log-refused");
    }

    @Test
    void reportForThePatronIsAPageToPrint() {
        ofKatherine();
        button("Report for the patron").click();
        assertThat(page.locator("h1")).hasText("Who looked at your library record");
        officer.inspect("report");
    }

    @Test
    void everythingHeldIsAPageToPrint() {
        ofKatherine();
        button("Everything held, for the patron").click();
        assertThat(page.locator("h1")).hasText("Everything the library holds of you");
        assertThat(page.locator("main")).containsText("1437 South Elm St");
        officer.inspect("package");
    }

    @Test
    void logIsSavedAsAFile() {
        Download file = page.waitForDownload(() -> button("Save as CSV").click());
        assertThat(file.suggestedFilename()).isEqualTo("access-log.csv");
    }

    @Test
    void whoMayNotReadTheLogIsToldSo() {
        Window clerk = VAULT.signedIn("clerk");
        assertThat(clerk.go("/log")).isEqualTo(403);
        assertThat(clerk.status()).hasText("The policy does not let this role read the log.");
        clerk.inspect("log-not-allowed");
    }
}
