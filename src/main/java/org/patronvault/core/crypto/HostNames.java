package org.patronvault.core.crypto;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** The names of one host: DNS names and addresses, in the order they were given. No name is looked up. */
public final class HostNames {
    private static final int LONGEST = 253;
    private static final Pattern DNS =
            Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-f:]*:[0-9a-f:.]*");

    /** The names of every host for itself. */
    private static final List<String> ITSELF = List.of("localhost", "127.0.0.1", "::1");

    private final String first;
    private final Set<String> dns = new LinkedHashSet<>();
    private final Set<String> addresses = new LinkedHashSet<>();

    private HostNames(String first) {
        this.first = first;
    }

    /**
     * Returns those names, and those of every host for itself.
     *
     * @throws Refused if there is none, or one that is neither a DNS name nor an address
     */
    public static HostNames of(Collection<String> given) {
        if (given.isEmpty()) {
            throw new Refused(Problem.INVALID, "A host has a name at least.");
        }
        HostNames names = new HostNames(given.iterator().next().strip().toLowerCase(Locale.ROOT));
        given.forEach(names::add);
        ITSELF.forEach(names::add);
        return names;
    }

    private void add(String given) {
        String name = given.strip().toLowerCase(Locale.ROOT);
        if (IPV4.matcher(name).matches() || IPV6.matcher(name).matches()) {
            addresses.add(parsed(name).getHostAddress());
        } else if (name.length() <= LONGEST && DNS.matcher(name).matches() && !endsInDigits(name)) {
            dns.add(name);
        } else {
            throw wrong();
        }
    }

    /** An incomplete address would be looked up as a name. */
    private static boolean endsInDigits(String name) {
        return name.substring(name.lastIndexOf('.') + 1).chars().allMatch(Character::isDigit);
    }

    private static InetAddress parsed(String literal) {
        try {
            // A text in the form of an address is parsed, and no server is asked.
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw wrong();
        }
    }

    private static Refused wrong() {
        return new Refused(
                Problem.INVALID,
                "A host's name is one that DNS could know, such as vault.library.lan, or an address, such as"
                        + " 192.168.1.20; without https:// and without a port.");
    }

    /** Returns the name that was given first. */
    public String first() {
        return first;
    }

    /** Returns the DNS names, in lower case. */
    public List<String> dns() {
        return List.copyOf(dns);
    }

    /** Returns the addresses, of 4 or 16 bytes each. */
    public List<byte[]> addresses() {
        List<byte[]> all = new ArrayList<>();
        addresses.forEach(one -> all.add(parsed(one).getAddress()));
        return all;
    }
}
