package org.patronvault.web.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jetty.util.InetAddressSet;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The trusted proxies, whose {@code X-Forwarded-For} counts. Addresses are parsed as numbers and never resolved: a name
 * in the header would make the vault query DNS.
 */
public final class Proxies {
    /** Trusts no proxy. */
    public static final Proxies NONE = new Proxies(List.of());

    /** No number above 255: the JDK would take the text for a name and query DNS. */
    private static final String BYTE = "(25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})";

    private static final Pattern IPV4 = Pattern.compile(BYTE + "(\\." + BYTE + "){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F.]*:[0-9a-fA-F:.]*");

    /** A network of more than 2 to this power addresses holds more than proxies. */
    private static final int FEW_BITS = 4;

    private final InetAddressSet trusted = new InetAddressSet();
    private final boolean many;

    /**
     * Trusts {@code networks}.
     *
     * @param networks addresses or networks, such as {@code 10.0.0.5} or {@code 10.0.5.0/28}
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

    /** Whether a valid network is large. */
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

    /** Whether a network of more than sixteen addresses is trusted. */
    public boolean areMany() {
        return many;
    }

    /** Whether no proxy is trusted. */
    public boolean isEmpty() {
        return trusted.isEmpty();
    }

    /** Returns a request's client address, which is the proxies' word for it behind a trusted one. */
    String caller(ReceivedRequest request) {
        return caller(request.peer(), request.headers("X-Forwarded-For"));
    }

    /**
     * Returns a request's client address. It is the peer's, or, behind a trusted proxy, the last address in {@code
     * forwarded} that is no proxy. An unreadable header is ignored, and the peer counts.
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

    /** Parses an address, or returns empty if the text is none. Spellings of one address give equal results. */
    static Optional<InetAddress> literal(String written) {
        boolean bracketed = written.startsWith("[") && written.endsWith("]");
        String text = bracketed ? written.substring(1, written.length() - 1) : written;
        if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            // The JDK resolves neither form (InetAddress.getByName).
            return Optional.of(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }
}
