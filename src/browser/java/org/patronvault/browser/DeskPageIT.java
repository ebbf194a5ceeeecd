package org.patronvault.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.util.regex.Pattern;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The desk, as a clerk with a scanner and a telephone uses it. */
class DeskPageIT {
    @RegisterExtension
    static final BrowserVault VAULT = new BrowserVault();

    private Desk desk;
    private Page page;

    @BeforeEach
    void signIn() {
        desk = VAULT.desk("clerk");
        page = desk.page();
    }

    @Test
    void emptyDeskHasTheFocusInTheBox() {
        assertThat(desk.box()).isFocused();
        desk.window().inspect("desk-empty");
    }

    @Test
    void scannedCardOpensAtOnceWithEverythingButTheNameHidden() {
        desk.scan(BrowserVault.CARD);
        assertThat(desk.status()).hasText(Pattern.compile("1 match; logged as entry \\d+\\."));
        assertThat(desk.name()).hasText("Katherine O'Sullivan");
        assertThat(desk.card()).containsText("Phone, hidden");
        assertThat(desk.card()).not().containsText("203");
        assertThat(desk.box()).isFocused();
        desk.window().inspect("desk-card");
    }

    @Test
    void nextCardIsScannedWithoutTouchingAnything() {
        desk.scan(BrowserVault.CARD);
        assertThat(desk.name()).hasText("Katherine O'Sullivan");
        desk.scan("21234000004219");
        assertThat(desk.name()).hasText("Inés Alvarez");
        assertThat(desk.box()).hasValue("");
    }

    @Test
    void severalOfOneNameAreListedAndOneIsOpened() {
        desk.find("alvarez");
        assertThat(desk.matches()).hasCount(2);
        desk.window().inspect("desk-matches");
        desk.button("Open Inés Alvarez").click();
        assertThat(desk.name()).hasText("Inés Alvarez");
        assertThat(desk.status()).containsText("Name revealed; logged as entry");
    }

