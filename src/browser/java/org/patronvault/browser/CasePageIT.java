package org.patronvault.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.testing.OpenSsl;

/** A request for records, by keyboard, with three people in three browsers. */
class CasePageIT {
    @RegisterExtension
    static final BrowserVault VAULT = new BrowserVault();

    @TempDir
    private Path directory;

    /** So that certificates made now are good. */
    @BeforeAll
    static void now() {
        VAULT.vault()
                .clock()
                .advance(Duration.between(
                        VAULT.vault().clock().instant(), Instant.now().plus(Duration.ofHours(1))));
    }

    private static Locator button(Page where, String name) {
        return where.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator field(Page where, String label) {
        return where.getByLabel(label, new Page.GetByLabelOptions().setExact(true));
    }

    private static void type(Page where, String label, String text) {
        Keys.tabTo(where, field(where, label));
        where.keyboard().insertText(text);
    }

    private static void choose(Page where, String label, String option) {
        Locator select = field(where, label);
        Keys.tabTo(where, select);
        where.keyboard().type(option);
        assertThat(select.locator("option:checked")).containsText(Pattern.compile("^" + option));
    }

    /** Taken down by a clerk: nothing shows but the script and the number. */
    private static String takenDown(Window clerk, String agency) {
        Page page = clerk.page();
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Take a request down"))
                .click();
        clerk.inspect("case-new");
        type(page, "Agency", agency);
        type(page, "Who came", "Sgt. Miller");
        type(page, "Badge", "417");
        choose(page, "Instrument", "Order of a court");
        type(page, "What about", "Where a reader lives");
        Keys.press(page, button(page, "Take it down"));
        assertThat(page.locator("h1")).hasText("The request is taken down");
        assertThat(page.locator("main")).containsText("confidential by law");
        assertThat(page.locator("main a[href*='cases']")).hasCount(0);
        clerk.inspect("case-taken-down");
        return page.locator(".case-number code").innerText();
    }

    @Test
    void wholePathIsWalkedByKeyboardByThreePeople() throws IOException {
        String id = takenDown(VAULT.signedIn("clerk"), "Norwalk Police");
        Window director = VAULT.signedIn("director");
        Page page = director.page();
        page.getByRole(
                        AriaRole.LINK,
                        new Page.GetByRoleOptions().setName("Cases").setExact(true))
                .click();
        assertThat(page.locator("table")).containsText("Norwalk Police");
        director.inspect("cases");
        Keys.press(page, page.locator("a[href='/cases/" + id + "']"));
        assertThat(page.locator(".path .current")).containsText("Counsel");
        director.inspect("case-counsel");
        type(page, "Who advised", "L. Exner");
        type(page, "What was advised", "It is valid on its face; name what is asked for.");
        Keys.press(page, button(page, "Take the advice down"));
        assertThat(director.status()).hasText("Counsel is taken down.");

        choose(page, "What is decided", "Comply");
        choose(page, "Issued by", "Court");
        type(page, "Reason", "It names one reader.");
        Keys.tabTo(page, field(page, "Name"));
        page.keyboard().press("Space");
        Keys.tabTo(page, field(page, "Address"));
        page.keyboard().press("Space");
        type(page, "Whole card number", BrowserVault.CARD);
        Keys.press(page, button(page, "Add the id of that card"));
        assertThat(director.status()).hasText("The id is added; the look is logged.");
        assertThat(field(page, "Ids of the patrons, one a line"))
                .hasValue(VAULT.katherine().toString());
        assertThat(page.locator("body")).not().containsText("Sullivan");
        director.inspect("case-decision");
        Keys.press(page, button(page, "Decide"));
        assertThat(director.status()).hasText("The decision is taken down.");
        assertThat(page.locator(".next")).containsText(new String[] {"A second person", "You decided it"});
        assertThat(button(page, "Agree")).hasCount(0);
        director.inspect("case-decided");

        Window officer = VAULT.signedIn("officer");
        officer.go("/cases/" + id);
        officer.inspect("case-approval");
        Keys.press(officer.page(), button(officer.page(), "Agree"));
        assertThat(officer.page().locator(".path .current")).containsText("Release");
        assertThat(button(officer.page(), "Release the package")).hasCount(0);
        officer.inspect("case-approved");

        director.go("/cases/" + id);
        type(page, "Certificate of the recipient", "nothing of the kind");
        Keys.press(page, button(page, "Release the package"));
        assertThat(page.locator("#status.refused")).isVisible();
        director.inspect("case-release-refused");
        Locator certificate = field(page, "Certificate of the recipient");
        Keys.tabTo(page, certificate);
        page.keyboard().press("ControlOrMeta+a");
        page.keyboard().insertText(Files.readString(OpenSsl.certificate(directory, "police")));
        Keys.tabTo(page, button(page, "Release the package"));
        Download download = page.waitForDownload(() -> page.keyboard().press("Enter"));
        assertThat(download.suggestedFilename()).isEqualTo("disclosure-" + id + ".p7m");
        Path sealed = directory.resolve("sealed");
        download.saveAs(sealed);
        assertThat(OpenSsl.decrypt(directory, "police", sealed, directory.resolve("out")))
                .isZero();
        Keys.press(page, page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("I have the file: go on")));
        assertThat(page.locator(".path .current")).containsText("Notice to the patrons");
        director.inspect("case-released");
        choose(page, "The patrons", "were told");
        type(page, "How, or why not", "By letter.");
        Keys.press(page, button(page, "Take it down"));
        assertThat(director.status()).hasText("The notice is taken down.");
        Keys.press(page, button(page, "Close the case"));
        assertThat(director.status()).hasText("The case is closed.");
        assertThat(page.locator(".next")).hasText("Nothing is left to do.");
        director.inspect("case-closed");
    }

