package org.patronvault.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.patronvault.testing.Skips;

/**
 * A browser, the one of all tests of this JVM: the system's own Chromium, without a window. Nothing is downloaded. To be
 * used by the thread that began it alone, as everything of Playwright.
 */
public final class Chromium implements AutoCloseable {
    private static final List<Path> PROGRAMS = List.of(
            Path.of("/usr/bin/chromium"), Path.of("/usr/bin/chromium-browser"), Path.of("/usr/bin/google-chrome"));
    private static final Map<String, String> NO_DOWNLOAD = Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");

    /** What is said where there is none. */
    public static final String MISSING = "chromium is not installed";

    private final Playwright playwright;
    private final Browser browser;

    private Chromium(Path program) {
        PlaywrightAssertions.setDefaultAssertionTimeout(Window.PATIENCE_MILLIS);
        this.playwright = Playwright.create(new Playwright.CreateOptions().setEnv(NO_DOWNLOAD));
        this.browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(program)
                        // It may be root who runs the tests, and Chromium's sandbox refuses root.
                        .setArgs(List.of("--no-sandbox")));
    }

    /** Where it is installed, if it is. */
    public static Optional<Path> program() {
        return PROGRAMS.stream().filter(Files::isExecutable).findFirst();
    }

    /** One of its own, for who measures. */
    public static Chromium start() {
        return new Chromium(program().orElseThrow());
    }

    /** What Playwright knows of it. */
    public Browser browser() {
        return browser;
    }

    /** The browser, begun if need be; skips where no Chromium is installed. */
    static Browser of(ExtensionContext context) {
        Skips.unless(program().isPresent(), MISSING);
        return context.getStore(StoreScope.LAUNCHER_SESSION, Namespace.create(Chromium.class))
                .computeIfAbsent(Chromium.class, key -> start(), Chromium.class)
                .browser;
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
