package org.patronvault.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.patronvault.access.Access;
import org.patronvault.access.posted.PostedPolicy;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.Actor;
import org.patronvault.privacy.mailing.MadeLink;

/** What everybody may read, and the page a mail leads to. */
class PublicPagesIT {
    @RegisterExtension
    static final BrowserVault VAULT = new BrowserVault();

    private Window window;
    private Page page;

    @BeforeAll
    static void postASecondPolicyAndCloseAMonth() {
        Access access = VAULT.vault().vault().access();
        PostedPolicy before = access.policyVersions().current().orElseThrow();
        String text =
                before.text().replaceFirst("You may give us", "You can also give us") + "\n\nOne paragraph more.\n";
        PostedPolicy next = PostedPolicy.of(
                "2026-11",
                "2026-11-20",
                "2027-11-20",
                text,
                access.policyVersions().today());
        Actor director = new Actor(Actor.Kind.STAFF, "director", "director", "NC");
        access.policyVersions()
                .post(director, next, IdempotencyStore.Once.withoutKey(), access.replay(), AuditLog.newRequest());
        for (int i = 0; i < 12; i++) {
            VAULT.vault().reveal(VAULT.katherine());
        }
        VAULT.vault().say(VAULT.katherine(), "newsletter", true);
        VAULT.vault().clock().advance(Duration.ofDays(10));
        VAULT.vault().vault().privacy().transparency().settle();
    }

    @BeforeEach
    void open() {
        window = VAULT.window();
        page = window.page();
    }

    @Test
    void policyIsRead() {
        assertThat(window.go("/policy")).isEqualTo(200);
        assertThat(page.locator("article h2").first()).isVisible();
        window.inspect("policy");
    }

    @Test
    void twoVersionsOfThePolicyAreComparedByKeyboard() {
        window.go("/policy");
        Keys.press(page, new Desk(window).button("Compare"));
        assertThat(page.locator(".compare")).containsText("can also");
        window.inspect("policy-compared");
    }

    @Test
    void versionThatIsNoneIsOneSentence() {
        assertThat(window.go("/policy?version=1999-01")).isEqualTo(404);
        assertThat(window.status()).hasText("No such version is posted.");
        window.inspect("policy-none");
    }

    @Test
    void transparencyShowsTheMonth() {
        assertThat(window.go("/transparency")).isEqualTo(200);
        assertThat(page.locator("table")).containsText("12");
        window.inspect("transparency");
    }

    @Test
    void yearThatIsNoneIsOneSentence() {
        assertThat(window.go("/transparency?year=x")).isEqualTo(422);
        window.inspect("transparency-none");
    }

    @Test
    void linkInAMailUnsubscribesByOneButton() {
        String token = MadeLink.token(VAULT.vault().vault(), VAULT.katherine(), "newsletter");
        assertThat(window.go("/unsubscribe/" + token)).isEqualTo(200);
        window.inspect("unsubscribe");
        Keys.press(page, new Desk(window).button("Unsubscribe"));
        assertThat(window.status()).containsText("New mailings of this kind leave you out");
        window.inspect("unsubscribed");
    }

    @Test
    void interfaceIsDocumented() {
        assertThat(window.go("/docs")).isEqualTo(200);
        window.inspect("docs");
    }

    @Test
    void statisticsAreCountedForTheDirector() {
        Window director = VAULT.signedIn("director");
        director.go("/statistics");
        director.inspect("statistics");
        director.page()
                .getByRole(com.microsoft.playwright.options.AriaRole.CHECKBOX)
                .first()
                .check();
        new Desk(director).button("Count").click();
        assertThat(director.page().locator("table")).isVisible();
        director.inspect("statistics-counted");
    }
}
