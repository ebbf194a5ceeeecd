package org.patronvault.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.Media;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.custody.rotate.Rotations;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;

/** The custodians' room, by two custodians in browsers of their own, and the page on which shares are brought. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CustodyPageIT {
    @RegisterExtension
    static final BrowserVault VAULT = new BrowserVault();

    @TempDir
    static Path directory;

    private static final int MORE = 40;

    private static List<String> cards;

    private static Locator button(Window window, String name) {
        return window.page()
                .getByRole(
                        AriaRole.BUTTON,
                        new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Window custodian(String user) {
        Window window = VAULT.signedIn(user);
        window.go("/custody");
        return window;
    }

    @Test
    @Order(1)
    void rotationIsBegunByKeysAloneAndItsEndShowsByItself() {
        VAULT.vault().clock().advance(Duration.ofDays(12));
        for (int n = 0; n < MORE; n++) {
            VAULT.vault()
                    .register("'card':'M" + n + "','name':{'family':'Moore'},'phone':['203-555-01" + (10 + n) + "']");
        }
        Window window = custodian("custodian-1");
        Page page = window.page();
        window.inspect("custody");
        Keys.tabTo(page, page.getByLabel("Key", new Page.GetByLabelOptions().setExact(true)));
        page.keyboard().type("Phone");
        Keys.tabTo(page, page.getByLabel("Values a second, at most"));
        page.keyboard().type("1");
        Keys.press(page, button(window, "Rotate"));
        assertThat(window.status()).hasText("The new version is in use. 45 values are moved to it.");
        Locator bar = page.getByRole(AriaRole.PROGRESSBAR);
        assertThat(bar).hasAttribute("aria-valuemax", "45");
        window.inspect("custody-rotating");
        Rotations rotations = VAULT.vault().vault().rotations();
        String running = rotations.operations().all().get(0).id();
        rotations.keepTo(OpenVault.person("custodian").actor(), running, 0);
        assertThat(window.status())
                .hasText("Rotation: Phone: done, 45 of 45.", new LocatorAssertions.HasTextOptions().setTimeout(30_000));
        assertThat(bar).hasCount(0);
        assertThat(page.getByRole(AriaRole.IMG, new Page.GetByRoleOptions().setName(Pattern.compile("^Phone: "))))
                .hasAttribute("aria-label", Pattern.compile("version 2 \\(primary\\) holds 45"));
    }

    @Test
    @Order(2)
    void whatOneCustodianAsksShowsByItselfToAnotherWhoAgreesInHisOwnBrowser() {
        VAULT.vault().backup().make(OpenVault.person("custodian"), directory.resolve("backup"), Progress.UNSEEN);
        Window second = custodian("custodian-2");
        Window first = custodian("custodian-1");
        Keys.tabTo(first.page(), first.page().getByLabel("Version", new Page.GetByLabelOptions().setExact(true)));
        Keys.press(first.page(), button(first, "Ask to have it destroyed"));
        assertThat(first.status()).containsText("It waits for another custodian");
        assertThat(button(first, "Agree")).hasCount(0);

        assertThat(second.page().getByText("Destroy version 1 of phone for ever, in 7 days."))
                .isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(30_000));
        assertThat(second.status()).hasText("What waits for a second custodian has changed.");
        second.inspect("custody-request");
        Keys.press(second.page(), button(second, "Agree"));
        assertThat(second.status()).hasText("Agreed, and carried out.");
        assertThat(second.page()
                        .getByRole(
                                AriaRole.HEADING, new Page.GetByRoleOptions().setName("Destruction: Phone, version 1")))
                .isVisible();
        second.page().getByText("The same as a table, and the other keys").click();
        second.inspect("custody-destruction");

        first.go("/custody");
        Keys.press(first.page(), button(first, "Call it off"));
        assertThat(first.status()).hasText("It is called off.");
    }

    @Test
    @Order(3)
    void holdersProveTheirCardsAtACustodiansDesk() {
        cards = VAULT.cutShares(3, 2);
        Window window = custodian("custodian-1");
        Keys.press(window.page(), window.page().getByText("Try cards and passphrase"));
        for (String card : cards.subList(0, 2)) {
            Keys.tabTo(window.page(), window.page().getByLabel("The thirty words of a card"));
            window.page().keyboard().insertText(card);
            Keys.press(window.page(), button(window, "Prove this card"));
            assertThat(window.status()).containsText("is right.");
        }
        assertThat(window.status()).hasText("Share 2 is right. Slot 2 opens the keys.");
        window.inspect("drill");
        button(window, "End the drill").click();
        assertThat(window.status()).hasText("The drill is ended; what was typed is wiped.");
    }

    @Test
    @Order(4)
    void wornCardIsPrintedAgainFromItsWordsByKeysAlone() {
        Window window = custodian("custodian-1").allowing(422);
        Keys.press(window.page(), window.page().getByText("Print a card again"));
        assertThat(window.page().getByLabel("The thirty words of a card")).isFocused();
        window.inspect("card-again");
        String other = cards.get(1).startsWith("abacus ") ? "accent" : "abacus";
        window.page()
                .keyboard()
                .insertText(other + cards.get(1).substring(cards.get(1).indexOf(' ')));
        Keys.press(window.page(), button(window, "Show the card"));
        assertThat(window.status()).hasText("Word 1 is not the one on the card; look at it again.");
        window.inspect("card-again-mistyped");
        Keys.tabTo(window.page(), window.page().getByLabel("The thirty words of a card"));
        window.page().keyboard().insertText(cards.get(1));
        Keys.press(window.page(), button(window, "Show the card"));
        assertThat(window.page().getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
                .hasText("Share 2 of 3");
        window.inspect("card-printed-again");
        window.page().emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));
        assertThat(window.page().getByText("the vault keeps nothing of it")).isHidden();
        window.page()
                .screenshot(new Page.ScreenshotOptions()
                        .setPath(Path.of("target/screens/card-printed-again-print.png"))
                        .setFullPage(true));
        window.page().emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.SCREEN));
        Keys.press(window.page(), window.page().getByText("Back to custody"));
        assertThat(window.page().getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
                .hasText("Custody");
    }

    @Test
    @Order(5)
    void sealedVaultIsOpenedFromTwoDesksAndEachSeesTheOthersShare() {
        Window custodian = custodian("custodian-1").allowing(503);
        Keys.press(custodian.page(), custodian.page().getByText("What sealing does"));
        Keys.press(custodian.page(), button(custodian, "Seal the vault now"));
        assertThat(custodian.page().getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
                .hasText("The vault is sealed");
        Window other = VAULT.window().allowing(503);
        other.go("/");
        other.inspect("sealed");
        Keys.press(other.page(), other.page().getByText("Unseal", new Page.GetByTextOptions().setExact(true)));
        assertThat(other.page().getByLabel("The thirty words of your card")).isFocused();
        other.page().keyboard().insertText(cards.get(0));
        Keys.press(other.page(), button(other, "Bring this share"));
        assertThat(other.status()).hasText("That share is right.");

        assertThat(custodian.status()).hasText("1 of 2 shares are here.");
        assertThat(custodian.page().getByText("1 of 2.")).isVisible();
        custodian.inspect("unseal");
        custodian.page().getByLabel("The thirty words of your card").focus();
        custodian.page().keyboard().insertText(cards.get(2));
        Keys.press(custodian.page(), button(custodian, "Bring this share"));
        assertThat(custodian.status()).hasText("The vault is open.");
        assertThat(other.page().getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
                .hasText("The vault is open");
        other.inspect("unsealed");
    }
}
