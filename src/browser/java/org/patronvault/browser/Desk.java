package org.patronvault.browser;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;

/**
 * The desk as who works at it knows it. Acts only press and type; what comes of them is waited for by Playwright's
 * assertions on the parts given here, so that a test holds whether an act loads a page or changes a part of it.
 */
public final class Desk {
    private final Window window;

    /** The desk in that window. */
    public Desk(Window window) {
        this.window = window;
    }

    /** The window it is in. */
    public Window window() {
        return window;
    }

    /** What Playwright knows of the page. */
    public Page page() {
        return window.page();
    }

    /** The one box. */
    public Locator box() {
        return page().getByRole(AriaRole.SEARCHBOX, new Page.GetByRoleOptions().setName("Find a patron"));
    }

    /** What the page tells of the last act. */
    public Locator status() {
        return window.status();
    }

    /** The card that is open. */
    public Locator card() {
        return page().locator(".card");
    }

    /** The name on it. */
    public Locator name() {
        return page().locator("#card-title");
    }

    /** The matches of a search, one each. */
    public Locator matches() {
        return page().locator(".matches > li");
    }

    /** A button by what it says. */
    public Locator button(String name) {
        return page().getByRole(
                        AriaRole.BUTTON,
                        new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    /** What is shown of a field, by its label, such as {@code Phone}; there is none while it is hidden. */
    public Locator shown(String label) {
        return page().locator("[data-shown='" + label + "']");
    }

    /** Types into the box, and Enter. */
    public void find(String typed) {
        box().fill(typed);
        box().press("Enter");
    }

    /** Scans a card, whatever has the focus. */
    public void scan(String card) {
        Scanner.scan(page(), card);
    }

    /** Chooses what it is for, such as {@code checkout}. */
    public void purpose(String purpose) {
        page().getByLabel("Purpose").selectOption(purpose);
    }

    /** Presses the button that reveals {@code phone}, {@code e-mail}, {@code address} or {@code card number}. */
    public void reveal(String noun) {
        button("Reveal " + noun).click();
    }
}
