package org.patronvault.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The rooms of administration: an administrator, and the director who agrees. */
class AdminPageIT {
    @RegisterExtension
    static final BrowserVault VAULT = new BrowserVault();

    private Window admin;
    private Page page;

    @BeforeEach
    void signIn() {
        admin = VAULT.signedIn("admin");
        page = admin.page();
        link("Administration").click();
        assertThat(page.locator("h1")).hasText("Staff");
    }

    private Locator link(String name) {
        return page.getByRole(
                AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator button(Page where, String name) {
        return where.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private Locator field(String label) {
        return page.getByLabel(label, new Page.GetByLabelOptions().setExact(true));
    }

    @Test
    void accountIsAddedByKeyboardAndItsCodeIsShownOnce() {
        Keys.tabTo(page, field("User name"));
        page.keyboard().type("newcomer");
        Keys.tabTo(page, field("circulation"));
        page.keyboard().press("Space");
        Keys.press(page, button(page, "Add"));
        assertThat(admin.status()).hasText("newcomer is added.");
        assertThat(page.locator(".secret code")).hasText(Pattern.compile("[0-9a-z-]{23}"));
        admin.inspect("admin-code");
        admin.go("/admin");
        assertThat(page.locator(".secret")).hasCount(0);
    }

    @Test
    void accountIsOpenedAndDisabledByKeyboard() {
        admin.inspect("admin-staff");
        Keys.press(page, button(page, "Open outreach"));
        assertThat(page.locator("#opened-title")).hasText("outreach");
        admin.inspect("admin-account");
        Keys.press(page, button(page, "Disable"));
        assertThat(admin.status()).hasText("outreach is disabled, and every session has ended.");
        Keys.press(page, button(page, "Enable"));
        assertThat(admin.status()).hasText("outreach is enabled.");
    }

    @Test
    void powerfulRoleIsAskedForInOneWindowAndAgreedToInAnother() {
        button(page, "Open page").click();
        field("Give a role").selectOption("custodian");
        button(page, "Give").click();
        assertThat(admin.status()).containsText("a second person must agree");
        admin.inspect("admin-waits");
        link("Approvals").first().click();
        assertThat(button(page, "Take it back")).isVisible();
        assertThat(button(page, "Agree")).hasCount(0);
        admin.inspect("approvals-own");

        Window director = VAULT.signedIn("director");
        director.go("/admin/approvals");
        assertThat(director.page().locator(".request").first()).containsText("custodian");
        director.inspect("approvals");
        Keys.press(director.page(), director.page().locator(".request summary").first());
        assertThat(director.page().locator(".request [open] dl")).isVisible();
        Screens.take(director.page(), "approvals-terms");
        Keys.press(director.page(), button(director.page(), "Agree"));
        assertThat(director.status()).hasText("You agreed, and it is carried out.");
        director.inspect("approvals-agreed");
    }

    @Test
    void otherSystemIsAddedWithItsKey() {
        link("Other systems").click();
        admin.inspect("admin-clients-none");
        field("Name of the system").fill("kiosk");
        field("entitlement").check();
        field("Contract or permission").fill("Contract 7");
        button(page, "Add").click();
        assertThat(admin.status()).hasText("kiosk is added.");
        assertThat(page.locator(".secret code")).hasText(Pattern.compile("pvk_.+"));
        admin.inspect("admin-key");
        button(page, "Open kiosk").click();
        assertThat(page.locator("#opened-title")).hasText("kiosk");
        admin.inspect("admin-client");
    }

    @Test
    void refusedFormKeepsWhatWasTypedAndRunsNothing() {
        link("Other systems").click();
        String hostile = "\u202e<script>alert(1)</script>" + "W".repeat(60);
        field("Name of the system").fill(hostile);
        field("Contract or permission").fill("\"><img src=x onerror=alert(1)>");
        button(page, "Add").click();
        assertThat(page.locator("#status.refused")).isVisible();
        assertThat(field("Name of the system")).hasValue(hostile);
        admin.inspect("admin-clients-refused");
    }

    @Test
    void policyIsATableWhoseCellsUnfoldByKeyboard() {
        link("Policy").click();
        admin.inspect("admin-policy");
        Locator cell = page.locator(".matrix summary").nth(3);
        Keys.press(page, cell);
        assertThat(page.locator(".matrix [open]")).containsText(Pattern.compile("line \\d+, roles\\."));
        Screens.take(page, "admin-policy-why");
        field("Who").selectOption("role privacy-officer");
        field("Field").selectOption("phone");
        button(page, "Ask").click();
        assertThat(page.locator(".because")).containsText(Pattern.compile("line \\d+, roles\\.privacy-officer"));
        admin.inspect("admin-policy-asked");
    }

    @Test
    void healthAndSessionsHoldForEverybody() {
        link("Health").click();
        assertThat(page.locator(".health")).containsText("vault.yaml can be read");
        admin.inspect("admin-doctor");
        link("Sessions").click();
        assertThat(page.locator("table")).containsText("This one");
        admin.inspect("admin-sessions");
    }

    @Test
    void whoMayNotEnterIsToldSo() {
        Window clerk = VAULT.signedIn("clerk");
        assertThat(clerk.page().locator("nav")).not().containsText("Administration");
        org.assertj.core.api.Assertions.assertThat(clerk.go("/admin")).isEqualTo(403);
        assertThat(clerk.status()).not().isEmpty();
        clerk.inspect("admin-not-allowed");
    }
}
