package org.patronvault.web;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Where and how to listen.
 *
 * @param port 0 for any free one
 * @param tls certificate and key; empty for plain HTTP
 * @param behindProxy whether a proxy of ours ends TLS
 * @param publicPort where the pages for the public, and nothing else, are served too; 0 for any free port
 * @param proxies whose X-Forwarded-For is believed
 * @param hosts the host names that {@code vault.yaml} gives the vault, beside {@code host}, loopback and the names of the
 *     certificate
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

    /** Settings without host names of {@code vault.yaml}. */
    public WebSettings(
            String host,
            int port,
            Optional<ServerTls> tls,
            boolean behindProxy,
            OptionalInt publicPort,
            Proxies proxies) {
        this(host, port, tls, behindProxy, publicPort, proxies, Set.of());
    }

    /** Whether a peer on this machine may speak for somebody elsewhere. */
    boolean isProxied() {
        return behindProxy || !proxies.isEmpty();
    }
}
