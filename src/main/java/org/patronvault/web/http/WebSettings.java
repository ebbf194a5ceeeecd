package org.patronvault.web.http;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The settings of the HTTP server: addresses, TLS and proxies.
 *
 * @param port 0 for any free port
 * @param tls certificate and key, or empty for plain HTTP
 * @param behindProxy whether our own proxy ends TLS
 * @param publicPort port of a second listener with only the public pages, 0 for any free port
 * @param proxies whose X-Forwarded-For is trusted
 * @param hosts the vault's host names in {@code vault.yaml}, beside {@code host}, loopback and the certificate's names
 */
public record WebSettings(
        String host,
        int port,
        Optional<ServerTls> tls,
        boolean behindProxy,
        OptionalInt publicPort,
        Proxies proxies,
        Set<String> hosts) {

    public WebSettings {
        hosts = Set.copyOf(hosts);
    }

    /** Creates settings without host names from {@code vault.yaml}. */
    public WebSettings(
            String host,
            int port,
            Optional<ServerTls> tls,
            boolean behindProxy,
            OptionalInt publicPort,
            Proxies proxies) {
        this(host, port, tls, behindProxy, publicPort, proxies, Set.of());
    }

    /** Whether a peer on this machine may speak for a remote client. */
    public boolean isProxied() {
        return behindProxy || !proxies.isEmpty();
    }
}
