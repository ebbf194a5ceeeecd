package org.patronvault.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;

/** Somebody who has no pointer. */
public final class Keys {
    private static final int MOST_STOPS = 60;

    /**
     * Whether what has the focus is on the screen and shows that it has it; between end and beginning
     * nothing has, and in a date Chromium marks one of its parts.
     */
    private static final String IS_SEEN = """
            () => {
              const at = document.activeElement;
              if (at === document.body || at.type?.startsWith("date")) {
                return true;
              }
              const box = at.getBoundingClientRect();
              const style = getComputedStyle(at);
              return box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight
                && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
            }
            """;

    private Keys() {}

    /** Tabs on until {@code target} has the focus; fails if it cannot be reached, or the focus is ever out of sight. */
    public static void tabTo(Page page, Locator target) {
        for (int stop = 0; stop < MOST_STOPS; stop++) {
            if (has(target)) {
                return;
            }
            page.keyboard().press("Tab");
            assertThat(page.evaluate(IS_SEEN))
                    .as("focus is seen on " + page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
                    .isEqualTo(true);
        }
        throw new AssertionError("no key leads to " + target);
    }

    /** Tabs to it and presses Enter. */
    public static void press(Page page, Locator target) {
        tabTo(page, target);
        page.keyboard().press("Enter");
    }

    private static boolean has(Locator target) {
        return Boolean.TRUE.equals(target.evaluate("element => element === document.activeElement"));
    }
}
