package org.patronvault.web;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where and how to listen.
 *
 * @param port 0 for any free one
 * @param tls certificate and key; empty for plain HTTP
 * @param behindProxy whether a proxy of ours ends TLS
 * @param publicPort where the pages for the public, and nothing else, are served too; 0 for any free port
 * @param proxies whose X-Forwarded-For is believed
 */
public record WebSettings(
        String host, int port, Optional<ServerTls> tls, boolean behindProxy, OptionalInt publicPort, Proxies proxies) {

    /** Whether a peer on this machine may speak for somebody elsewhere. */
    boolean isProxied() {
        return behindProxy || !proxies.isEmpty();
    }
}