    @Test
    void gaggedCaseIsNotThereForThePrivacyOfficerAndIsForCounsel() {
        String id = takenDown(VAULT.signedIn("clerk"), "A grand jury");
        Window director = VAULT.signedIn("director");
        director.go("/cases/" + id);
        Page page = director.page();
        type(page, "By which order", "Order 26-117");
        Keys.press(page, button(page, "It may not be spoken of"));
        assertThat(page.locator(".lead .mark")).hasText("May not be spoken of");
        director.inspect("case-gagged");
        Window officer = VAULT.signedIn("officer");
        officer.go("/cases");
        assertThat(officer.page().locator("main")).not().containsText("A grand jury");
        assertThat(officer.go("/cases/" + id)).isEqualTo(404);
        officer.inspect("case-unseen");
        Window counsel = VAULT.signedIn("counsel");
        counsel.go("/cases");
        assertThat(counsel.page().locator("table")).containsText("A grand jury");
        counsel.go("/cases/" + id);
        counsel.inspect("case-for-counsel");
    }

    @Test
    void requestIsRefusedAndClosedAndPrints() {
        String id = takenDown(VAULT.signedIn("clerk"), "\u05e9W".repeat(40));
        Window director = VAULT.signedIn("director");
        director.go("/cases/" + id);
        Page page = director.page();
        type(page, "Who advised", "L. Exner");
        type(page, "What was advised", "No order, no records.");
        Keys.press(page, button(page, "Take the advice down"));
        choose(page, "What is decided", "Refuse");
        type(page, "Reason", "A letter is no order.");
        Keys.press(page, button(page, "Decide"));
        assertThat(page.locator(".path .needless")).hasCount(3);
        director.inspect("case-refused");
        Keys.press(page, button(page, "Close the case"));
        assertThat(director.status()).hasText("The case is closed.");
        page.emulateMedia(new Page.EmulateMediaOptions().setMedia(com.microsoft.playwright.options.Media.PRINT));
        page.screenshot(
                new Page.ScreenshotOptions().setFullPage(true).setPath(Path.of("target/screens/case-print.png")));
    }

    @Test
    void designationIsMadeAndTakenBackByKeyboard() {
        Window director = VAULT.signedIn("director");
        director.go("/cases/designations");
        Page page = director.page();
        director.inspect("designations-none");
        type(page, "User name", "supervisor");
        field(page, "Through").fill("2099-01-31");
        Keys.press(page, button(page, "Designate"));
        assertThat(director.status()).hasText("supervisor is designated.");
        director.inspect("designations");
        Window supervisor = VAULT.signedIn("supervisor");
        assertThat(supervisor.page().locator("nav")).containsText("Cases");
        Keys.press(page, button(page, "Take back the designation of supervisor"));
        assertThat(page.locator("table")).containsText("Taken back");
        supervisor.go("/cases");
        assertThat(supervisor.status()).containsText("the director's to handle");
        supervisor.inspect("cases-closed");
    }

    @Test
    void permissionIsTakenDownFromTheCard() {
        Desk desk = VAULT.desk("clerk");
        desk.scan(BrowserVault.CARD);
        Page page = desk.window().page();
        button(page, "Written permissions").click();
        assertThat(page.locator("h1")).hasText("Written permissions");
        desk.window().inspect("permissions-none");
        type(page, "Recipient", "Clinic of Norwalk");
        field(page, "Signed on").fill("2026-01-31");
        field(page, "Through").fill("2099-01-31");
        field(page, "Address").check();
        Keys.press(page, button(page, "Take it down"));
        assertThat(desk.window().status()).hasText("The permission is taken down.");
        assertThat(page.url()).doesNotContain(VAULT.katherine().toString());
        desk.window().inspect("permissions");
    }

    @Test
    void officerIsHereShowsTheNumberOfTheCaseAndTheDirectorFindsIt() {
        Desk desk = VAULT.desk("clerk");
        Page page = desk.window().page();
        page.keyboard().press("Alt+o");
        assertThat(page.locator(".case-number code")).hasText(Pattern.compile("[0-9a-f]{16}"));
        desk.window().inspect("officer-case");
        String id = page.locator(".case-number code").innerText();
        Window director = VAULT.signedIn("director");
        director.go("/cases/" + id);
        assertThat(director.page().locator(".lead .mark")).hasText("Urgent");
        director.inspect("case-urgent");
    }
}
