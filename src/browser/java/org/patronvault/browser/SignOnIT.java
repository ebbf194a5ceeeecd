package org.patronvault.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.Cookie;
import com.microsoft.playwright.options.SameSiteAttribute;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.testing.OpenVault;

/** Signing on by a real provider, with its own pages in between. */
class SignOnIT {
    private static final String LINK = "Sign in with the town account";

    @RegisterExtension
    static final BrowserVault VAULT = BrowserVault.withKeycloak();

    private Window window;
    private Page page;

    @BeforeEach
    void open() {
        window = VAULT.window();
        page = window.page();
        window.go("/");
    }

    /** At the provider, which asks for the password. */
    private void signOn(String user) {
        page.getByText(LINK).click();
        page.waitForURL(VAULT.provider().orElseThrow() + "/**");
        if (page.locator("#username").isVisible()) {
            page.locator("#username").fill(user);
        }
        page.locator("#password").fill(Keycloak.PASSWORD);
        page.locator("#kc-login").click();
    }

    private List<AccessEvent> signIns(long from) {
        return VAULT.vault().logSince(from).stream()
                .filter(event -> event.act() == ActKind.SIGN_IN)
                .toList();
    }

    @Test
    void whoSignsOnThereIsAtTheDeskHereAndInTheLog() {
        long before = VAULT.vault().logSize();
        window.inspect("sign-in-provider");
        signOn("kim");
        page.waitForURL(VAULT.address() + "/");
        assertThat(page.locator(".who")).hasText("Signed in as kim, acting as circulation");
        Desk desk = new Desk(window);
        desk.scan(BrowserVault.CARD);
        desk.reveal("phone");
        assertThat(desk.shown("Phone")).containsText("203-555-0143");
        List<Cookie> cookies = page.context().cookies(VAULT.address());
        Assertions.assertThat(cookies).hasSize(1);
        Assertions.assertThat(cookies.get(0).sameSite).isEqualTo(SameSiteAttribute.STRICT);
        Assertions.assertThat(cookies.get(0).httpOnly).isTrue();
        Assertions.assertThat(signIns(before)).singleElement().satisfies(event -> {
            Assertions.assertThat(event.outcome()).isEqualTo(Outcome.SESSION);
            Assertions.assertThat(event.actor().name()).isEqualTo("kim");
            Assertions.assertThat(event.about()).hasValue("sign-on");
        });
    }

    @Test
    void nextPersonAtThatDeskTypesAPasswordOfTheirOwn() {
        signOn("alex");
        assertThat(page.locator(".who")).hasText("Signed in as alex, acting as circulation");
        new Desk(window).button("Lock").click();
        page.getByText(LINK).click();
        // Though the provider still has a session.
        page.waitForURL(VAULT.provider().orElseThrow() + "/**");
        assertThat(page.locator("#password")).isVisible();
    }

    @Test
    void whoIsInNoGroupIsToldWhyAndOthersSignInByPassword() {
        long before = VAULT.vault().logSize();
        signOn("pat");
        assertThat(window.status()).containsText("None of your groups at the provider gives you a role here");
        Assertions.assertThat(signIns(before))
                .singleElement()
                .satisfies(event -> Assertions.assertThat(event.outcome()).isEqualTo(Outcome.REFUSED));
        window.inspect("sign-on-refused");
        page.getByLabel("User name", new Page.GetByLabelOptions().setExact(true))
                .fill("clerk");
        page.getByLabel("Password", new Page.GetByLabelOptions().setExact(true)).fill(BrowserVault.PASSWORD);
        page.keyboard().press("Enter");
        assertThat(page.locator(".who")).containsText("Signed in as clerk");
    }

    @Test
    void accountOfThatNameIsEnteredOnceAnAdministratorHasLinkedIt() {
        signOn("page");
        Matcher code = Pattern.compile("staff link page ([0-9a-f]{32})")
                .matcher(window.status().textContent());
        Assertions.assertThat(code.find()).isTrue();
        VAULT.vault()
                .vault()
                .access()
                .signOn()
                .accounts()
                .link(Approvals.Requester.alone(OpenVault.person("admin").actor()), "page", code.group(1));
        signOn("page");
        assertThat(page.locator(".who")).hasText("Signed in as page, acting as circulation, library NC");
    }

    @Test
    void callbackThatThisBrowserDidNotBeginSignsNobodyOn() {
        Assertions.assertThat(window.go("/sign-on/callback?code=of-somebody&state=of-somebody"))
                .isEqualTo(401);
        assertThat(window.status()).containsText("No sign-on was begun in this browser");
    }
}
