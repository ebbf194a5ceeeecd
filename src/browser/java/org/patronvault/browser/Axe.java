package org.patronvault.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What axe-core finds wrong with a page by the rules of WCAG 2.2 A and AA and by its own best practice, in light and in
 * dark. It is put into the page from outside, so the page's content security policy neither lets it in nor is bent.
 */
public final class Axe {
    private static final String SCRIPT = script();

    private static final String RUN = """
            async () => {
              const found = await axe.run(document, {
                runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
                rules: { "target-size": { enabled: true } },
                resultTypes: ["violations"],
              });
              return found.violations.flatMap((rule) => rule.nodes.map((node) =>
                `${rule.id} (${rule.impact}) at ${node.target.join(" ")}\\n${node.failureSummary}\\n${rule.helpUrl}\\n${node.html}`));
            }
            """;

    private Axe() {}

    /** Fails with rule, selector and cure of each violation in the page as it is now. */
    public static void check(Page page) {
        for (ColorScheme scheme : List.of(ColorScheme.DARK, ColorScheme.LIGHT)) {
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
            if (!Boolean.TRUE.equals(page.evaluate("'axe' in window"))) {
                page.evaluate(SCRIPT);
            }
            List<?> violations = (List<?>) page.evaluate(RUN);
            assertThat(violations)
                    .as("what axe finds on " + page.url() + ", " + scheme)
                    .isEmpty();
        }
    }

    private static String script() {
        try (InputStream in = Axe.class.getResourceAsStream("/axe.min.js")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
