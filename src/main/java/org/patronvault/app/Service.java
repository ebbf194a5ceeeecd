package org.patronvault.app;

import java.util.List;
import org.patronvault.web.WebParts;
import org.patronvault.web.WebServer;
import org.patronvault.web.WebSettings;

/** A vault that serves HTTP until it is closed. */
public final class Service implements AutoCloseable {
    private final VaultInstance vault;
    private final WebServer web;

    private Service(VaultInstance vault, WebServer web) {
        this.vault = vault;
        this.web = web;
    }

    /** Starts to serve; the vault may still be sealed. Closing closes the vault too. */
    public static Service start(VaultInstance vault, WebSettings settings) {
        return new Service(vault, WebServer.start(partsOf(vault), settings));
    }

    /** The use cases of a vault that its HTTP edge calls. */
    public static WebParts partsOf(VaultInstance vault) {
        return new WebParts(
                vault.access(),
                vault.log(),
                vault.patrons(),
                vault.privacy(),
                vault.keyStatus(),
                vault.rotations(),
                vault.seal(),
                vault.slots(),
                vault.destruction(),
                vault.alerts(),
                vault.witnesses(),
                vault.doctor(),
                vault.verification(),
                List::of);
    }

    /** The port it listens on. */
    public int port() {
        return web.port();
    }

    /** The HTTP server. */
    public WebServer web() {
        return web;
    }

    @Override
    public void close() {
        try {
            web.close();
        } finally {
            vault.close();
        }
    }
}
