package org.patronvault.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Signing in, setting a password, and locking. */
class SignInPageIT {
    @RegisterExtension
    static final BrowserVault VAULT = new BrowserVault();

    private Window window;
    private Page page;

    @BeforeEach
    void open() {
        window = VAULT.window();
        page = window.page();
        window.go("/");
    }

    private Locator field(String label) {
        return page.getByLabel(label, new Page.GetByLabelOptions().setExact(true));
    }

    @Test
    void keyboardAloneSignsInAndTheBoxHasTheFocus() {
        assertThat(field("User name")).isFocused();
        page.keyboard().type("clerk");
        page.keyboard().press("Tab");
        page.keyboard().type(BrowserVault.PASSWORD);
        Keys.press(
                page,
                page.getByText("Sign in", new Page.GetByTextOptions().setExact(true))
                        .last());
        Desk desk = new Desk(window);
        assertThat(desk.box()).isFocused();
        assertThat(page.locator(".who")).hasText("Signed in as clerk, acting as circulation, library NC");
    }

    @Test
    void wrongPasswordIsOneSentenceAndNothingTypedStays() {
        field("User name").fill("clerk");
        field("Password").fill("a guess of somebody");
        page.keyboard().press("Enter");
        assertThat(window.status()).not().isEmpty();
        assertThat(field("Password")).hasValue("");
        assertThat(page.locator("body")).not().containsText("clerk");
        window.inspect("sign-in-refused");
    }

    @Test
    void signInFormHoldsForEverybody() {
        window.inspect("sign-in");
    }

    @Test
    void firstTabLeadsPastTheTop() {
        page.keyboard().press("Shift+Tab");
        Locator skip = page.getByText("Skip to the main part");
        Keys.tabTo(page, skip);
        assertThat(skip).isInViewport();
        page.keyboard().press("Enter");
        assertThat(page.locator("main")).isFocused();
    }

    @Test
    void passwordIsSetByKeyboardAndGoodAtOnce() {
        Keys.press(page, page.getByText("Set or change your password"));
        assertThat(field("User name")).isFocused();
        window.inspect("password");
        String changed = "another quiet reading room";
        page.keyboard().type("outreach");
        page.keyboard().press("Tab");
        page.keyboard().type(BrowserVault.PASSWORD);
        Keys.tabTo(page, field("New password"));
        page.keyboard().type(changed);
        page.keyboard().press("Tab");
        page.keyboard().type(changed);
        page.keyboard().press("Enter");
        assertThat(window.status()).hasText("The password is set; sign in with it.");
        window.inspect("password-set");
        field("User name").fill("outreach");
        field("Password").fill(changed);
        page.keyboard().press("Enter");
        assertThat(page.locator(".who")).containsText("Signed in as outreach");
    }

    @Test
    void passwordTypedInTwoWaysIsRefusedAndNothingTypedStays() {
        window.go("/password");
        field("User name").fill("page");
        field("Activation code or present password").fill(BrowserVault.PASSWORD);
        field("New password").fill("one quiet reading room");
        field("New password again").fill("two quiet reading rooms");
        page.keyboard().press("Enter");
        assertThat(window.status()).containsText("typed in two ways");
        assertThat(field("New password")).hasValue("");
        window.inspect("password-refused");
    }

    @Test
    void lockedDeskShowsNothingWhenSomebodyGoesBack() {
        window.signIn("clerk");
        Desk desk = new Desk(window);
        desk.scan(BrowserVault.CARD);
        desk.reveal("phone");
        assertThat(desk.shown("Phone")).containsText("203-555-0143");
        desk.button("Lock").click();
        assertThat(desk.button("Sign in")).isVisible();
        for (int step = 0; step < 3; step++) {
            back();
            assertThat(page.locator("body")).not().containsText("203-555-0143");
            assertThat(page.locator("body")).not().containsText("O'Sullivan");
        }
        window.go("/");
        assertThat(desk.button("Sign in")).isVisible();
    }

    private void back() {
        try {
            page.goBack();
        } catch (PlaywrightException e) {
            // A page that came of a form is not kept, and not asked for once more.
            Assertions.assertThat(e).hasMessageContaining("ERR_CACHE_MISS");
            page.waitForURL("chrome-error://**");
        }
    }
}
