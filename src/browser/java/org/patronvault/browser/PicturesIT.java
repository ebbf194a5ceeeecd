package org.patronvault.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Takes the pictures of pages that README and guides show, light and 1280 px wide, into {@code target/screens/readme}, or where {@code
 * -Dpictures=…} says.
 */
class PicturesIT {
    @RegisterExtension
    static final BrowserVault VAULT = new BrowserVault();

    private static final Path DIRECTORY = Path.of(System.getProperty("pictures", "target/screens/readme"));

    private static final int MORE = 40;

    /** What is taken, one after the other in this order, of one vault. */
    private enum Picture {
        DESK,
        LOG,
        CUSTODY;

        String file() {
            return name().toLowerCase(Locale.ROOT) + ".png";
        }
    }

    @ParameterizedTest
    @EnumSource
    void isTaken(Picture picture) {
        Window window = switch (picture) {
            case DESK -> desk();
            case LOG -> log();
            case CUSTODY -> custody();
        };
        Path file = DIRECTORY.resolve(picture.file());
        Screens.portray(window.page(), file);
        Assertions.assertThat(file).isNotEmptyFile();
    }

    @Test
    void pictureIsShownByTheReadmeOrAGuide() throws IOException {
        StringBuilder texts = new StringBuilder(Files.readString(Path.of("README.md")));
        try (Stream<Path> guides = Files.list(Path.of("src/site/markdown"))) {
            for (Path guide :
                    guides.filter(file -> file.toString().endsWith(".md")).toList()) {
                texts.append(Files.readString(guide));
            }
        }
        Assertions.assertThat(Picture.values())
                .allSatisfy(picture -> Assertions.assertThat(texts).contains("resources/" + picture.file() + ")"));
    }

    /** A patron is open, the telephone revealed. */
    private static Window desk() {
        Desk desk = VAULT.desk("clerk");
        desk.scan(BrowserVault.CARD);
        desk.reveal("phone");
        assertThat(desk.shown("Phone")).containsText("203-555-0143");
        return desk.window();
    }

    /** Verified, after thirty days with three alerts. */
    private static Window log() {
        ThirtyDays.of(VAULT);
        Window window = VAULT.signedIn("officer");
        window.go("/log");
        window.page().getByText("Verify the log").click();
        assertThat(window.page().locator("#verification")).containsText("The log is whole");
        return window;
    }

    /** One key has been rotated, and the others wait for it. */
    private static Window custody() {
        VAULT.vault().clock().advance(Duration.ofDays(12));
        for (int n = 0; n < MORE; n++) {
            VAULT.vault().register("'card':'M" + n + "','name':{'family':'Moore'}");
        }
        Window window = VAULT.signedIn("custodian-1");
        window.go("/custody");
        Page page = window.page();
        page.getByLabel("Key", new Page.GetByLabelOptions().setExact(true)).selectOption("phone");
        page.getByText("Rotate", new Page.GetByTextOptions().setExact(true)).click();
        assertThat(window.status())
                .containsText("done", new LocatorAssertions.ContainsTextOptions().setTimeout(30_000));
        window.go("/custody");
        return window;
    }
}
