package org.patronvault.sip2;

import java.util.List;

/**
 * Where the gateway listens and for whom.
 *
 * @param host an address of this machine; anything but loopback needs TLS
 * @param port 0 for any free one
 * @param connections how many there may be at once
 * @param institution what the gateway calls the library where nobody asked in the name of one; may be empty
 */
public record Sip2Settings(String host, int port, int connections, String institution, List<Sip2Account> accounts) {

    public Sip2Settings {
        accounts = List.copyOf(accounts);
    }
}
