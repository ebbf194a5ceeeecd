package org.patronvault.bench;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import org.patronvault.browser.Places;
import org.patronvault.browser.Scanner;

/** A browser that has never been at the vault, and what it sees of a clerk's work there. */
final class DeskWindow implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;

    /**
     * From Enter's key to the frame that shows a name on a card, by Element Timing; and the sum of all layout shifts.
     * The mark on the name is made when it is put into the page, before any frame has it.
     */
    private static final String WATCH = """
            (() => {
              const seen = { card: null, shift: 0 };
              let pressed = 0;
              let painted = () => {};
              const shifts = (entries) => entries.forEach((one) => { seen.shift += one.value; });
              const moving = new PerformanceObserver((list) => shifts(list.getEntries()));
              window.seenByBench = seen;
              document.addEventListener("keydown", (event) => {
                if (event.key === "Enter") {
                  pressed = event.timeStamp;
                  seen.card = new Promise((done) => { painted = done; });
                }
              }, true);
              new MutationObserver(() => document.getElementById("card-title")?.setAttribute("elementtiming", "name"))
                .observe(document, { childList: true, subtree: true });
              new PerformanceObserver((list) => list.getEntries().forEach((one) =>
                painted({ name: one.element.textContent, millis: one.renderTime - pressed })))
                .observe({ type: "element" });
              moving.observe({ type: "layout-shift" });
              seen.shifted = () => new Promise((done) =>
                requestAnimationFrame(() => requestAnimationFrame(() => {
                  shifts(moving.takeRecords());
                  done(seen.shift);
                  seen.shift = 0;
                })));
            })();
            """;

    private static final String PAINTED = """
            () => Promise.race([window.seenByBench.card,
              new Promise((done, fail) => setTimeout(() => fail(new Error("no card was painted")), 10_000))])
              .then((card) => card.millis + " " + card.name)
            """;

    private static final String SHIFTED = "() => window.seenByBench.shifted()";

    private final BrowserContext context;
    private final Page page;
    private final Wire wire;

    DeskWindow(Browser browser) {
        this.context = browser.newContext(new Browser.NewContextOptions()
                .setViewportSize(1280, 900)
                .setLocale("en-US")
                .setTimezoneId("UTC"));
        context.setDefaultTimeout(PATIENCE_MILLIS);
        context.addInitScript(WATCH);
        this.page = context.newPage();
        this.wire = Wire.of(page);
    }

    /** Goes to the address, signs that person in, and is at the desk; gives the bytes of all that. */
    double signIn(int port, String user, String password) {
        page.navigate("http://127.0.0.1:" + port);
        page.getByLabel("User name").fill(user);
        page.getByLabel("Password", new Page.GetByLabelOptions().setExact(true)).fill(password);
        button("Sign in").click();
        box().waitFor();
        page.waitForLoadState();
        return wire.taken();
    }

    private Locator box() {
        return page.getByRole(AriaRole.SEARCHBOX);
    }

    private Locator button(String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    /** What a scan came to. */
    record Scanned(String name, double millisToPaint, double bytes) {}

    /** Scans a card, and waits until it is seen. */
    Scanned scan(String card) {
        Scanner.scan(page, card);
        String[] painted = ((String) page.evaluate(PAINTED)).split(" ", 2);
        return new Scanned(painted[1], Double.parseDouble(painted[0]), wire.taken());
    }

    /** Types a name of which there are many, and waits for the matches; gives the bytes of it. */
    double find(String name) {
        box().fill(name);
        box().press("Enter");
        page.locator(".matches > li").nth(1).waitFor();
        return wire.taken();
    }

    /** What a reveal moved: Chromium's layout shifts, and the farthest anything went, in pixels. */
    record Moved(double shift, double pixels) {}

    /** Reveals one field of the card that is open. */
    Moved reveal(String noun, String label) {
        return moved(() -> {
            button("Reveal " + noun).click();
            page.locator("[data-shown='" + label + "']").waitFor();
        });
    }

    /** Pushes all the page down, which whoever looks for shifts must see. */
    Moved push() {
        return moved(() -> page.evaluate("document.querySelector('main').style.paddingTop = '200px'"));
    }

    private Moved moved(Runnable act) {
        page.evaluate(SHIFTED);
        Places before = Places.on(page);
        act.run();
        double shift = ((Number) page.evaluate(SHIFTED)).doubleValue();
        wire.taken();
        return new Moved(shift, before.farthestTo(Places.on(page)));
    }

    @Override
    public void close() {
        context.close();
    }
}
