package org.patronvault.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A vault that is sealed, and two custodians who open it, each in a browser of their own. */
class UnsealPageIT {
    @RegisterExtension
    static final BrowserVault VAULT = new BrowserVault();

    private static List<String> shares;

    private Window first;

    @BeforeAll
    static void cutShares() {
        shares = VAULT.cutShares(3, 2);
    }

    @BeforeEach
    void seal() {
        VAULT.seal();
        first = VAULT.window().allowing(503);
    }

    @AfterEach
    void unseal() {
        VAULT.unseal();
    }

    private static Locator share(Window window) {
        return window.page().getByLabel("The thirty words of your card");
    }

    private static void bring(Window window, String words) {
        share(window).fill(words);
        Keys.press(window.page(), new Desk(window).button("Bring this share"));
    }

    @Test
    void deskSaysThatTheVaultIsSealedAndLeadsToWhereItIsOpened() {
        assertThat(first.go("/")).isEqualTo(503);
        assertThat(first.page().locator("h1")).hasText("The vault is sealed");
        first.inspect("sealed");
        Keys.press(first.page(), first.page().getByText("Unseal", new Page.GetByTextOptions().setExact(true)));
        assertThat(share(first)).isFocused();
        first.inspect("unseal");
    }

    @Test
    void twoCustodiansOpenItEachInABrowserOfTheirOwn() {
        Window second = VAULT.window();
        first.go("/unseal");
        second.go("/unseal");
        bring(first, shares.get(0));
        assertThat(first.status()).hasText("That share is right.");
        first.inspect("unseal-one-share");
        assertThat(share(first)).hasValue("");
        bring(second, shares.get(2));
        // In the answer, or in the page that its look at how far it is leads to, whichever comes last.
        assertThat(second.page().locator("main")).containsText("The vault is open");
        second.inspect("unseal-open");
        assertThat(second.go("/")).isEqualTo(200);
        assertThat(second.page().locator("h1")).hasText("Sign in");
    }

    @Test
    void mistypedShareIsNamedByItsWordAndNothingTypedStays() {
        first.go("/unseal");
        bring(first, shares.get(1).replaceFirst("^\\S+", "xylophones"));
        assertThat(first.status()).containsText("Word 1 ");
        assertThat(first.page().locator("body")).not().containsText("xylophones");
        assertThat(share(first)).hasValue("");
        first.inspect("unseal-refused");
    }

    @Test
    void policyIsReadWhileTheVaultIsSealed() {
        first.go("/policy");
        assertThat(first.page().locator(".warning")).containsText("The vault is sealed");
        first.inspect("policy-sealed");
    }

    @Test
    void transparencyOfASealedVaultTellsNothing() {
        assertThat(first.go("/transparency")).isEqualTo(503);
        first.inspect("transparency-sealed");
    }
}
