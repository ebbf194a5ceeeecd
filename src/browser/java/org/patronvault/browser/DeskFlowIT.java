package org.patronvault.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.util.regex.Pattern;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A day at the desk: register, correct, another card, who was here just now, an officer, a pause. */
class DeskFlowIT {
    @RegisterExtension
    static final BrowserVault VAULT = new BrowserVault();

    private Desk desk;
    private Page page;

    @BeforeEach
    void signIn() {
        desk = VAULT.desk("clerk");
        page = desk.page();
    }

    private Locator field(String label) {
        return page.getByLabel(label, new Page.GetByLabelOptions().setExact(true));
    }

    @Test
    void patronIsRegisteredByKeyboardAndEachValueIsShownAsItWillBeStored() {
        page.keyboard().press("Alt+r");
        assertThat(page.locator("h1")).hasText("Register a patron");
        desk.window().inspect("register-empty");
        page.keyboard().type("NEW0001");
        page.keyboard().press("Tab");
        assertThat(page.locator("[id='p-card-stored']")).hasText("Will be stored as NEW0001");
        page.keyboard().type("Quill");
        Keys.tabTo(page, page.locator("[id='p-phone']"));
        page.keyboard().type("(203) 555 0143");
        page.keyboard().press("Tab");
        assertThat(page.locator("[id='p-phone-stored']")).containsText("Will be stored as +12035550143");
        page.locator("[name='library']").fill("NC");
        page.locator("[name='agrees']").check();
        desk.window().inspect("register-typed");
        Keys.press(page, desk.button("Register"));
        assertThat(desk.status()).containsText("Registered; logged as entry");
        assertThat(desk.status()).containsText("same telephone number");
        desk.window().inspect("register-done");
    }

    @Test
    void patronIsChangedWithoutAnythingBeingRevealed() {
        desk.find("Alvarez, Inés");
        assertThat(desk.name()).hasText("Inés Alvarez");
        desk.button("Change this patron").click();
        assertThat(field("Family name")).isFocused();
        desk.window().inspect("desk-change");
        page.locator("#c-line1").fill("9 Elm St");
        page.locator("#c-city").fill("New Canaan");
        desk.button("Save the change").click();
        assertThat(desk.status()).containsText("Changed; logged as entry");
        assertThat(page.locator("body")).not().containsText("9 Elm St");
        assertThat(desk.box()).isFocused();
        desk.reveal("address");
        assertThat(desk.shown("Address")).containsText("9 Elm St");
    }

    @Test
    void changeThatIsRefusedGoesOnWhereItWasLeft() {
        desk.find("Alvarez, Tomás");
        assertThat(desk.name()).hasText("Tomás Alvarez");
        desk.button("Change this patron").click();
        page.locator("#c-line1").fill("11 Elm St");
        page.locator("#c-email").fill("tomas@");
        page.keyboard().press("Enter");
        assertThat(desk.status()).hasText("E-mail is not an e-mail address.");
        assertThat(page.locator("#c-line1")).hasValue("11 Elm St");
        assertThat(page.locator("#c-email")).isFocused();
        desk.window().inspect("desk-change-refused");
        page.keyboard().type("example.org");
        page.keyboard().press("Enter");
        assertThat(desk.status()).containsText("Changed; logged as entry");
        assertThat(desk.box()).isFocused();
    }

    @Test
    void pageOfAnEarlierSessionBecomesThatOfTheNewOneAtTheFirstAct() {
        Page register = page.context().newPage();
        register.navigate(VAULT.address() + "/register");
        Page other = page.context().newPage();
        page.context().clearCookies();
        other.navigate(VAULT.address() + "/");
        other.getByLabel("User name").fill("supervisor");
        other.getByLabel("Password").fill(BrowserVault.PASSWORD);
        other.keyboard().press("Enter");
        assertThat(other.locator(".who")).containsText("supervisor");
        desk.find("Alvarez");
        assertThat(page.locator(".who")).containsText("supervisor");
        desk.find("Alvarez");
        assertThat(desk.matches()).hasCount(2);
        register.locator("[id='p-phone']").fill("2035550143");
        register.keyboard().press("Tab");
        assertThat(register.locator(".who")).containsText("supervisor");
        assertThat(register.locator("main")).hasCount(1);
    }

    @Test
    void lostCardIsReplacedByAScan() {
        desk.find("Alvarez, Inés");
        assertThat(desk.name()).hasText("Inés Alvarez");
        desk.button("Change this patron").click();
        page.locator("#r-card").fill("NEW0002");
        page.locator("#r-card").press("Enter");
        assertThat(desk.status()).containsText("The card is replaced");
        desk.scan("NEW0002");
        assertThat(desk.name()).hasText("Inés Alvarez");
    }

    @Test
    void patronIsForgottenAtAVendorByKeyboard() {
        String before = VAULT.vault().subject("films-vendor", "21234000004235");
        desk.find("Brandt, Hedwig");
        assertThat(desk.name()).hasText("Hedwig Brandt");
        desk.button("Change this patron").click();
        Keys.tabTo(page, field("Vendor"));
        page.keyboard().type("films");
        assertThat(field("Vendor")).hasValue("films-vendor");
        desk.window().inspect("desk-forget");
        Keys.press(page, desk.button("Forget the patron there"));
        assertThat(desk.status()).containsText("the patron is somebody new there");
        assertThat(desk.box()).isFocused();
        desk.window().inspect("desk-forgotten");
        Assertions.assertThat(VAULT.vault().subject("films-vendor", "21234000004235"))
                .isNotEqualTo(before);
    }

