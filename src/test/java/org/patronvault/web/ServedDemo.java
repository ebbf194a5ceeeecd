package org.patronvault.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.patronvault.access.QuickAccess;
import org.patronvault.app.DemoHome;
import org.patronvault.app.Service;
import org.patronvault.app.VaultInstance;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/** The demonstration's vault and its people, served over HTTP while the tests of a class run. */
public final class ServedDemo implements BeforeAllCallback, AfterAllCallback {
    private Path directory;
    private VaultInstance vault;
    private WebServer server;

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        directory = Files.createTempDirectory("patron-vault-demo");
        vault = DemoHome.create(directory.resolve("home"), Clock.systemUTC(), why -> {});
        QuickAccess.lessen(vault, Clock.systemUTC(), DemoHome.users(), DemoHome::passwordOf);
        server = WebServer.start(
                Service.partsOf(vault),
                new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.empty(), Proxies.NONE));
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        server.close();
        vault.close();
        try (Stream<Path> all = Files.walk(directory)) {
            all.sorted(Comparator.reverseOrder()).forEach(ServedDemo::delete);
        }
    }

    private static void delete(Path path) {
        try {
            Files.delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public VaultInstance vault() {
        return vault;
    }

    /** Returns a browser without a session. */
    public Browser browser() {
        return new Browser(server.port());
    }
}
