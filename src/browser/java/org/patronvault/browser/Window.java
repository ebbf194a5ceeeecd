package org.patronvault.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.options.Cookie;
import com.microsoft.playwright.options.SameSiteAttribute;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A browser of one person: cookies and storage of its own, one page, 1280 by 900. {@link BrowserVault} opens it, and
 * after the test closes it and fails on what {@link Watch} has seen.
 */
public final class Window {
    private static final int WIDTH = 1280;
    private static final int HEIGHT = 900;
    static final int PATIENCE_MILLIS = 10_000;
    private static final int MOST_PAGES = 3;

    /** Waits one turn of the page's event loop, by what no clock of a test holds up. */
    private static final String TURN = """
            () => new Promise((done) => {
              const channel = new MessageChannel();
              channel.port1.onmessage = () => done(0);
              channel.port2.postMessage(0);
            })
            """;

    private final BrowserVault vault;
    private final BrowserContext context;
    private final Watch watch;
    private final Page page;

    Window(BrowserVault vault, Browser browser) {
        this.vault = vault;
        this.context = browser.newContext(new Browser.NewContextOptions()
                .setViewportSize(WIDTH, HEIGHT)
                .setLocale("en-US")
                .setTimezoneId("UTC"));
        context.setDefaultTimeout(PATIENCE_MILLIS);
        this.watch = Watch.over(context, vault.address(), vault.provider());
        this.page = context.newPage();
    }

    /** What Playwright knows of the page. */
    public Page page() {
        return page;
    }

    /** Goes to a path of the vault, such as {@code /policy}; gives the status of the answer. */
    public int go(String path) {
        return page.navigate(vault.address() + path).status();
    }

    /** Has a session without typing a password, and is at the desk. */
    public Window signIn(String user) {
        context.addCookies(List.of(new Cookie("vault", vault.session(user))
                .setUrl(vault.address())
                .setHttpOnly(true)
                .setSameSite(SameSiteAttribute.STRICT)));
        assertThat(go("/")).isEqualTo(200);
        return this;
    }

    /** Sends the session of that user as other systems do, so that what the interface answers can be looked at. */
    public Window asClientOf(String user) {
        context.setExtraHTTPHeaders(Map.of("Authorization", "Bearer " + vault.session(user), "Accept", "text/html"));
        return this;
    }

    /** From now on answers with that status, such as 503 of a sealed vault, are no fault. */
    public Window allowing(int status) {
        watch.allow(status);
        return this;
    }

    /** What the page tells of the last act. */
    public Locator status() {
        return page.locator("#status");
    }

    /**
     * The state the page is in holds for everybody: {@link Axe} finds nothing, nothing has to be scrolled sideways at 320
     * px, and {@link Screens} keeps how it looks.
     */
    public void inspect(String name) {
        Screens.take(page, name);
        Axe.check(page);
    }

    /** What must not have happened and did. */
    public List<String> faults() {
        settle();
        return watch.faults();
    }

    /** The same, and forgets it. */
    List<String> takeFaults() {
        settle();
        return watch.take();
    }

    /** What the page told before is known after it has answered once more; if it is just going, the next one answers. */
    private void settle() {
        for (int tries = 0; tries < MOST_PAGES && !isSettled(); tries++) {
            page.waitForLoadState();
        }
    }

    private boolean isSettled() {
        try {
            page.evaluate(TURN);
            return true;
        } catch (PlaywrightException e) {
            return page.isClosed();
        }
    }

    /** Keeps how it looks when a test fails. */
    void keep(Path file) {
        try {
            page.screenshot(new Page.ScreenshotOptions().setPath(file));
        } catch (PlaywrightException e) {
            // The test has failed already, and that is what is told.
            watch.note("no picture of the failure: " + e.getMessage());
        }
    }

    void close() {
        context.close();
    }
}
