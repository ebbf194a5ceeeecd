package org.patronvault.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ViewportSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What axe-core finds wrong with a page by the rules of WCAG 2.2 A and AA and by its own best practice, in light, in
 * dark and on a narrow screen. It is put into the page from outside, so the page's content security policy neither lets
 * it in nor is bent.
 */
public final class Axe {
    private static final String SCRIPT = script();

    private static final String RUN = """
            async (only) => {
              const colours = ["color-contrast", "link-in-text-block"];
              const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
              const found = await axe.run(document, {
                runOnly: only === "colours" ? { type: "rule", values: colours } : { type: "tag", values: tags },
                rules: {
                  "target-size": { enabled: true },
                  ...Object.fromEntries(only === "shapes" ? colours.map((rule) => [rule, { enabled: false }]) : []),
                },
                resultTypes: ["violations"],
              });
              return found.violations.flatMap((rule) => rule.nodes.map((node) =>
                [`${rule.id} (${rule.impact}) at ${node.target.join(" ")}`, node.failureSummary, rule.helpUrl, node.html]
                  .join("\\n")));
            }
            """;

    private Axe() {}

    /**
     * Fails with rule, selector and cure of each violation in the page as it is now, or 320 px wide. The dark differs
     * in colours alone, and the narrow in everything else, so no rule is run twice for the same.
     */
    public static void check(Page page) {
        ViewportSize before = page.viewportSize();
        try {
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
            run(page, "dark", "colours");
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
            run(page, "light", "everything");
            page.setViewportSize(Screens.NARROW, before.height);
            run(page, "320 px wide", "shapes");
        } finally {
            page.setViewportSize(before.width, before.height);
        }
    }

    private static void run(Page page, String how, String only) {
        if (!Boolean.TRUE.equals(page.evaluate("'axe' in window"))) {
            page.evaluate(SCRIPT);
        }
        List<?> violations = (List<?>) page.evaluate(RUN, only);
        assertThat(violations)
                .as("what axe finds on " + page.url() + ", " + how)
                .isEmpty();
    }

    private static String script() {
        try (InputStream in = Axe.class.getResourceAsStream("/axe.min.js")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