    @Test
    void whoWasHereJustNowIsKnownByInitialsAndOpenedAgain() {
        desk.scan(BrowserVault.CARD);
        assertThat(desk.name()).hasText("Katherine O'Sullivan");
        assertThat(page.locator("#recent")).isHidden();
        desk.find("Alvarez, Inés");
        assertThat(desk.name()).hasText("Inés Alvarez");
        Locator again = desk.button("Open again: K. O.");
        assertThat(again).hasText("K. O.");
        desk.window().inspect("desk-recent");
        again.click();
        assertThat(desk.name()).hasText("Katherine O'Sullivan");
        assertThat(page).hasURL(Pattern.compile(":\\d+/$"));
        assertThat(desk.button("Open again: I. A.")).isVisible();
    }

    @Test
    void oneExactMatchOpensAtOnceAndThoseLikeItAreBelow() {
        desk.find("Brandt, Hedwig");
        assertThat(desk.name()).hasText("Hedwig Brandt");
        assertThat(desk.status()).containsText("one more is like it, below");
        assertThat(desk.box()).isFocused();
        desk.window().inspect("desk-like");
        desk.button("Open Hedwig Brand").click();
        assertThat(desk.name()).hasText("Hedwig Brand");
        assertThat(desk.matches()).hasCount(0);
    }

    @Test
    void officerIsHereBlanksTheScreenAndShowsWhatToSay() {
        desk.scan(BrowserVault.CARD);
        assertThat(desk.name()).isVisible();
        page.keyboard().press("Alt+o");
        assertThat(page.locator("h1")).hasText("Officer is here");
        assertThat(page.locator("body")).not().containsText("Sullivan");
        desk.window().inspect("officer");
    }

    @Test
    void keysAreListedAndRevealByThemselves() {
        desk.scan(BrowserVault.CARD);
        assertThat(desk.name()).isVisible();
        page.keyboard().press("Alt+p");
        assertThat(desk.shown("Phone")).containsText("203-555-0143");
        page.keyboard().press("F1");
        assertThat(page.locator("#keys")).isVisible();
        desk.window().inspect("desk-keys");
        for (Locator key : page.locator("[aria-keyshortcuts]").all()) {
            String shortcut = key.getAttribute("aria-keyshortcuts").replace("+", " ");
            assertThat(page.locator("#keys dt", new Page.LocatorOptions().setHasText(shortcut)))
                    .hasCount(1);
        }
        page.keyboard().press("Escape");
        assertThat(page.locator("#keys")).isHidden();
        assertThat(desk.name()).isVisible();
        assertThat(desk.box()).isFocused();
    }

    @Test
    void keyInTheMomentTheCardAppearsRevealsLikeALaterOne() {
        page.evaluate("""
                () => new MutationObserver((changes, observer) => {
                  const reveal = document.querySelector("[aria-keyshortcuts='Alt+P']");
                  if (reveal !== null) {
                    observer.disconnect();
                    reveal.click();
                  }
                }).observe(document.getElementById("result"), { childList: true, subtree: true })
                """);
        desk.scan(BrowserVault.CARD);
        assertThat(desk.shown("Phone")).containsText("203-555-0143");
    }

    @Test
    void idleDeskWarnsAndLocks() {
        page.clock().install();
        page.reload();
        desk.scan(BrowserVault.CARD);
        assertThat(desk.name()).isVisible();
        page.clock().runFor(9 * 60_000 + 31_000);
        assertThat(desk.status()).containsText("This desk locks in 30 seconds");
        page.clock().runFor(31_000);
        assertThat(desk.button("Sign in")).isVisible();
        assertThat(page.locator("body")).not().containsText("Sullivan");
    }

    @Test
    void idleFormForANewPatronLocksWithWhatIsTypedInIt() {
        page.clock().install();
        page.navigate(VAULT.address() + "/register");
        page.locator("[id='p-name.family']").fill("Quillon");
        page.clock().runFor(9 * 60_000 + 31_000);
        assertThat(desk.status()).containsText("This desk locks in 30 seconds");
        page.keyboard().press("Shift");
        assertThat(desk.status()).hasText("Kept on the screen.");
        page.clock().runFor(10 * 60_000 + 1_000);
        assertThat(desk.button("Sign in")).isVisible();
        assertThat(page.locator("body")).not().containsText("Quillon");
    }

    @Test
    void purposeThatWasChosenIsChosenStillWhenThePageIsLoadedAgain() {
        desk.purpose("checkout");
        page.reload();
        assertThat(page.getByLabel("Purpose")).hasValue("checkout");
        desk.button("Lock").click();
        assertThat(desk.button("Sign in")).isVisible();
        Desk next = VAULT.desk("clerk");
        assertThat(next.page().getByLabel("Purpose")).hasValue("account-service");
    }

    @Test
    void scanThatComesWhileAnAnswerIsAwaitedIsNotLost() {
        desk.scan(BrowserVault.CARD);
        desk.scan("21234000004219");
        assertThat(desk.name()).hasText("Inés Alvarez");
        assertThat(desk.box()).hasValue("");
    }
}
