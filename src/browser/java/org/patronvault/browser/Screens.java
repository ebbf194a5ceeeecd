package org.patronvault.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ViewportSize;
import java.nio.file.Path;

/** How a page looks, kept for people to look at: {@code target/screens/NAME-light.png}, {@code -dark}, {@code -320}. */
public final class Screens {
    private static final Path DIRECTORY = Path.of("target/screens");
    static final int NARROW = 320;
    private static final int MOST_HEIGHT = 6_000;

    private Screens() {}

    /**
     * Takes the page as it is now, light, dark and 320 px wide. Fails if at 320 px anything but what scrolls by itself
     * has to be scrolled sideways (WCAG 1.4.10).
     */
    public static void take(Page page, String name) {
        ViewportSize before = page.viewportSize();
        try {
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
            shoot(page, name + "-dark", before.width);
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
            shoot(page, name + "-light", before.width);
            page.setViewportSize(NARROW, before.height);
            shoot(page, name + "-320", NARROW);
            assertThat(page.evaluate("document.scrollingElement.scrollWidth"))
                    .as("width of " + name + " at 320 px")
                    .isEqualTo(NARROW);
        } finally {
            page.setViewportSize(before.width, before.height);
        }
    }

    /** Takes the whole page as it is now, light and with no pointer over it, into that file. */
    static void portray(Page page, Path file) {
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
        page.mouse().move(0, 0);
        shoot(page, file, page.viewportSize().width);
    }

    private static void shoot(Page page, String name, int width) {
        shoot(page, DIRECTORY.resolve(name + ".png"), width);
    }

    private static void shoot(Page page, Path file, int width) {
        int height = ((Number) page.evaluate("document.scrollingElement.scrollHeight")).intValue();
        ViewportSize before = page.viewportSize();
        page.setViewportSize(width, Math.max(before.height, Math.min(height, MOST_HEIGHT)));
        page.screenshot(new Page.ScreenshotOptions().setPath(file));
        page.setViewportSize(width, before.height);
    }
}
