package org.patronvault.access;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;

/** Whom wrong tries are counted for. */
public final class ClientNetwork {
    private static final int IPV6_BYTES = 16;

    private ClientNetwork() {}

    /** The address; of an IPv6 address the first 64 bits: the others are for one machine to choose (RFC 4291, 2.5.4). */
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
            // With a colon in it nobody was asked, and it is none.
            return address;
        }
    }
}
