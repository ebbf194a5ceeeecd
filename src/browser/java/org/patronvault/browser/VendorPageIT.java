package org.patronvault.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.Media;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.patronvault.access.client.ClientGrant;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.testing.OpenVault;

/** The pages of vendors, as a director without a pointer uses them. */
class VendorPageIT {
    @RegisterExtension
    static final BrowserVault VAULT = new BrowserVault();

    private static final int DAYS = 30;

    @BeforeAll
    static void askForThirtyDays() {
        client("cinema-vendor", "Contract 2026/17", "2027-06-30");
        client("a-vendor-with-as-long-a-name-as-there-can-be.of-ebooks-and-films", "Contract 3", "none");
        client("ended-vendor", "", "none");
        Actor admin = OpenVault.person("admin").actor();
        VAULT.vault().vault().access().clients().revoke(Approvals.Requester.alone(admin), "ended-vendor");
        VAULT.vault().clock().advance(Duration.ofDays(1 - DAYS));
        for (int day = 0; day < DAYS; day++) {
            int busy = 40 + (day * 7) % 11 * 9;
            counted("films", Optional.empty(), busy);
            counted("films", Optional.of(Problem.NOT_ENTITLED), busy / 8);
            counted("ebooks", Optional.empty(), 1_200);
            if (day % 9 == 4) {
                counted("ebooks", Optional.of(Problem.VERIFIER_UNAVAILABLE), 90);
                counted("films", Optional.of(Problem.TOO_MANY_ATTEMPTS), 260);
            }
            if (day + 1 < DAYS) {
                VAULT.vault().clock().advance(Duration.ofDays(1));
            }
        }
    }

    private static void client(String name, String reference, String expires) {
        VAULT.vault()
                .vault()
                .access()
                .clients()
                .add(
                        Approvals.Requester.alone(OpenVault.person("admin").actor()),
                        name,
                        ClientGrant.parse(List.of("entitlement"), List.of(), List.of(), "10000", reference, expires));
    }

    private static void counted(String service, Optional<Problem> reason, long times) {
        AuditLog log = VAULT.vault().vault().log();
        AccessEvent event = log.event(
                        OpenVault.client("cinema-vendor", "entitlement").actor(),
                        ActKind.ENTITLEMENT,
                        Outcome.COUNTED,
                        AuditLog.newRequest())
                .about(service)
                .counting(times);
        log.record(reason.map(event::answered).orElse(event));
    }

    private static Locator link(Page page, String name) {
        return page.getByRole(
                AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    @Test
    void directorComesToAVendorByKeysAndUnfoldsItsDays() {
        Window window = VAULT.signedIn("director");
        Page page = window.page();
        Keys.press(page, link(page, "Vendors"));
        assertThat(page.locator("h1")).hasText("What vendors asked");
        window.inspect("vendors");
        Keys.press(page, link(page, "cinema-vendor"));
        assertThat(page.locator("h1")).hasText("cinema-vendor");
        assertThat(page.locator("#asked-title + .help")).containsText("does not know whom a vendor asked about");
        assertThat(page.getByRole(AriaRole.IMG)).hasCount(1);
        window.inspect("vendor");
        Keys.press(page, page.getByText("By day and answer").first());
        assertThat(page.locator("details[open] tbody tr")).hasCount(DAYS);
        window.inspect("vendor-days");
    }

    @Test
    void printedPageKeepsItsNumbersAndItsPicture() {
        Window window = VAULT.signedIn("officer");
        window.go("/vendors/cinema-vendor");
        Page page = window.page();
        page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));
        assertThat(page.locator(".chart svg")).isVisible();
        assertThat(page.locator(".counts").first()).isVisible();
        assertThat(page.locator("nav").first()).isHidden();
    }

    @Test
    void revokedVendorIsMarkedAndHasNoTables() {
        Window window = VAULT.signedIn("admin");
        assertThat(window.go("/vendors/ended-vendor")).isEqualTo(200);
        assertThat(window.page().locator("h1 .mark")).hasText("Revoked");
        assertThat(window.page().locator("table")).hasCount(0);
        window.inspect("vendor-revoked");
    }

    @Test
    void clerkIsToldThatThisIsNotForThem() {
        Window window = VAULT.signedIn("clerk");
        assertThat(link(window.page(), "Vendors")).hasCount(0);
        assertThat(window.allowing(403).go("/vendors")).isEqualTo(403);
        assertThat(window.status()).hasText("The policy does not let this role see what vendors asked.");
        window.inspect("vendors-not-allowed");
    }
}
