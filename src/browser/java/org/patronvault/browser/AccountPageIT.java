package org.patronvault.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Role;
import org.patronvault.testing.Authenticator;

/** One's own account, by keyboard. */
class AccountPageIT {
    @RegisterExtension
    static final BrowserVault VAULT = new BrowserVault();

    private static Window at(String user) {
        Window window = VAULT.signedIn(user);
        window.go("/account");
        return window;
    }

    private static Locator field(Page page, String label) {
        return page.getByLabel(label, new Page.GetByLabelOptions().setExact(true));
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    @Test
    void secondFactorIsEnrolledAndAskedForFromThenOn() {
        Window clerk = at("clerk");
        Page page = clerk.page();
        clerk.inspect("account");
        Keys.tabTo(page, field(page, "Your password"));
        page.keyboard().type(BrowserVault.PASSWORD);
        Keys.press(page, button(page, "Enrol a second factor"));
        assertThat(page.getByRole(AriaRole.IMG, new Page.GetByRoleOptions().setName("QR code of the secret below")))
                .isVisible();
        clerk.inspect("account-factor");
        String secret = page.locator("section code").innerText();
        field(page, "Your password").fill(BrowserVault.PASSWORD);
        field(page, "One-time code").fill("000000");
        button(page, "Confirm").click();
        assertThat(page.locator("#status.refused")).isVisible();
        clerk.inspect("account-factor-refused");
        field(page, "Your password").fill(BrowserVault.PASSWORD);
        field(page, "One-time code")
                .fill(Authenticator.code(secret, VAULT.vault().clock().instant()));
        Keys.press(page, button(page, "Confirm"));
        assertThat(page.locator(".codes li")).hasCount(10);
        String recovery = page.locator(".codes li").first().innerText();
        clerk.inspect("account-codes");
        Keys.press(page, page.getByText("Sign in with a code"));
        field(page, "User name").fill("clerk");
        field(page, "Password").fill(BrowserVault.PASSWORD);
        field(page, "One-time code").fill(recovery);
        page.keyboard().press("Enter");
        assertThat(page.locator(".who")).containsText("Signed in as clerk");
        clerk.go("/account");
        assertThat(button(page, "Replace it")).isVisible();
        clerk.inspect("account-enrolled");
    }

    @Test
    void otherSessionsEndByOneButton() {
        Window here = at("supervisor");
        Window there = at("supervisor");
        here.go("/account");
        here.inspect("account-sessions");
        Keys.press(here.page(), button(here.page(), "End all others"));
        assertThat(here.status()).hasText("One other session has ended.");
        there.go("/account");
        assertThat(button(there.page(), "Sign in")).isVisible();
    }

    @Test
    void whoHoldsTwoRolesChangesBetweenThem() {
        VAULT.vault()
                .vault()
                .access()
                .accounts()
                .grant(
                        Approvals.Requester.alone(new Actor(Actor.Kind.STAFF, "root", "admin", "")),
                        "page",
                        java.util.List.of(new Role("circulation")));
        Window window = at("page");
        Page page = window.page();
        window.inspect("account-roles");
        field(page, "Act as").selectOption("circulation");
        Keys.press(page, button(page, "Change"));
        assertThat(page.locator(".who")).containsText("acting as circulation");
        assertThat(new Desk(window).box()).isVisible();
    }
}
