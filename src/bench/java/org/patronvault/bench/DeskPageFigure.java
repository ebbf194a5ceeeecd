package org.patronvault.bench;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The desk as a browser shows it. What drives the browser comes with the profile {@code browser} alone. */
final class DeskPageFigure implements Figure {
    private static final String DRIVER = "com.microsoft.playwright.Playwright";
    private static final String IN_BROWSER = "org.patronvault.bench.DeskInBrowser";

    @Override
    public String name() {
        return "desk-page";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        Optional<Figure> inBrowser = inBrowser();
        if (inBrowser.isEmpty()) {
            Bench.tell("no figures of the desk in a browser: they need the profile browser too, -Pbench,browser");
            return List.of();
        }
        return inBrowser.get().measure(rig);
    }

    private static Optional<Figure> inBrowser() {
        try {
            // Asked for first: the figure may lie there from an earlier build.
            Class.forName(DRIVER);
            return Optional.of(Class.forName(IN_BROWSER)
                    .asSubclass(Figure.class)
                    .getDeclaredConstructor()
                    .newInstance());
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