    @Test
    void nameThatOnlySoundsAlikeIsMarkedAsAGuess() {
        desk.find("Osulivan");
        assertThat(desk.matches()).hasCount(1);
        assertThat(desk.matches()).containsText("Sounds like this");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Xyzzyqua", "31234000000017", "21234000004202", "0143", "?!"})
    void whatLeadsNowhereIsSaidInOneSentence(String typed) {
        desk.find(typed);
        assertThat(desk.status()).not().isEmpty();
        assertThat(page.locator("#result")).isEmpty();
        assertThat(desk.box()).isFocused();
    }

    @Test
    void nobodyFoundHoldsForEverybody() {
        desk.find("0143");
        assertThat(desk.status()).containsText("Nobody found. Four digits");
        desk.window().inspect("desk-nobody");
    }

    @Test
    void refusalHoldsForEverybody() {
        desk.find("?!");
        assertThat(desk.status()).containsText("The box takes a name,");
        desk.window().inspect("desk-refused");
    }

    @Test
    void revealedFieldIsShownAndTheOthersStayHidden() {
        desk.scan(BrowserVault.CARD);
        desk.reveal("phone");
        assertThat(desk.shown("Phone")).containsText("+1 203-555-0143");
        assertThat(desk.shown("Phone")).containsText("+1 203-555-0199");
        assertThat(desk.card()).containsText("E-mail, hidden");
        assertThat(desk.status()).hasText(Pattern.compile("Phone revealed; logged as entry \\d+\\."));
        desk.window().inspect("desk-revealed-phone");
    }

    @Test
    void eachFieldThatIsRevealedIsShown() {
        desk.scan(BrowserVault.CARD);
        desk.reveal("e-mail");
        assertThat(desk.shown("E-mail")).hasText("kat@example.org");
        desk.reveal("address");
        assertThat(desk.shown("Address")).containsText("1437 South Elm St");
        desk.window().inspect("desk-revealed-address");
        desk.reveal("card number");
        assertThat(desk.shown("Card number")).containsText(BrowserVault.CARD);
    }

    @ParameterizedTest
    @ValueSource(ints = {1280, Screens.NARROW})
    void revealMovesNothing(int width) {
        page.setViewportSize(width, 900);
        desk.scan(BrowserVault.CARD);
        assertThat(desk.name()).hasText("Katherine O'Sullivan");
        Places hidden = Places.on(page);
        desk.reveal("phone");
        assertThat(desk.shown("Phone")).containsText("203-555-0199");
        desk.reveal("e-mail");
        assertThat(desk.shown("E-mail")).isVisible();
        desk.reveal("address");
        assertThat(desk.shown("Address")).containsText("New Canaan");
        Assertions.assertThat(hidden.farthestTo(Places.on(page))).isZero();
        page.locator("main").evaluate("main => { main.style.paddingTop = '200px'; }");
        Assertions.assertThat(hidden.farthestTo(Places.on(page))).isGreaterThan(100);
    }

    @Test
    void verifyAnswersRightOrWrongAndShowsNothing() {
        desk.scan(BrowserVault.CARD);
        page.getByLabel("Postal code").fill("06840");
        page.getByLabel("Phone", new Page.GetByLabelOptions().setExact(true)).fill("2125550100");
        page.keyboard().press("Enter");
        assertThat(desk.status()).hasText(Pattern.compile("Verified: 1 right, 1 wrong; logged as entry \\d+\\."));
        assertThat(page.locator("#answer-postalCode")).containsText("right");
        assertThat(page.locator("#answer-phone")).containsText("wrong");
        assertThat(page.locator("body")).not().containsText("06840");
        desk.window().inspect("desk-verified");
    }

    @Test
    void escapeClearsThePageAndTheBoxHasTheFocus() {
        desk.scan(BrowserVault.CARD);
        desk.reveal("address");
        assertThat(desk.shown("Address")).containsText("1437 South Elm St");
        page.getByLabel("Postal code").fill("06840");
        page.keyboard().press("Escape");
        assertThat(desk.card()).hasCount(0);
        assertThat(page.locator("body")).not().containsText("South Elm");
        assertThat(page.locator("body")).not().containsText("Sullivan");
        assertThat(desk.status()).hasText("Cleared.");
        assertThat(desk.box()).isFocused();
        desk.window().inspect("desk-cleared");
    }

    @Test
    void keyboardAloneFindsRevealsVerifiesAndLocks() {
        page.keyboard().type("o'sullivan, kath");
        page.keyboard().press("Enter");
        Locator open = desk.button("Open Katherine O'Sullivan");
        assertThat(open.or(desk.name())).isVisible();
        if (open.isVisible()) {
            Keys.press(page, open);
        }
        assertThat(desk.name()).hasText("Katherine O'Sullivan");
        Keys.press(page, desk.button("Reveal phone"));
        assertThat(desk.shown("Phone")).containsText("203-555-0143");
        Keys.tabTo(page, page.getByLabel("Given name"));
        page.keyboard().type("katherine");
        Keys.press(page, desk.button("Verify"));
        assertThat(page.locator("#answer-given")).containsText("right");
        Keys.press(page, desk.button("Lock"));
        assertThat(desk.button("Sign in")).isVisible();
    }

    @Test
    void revealedValueIsHiddenAgainAfterNinetySecondsWithAWarningBefore() {
        page.clock().install();
        page.reload();
        desk.scan(BrowserVault.CARD);
        desk.reveal("phone");
        assertThat(desk.shown("Phone")).containsText("203-555-0143");
        page.clock().runFor(66_000);
        assertThat(desk.status()).containsText("will be hidden in 25 seconds");
        assertThat(desk.shown("Phone")).containsText("203-555-0143");
        desk.window().inspect("desk-warned");
        page.clock().runFor(26_000);
        assertThat(desk.shown("Phone")).hasCount(0);
        assertThat(page.locator("body")).not().containsText("203-555-0143");
        assertThat(desk.status()).hasText("Hidden again after 90 seconds.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"page", "outreach", "admin", "custodian-1"})
    void roleWithoutSearchIsToldSo(String user) {
        Window window = VAULT.signedIn(user);
        assertThat(window.page().locator("main")).containsText("This role does not look up patrons");
        assertThat(new Desk(window).box()).hasCount(0);
        window.page().keyboard().press("Alt+o");
        assertThat(window.page().locator("h1")).hasText("Officer is here");
    }

    @Test
    void deskWithoutSearchHoldsForEverybody() {
        VAULT.signedIn("page").inspect("desk-no-search");
    }

    @Test
    void privacyOfficerFindsAnIdAndNoMore() {
        Desk officers = VAULT.desk("officer");
        officers.scan(BrowserVault.CARD);
        assertThat(officers.card()).containsText(VAULT.katherine().toString());
        assertThat(officers.card()).not().containsText("O'Sullivan");
        officers.window().inspect("desk-id-only");
    }

    @Test
    void twoPeopleAtTwoDesksDoNotSeeEachOther() {
        Desk other = VAULT.desk("supervisor");
        desk.scan(BrowserVault.CARD);
        assertThat(desk.name()).hasText("Katherine O'Sullivan");
        other.page().reload();
        assertThat(other.page().locator(".who")).containsText("supervisor");
        assertThat(other.card()).hasCount(0);
    }
}
