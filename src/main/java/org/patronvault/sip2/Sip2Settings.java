package org.patronvault.sip2;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where the gateway listens and for whom.
 *
 * @param host an address of this machine; anything but loopback needs TLS
 * @param port 0 for any free one
 * @param tls certificate and key, if the gateway speaks TLS itself
 * @param connections how many there may be at once
 * @param institution what the gateway calls the library where nobody asked in the name of one; may be empty
 */
public record Sip2Settings(
        String host, int port, Optional<Tls> tls, int connections, String institution, List<Sip2Account> accounts) {

    /** PEM files: a certificate chain and its PKCS #8 key. */
    public record Tls(Path certificates, Path key) {}

    public Sip2Settings {
        accounts = List.copyOf(accounts);
    }
}
