package org.patronvault.web;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jetty.util.InetAddressSet;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * The proxies whose {@code X-Forwarded-For} is believed. Addresses are read as numbers and never resolved: a name in
 * the header would otherwise make the vault ask the network.
 */
public final class Proxies {
    /** Believes nobody. */
    public static final Proxies NONE = new Proxies(List.of());

    /** No number above 255: the JDK takes such a text for a name, and asks the network for it. */
    private static final String BYTE = "(25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})";

    private static final Pattern IPV4 = Pattern.compile(BYTE + "(\\." + BYTE + "){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F.]*:[0-9a-fA-F:.]*");

    /** A network with more addresses than 2 to this has more than proxies in it. */
    private static final int FEW_BITS = 4;

    private final InetAddressSet trusted = new InetAddressSet();
    private final boolean many;

    /**
     * Believes these.
     *
     * @param networks addresses, or networks such as {@code 10.0.0.5} or {@code 10.0.5.0/28}
     * @throws Refused if one is neither
     */
    public Proxies(List<String> networks) {
        for (String network : networks) {
            if (literal(network.split("/", 2)[0]).isEmpty()) {
                throw malformed();
            }
            try {
                trusted.add(network);
            } catch (IllegalArgumentException e) {
                throw malformed();
            }
        }
        this.many = networks.stream().anyMatch(Proxies::isOfMany);
    }

    /** Of one that was read. */
    private static boolean isOfMany(String network) {
        int slash = network.indexOf('/');
        int bits = network.contains(":") ? 128 : 32;
        return slash >= 0 && bits - Integer.parseInt(network.substring(slash + 1)) > FEW_BITS;
    }

    private static Refused malformed() {
        return new Refused(
                Problem.INVALID,
                "vault.yaml must give http.proxies as addresses or networks, such as 10.0.0.5 or 10.0.5.0/28 (no bits beyond the"
                        + " prefix).");
    }

    /** Whether a network of more than sixteen addresses is believed. */
    public boolean areMany() {
        return many;
    }

    /** Whether nobody is believed. */
    public boolean isEmpty() {
        return trusted.isEmpty();
    }

    /**
     * The address a call came from: the peer's, or, where that is a proxy of ours, the last one in {@code forwarded}
     * that is none. A header that cannot be read says nothing, and the peer counts.
     *
     * @param forwarded every X-Forwarded-For header, in order
     */
    String caller(String peer, List<String> forwarded) {
        Optional<InetAddress> hop = literal(peer);
        if (hop.isEmpty() || !trusted.test(hop.get())) {
            return hop.map(InetAddress::getHostAddress).orElse(peer);
        }
        String[] hops = String.join(",", forwarded).split(",", -1);
        for (int i = hops.length - 1; i >= 0 && trusted.test(hop.get()); i--) {
            hop = literal(hops[i].strip());
            if (hop.isEmpty()) {
                return peer;
            }
        }
        return hop.get().getHostAddress();
    }

    /** What that text is as an address; empty if it is none. Equal addresses are equal, however they are written. */
    static Optional<InetAddress> literal(String written) {
        boolean bracketed = written.startsWith("[") && written.endsWith("]");
        String text = bracketed ? written.substring(1, written.length() - 1) : written;
        if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            // Of the two forms the JDK resolves neither (InetAddress.getByName).
            return Optional.of(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }
}
