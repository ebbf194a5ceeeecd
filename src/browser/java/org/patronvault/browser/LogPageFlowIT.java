package org.patronvault.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The room of the log, as a privacy officer without a pointer uses it. */
class LogPageFlowIT {
    @RegisterExtension
    static final BrowserVault VAULT = new BrowserVault();

    private static final Pattern WHOLE = Pattern.compile("The log is whole: .* Verified for officer, .*");

    @BeforeAll
    static void workForThirtyDays() {
        ThirtyDays.of(VAULT);
    }

    private static Window log(String user) {
        Window window = VAULT.signedIn(user);
        window.go("/log");
        return window;
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    @Test
    void officerVerifiesTheLogByKeysAndHearsWhatCameOut() {
        Window window = log("officer");
        Page page = window.page();
        Keys.press(page, button(page, "Verify the log"));
        assertThat(page.locator("#verification")).hasText(WHOLE);
        assertThat(window.status()).hasText(WHOLE);
        assertThat(button(page, "Verify the log")).isFocused();
        Axe.check(page);
        Screens.take(page, "log-verified");
    }

    @Test
    void officerMarksAnAlertByKeysAndTheDirectorSeesIt() {
        Window window = log("officer");
        Page page = window.page();
        assertThat(page.locator("#alerts")).containsText("A patron who does not exist was shown");
        Axe.check(page);
        Screens.take(page, "log-room");
        Locator first = page.getByRole(AriaRole.CHECKBOX).first();
        Keys.tabTo(page, first);
        page.keyboard().press("Space");
        Keys.press(page, button(page, "Mark as looked at"));
        assertThat(window.status()).hasText("One alert is marked as looked at.");
        Page other = log("director").page();
        Keys.press(other, other.getByText("The newest that were looked into"));
        assertThat(other.locator("#alerts details")).containsText("looked at by officer (privacy-officer)");
        Keys.press(other, other.getByText("The same as a table"));
        assertThat(other.locator(".counts")).isVisible();
        Axe.check(other);
        Screens.take(other, "log-unfolded");
    }

    @Test
    void whatWasFoundUnfoldsByKeys() {
        Window window = log("officer");
        Page page = window.page();
        Keys.press(page, button(page, "Show"));
        assertThat(window.status()).hasText(Pattern.compile("[0-9]+ visits\\. This look is entry [0-9]+\\."));
        Keys.press(page, page.locator(".visits summary").first());
        assertThat(page.locator(".visits details[open] table")).isVisible();
        Axe.check(page);
        Screens.take(page, "log-visits");
    }
}
