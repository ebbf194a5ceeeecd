package org.patronvault.sip2;

import java.util.List;

/**
 * The settings of the gateway: its address, and its accounts.
 *
 * @param host an address of this machine; anything but loopback needs TLS
 * @param port 0 for any free one
 * @param connections the most connections at once
 * @param institution the gateway's name for the library if the client gave none; may be empty
 */
public record Sip2Settings(String host, int port, int connections, String institution, List<Sip2Account> accounts) {

    public Sip2Settings {
        accounts = List.copyOf(accounts);
    }
}
