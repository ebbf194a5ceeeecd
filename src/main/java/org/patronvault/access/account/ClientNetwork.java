package org.patronvault.access.account;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;

/** The address (IPv6: /64) a failed attempt is counted against. */
public final class ClientNetwork {
    private static final int IPV6_BYTES = 16;

    private ClientNetwork() {}

    /**
     * Returns the IPv4 address, or the first 64 bits of an IPv6 address: one machine chooses the others (RFC 4291,
     * 2.5.4).
     */
    public static String of(String address) {
        if (!address.contains(":")) {
            return address;
        }
        try {
            byte[] bytes = InetAddress.getByName(address).getAddress();
            return bytes.length == IPV6_BYTES
                    ? HexFormat.of().formatHex(bytes, 0, IPV6_BYTES / 2) + "::/64"
                    : InetAddress.getByAddress(bytes).getHostAddress();
        } catch (UnknownHostException e) {
            // A text with a colon starts no name look-up; it is no valid address.
            return address;
        }
    }
}
