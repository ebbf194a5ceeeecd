package org.patronvault.upkeep;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.patronvault.model.Refused;

/** What the doctor says of where the vault can be reached, as far as vault.yaml says it. */
public final class AddressLook {
    private static final String CURE =
            ", which the certificate does not name, so their browsers would refuse it. Have it made for that name too, name"
                    + " a proxy of yours in http.proxies, or the certificate in use in vault.yaml.";

    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1");

    /**
     * What vault.yaml says.
     *
     * @param host where the server listens
     * @param port on which; 0 for any
     * @param publicPort on which the pages for the public are served too, if they are; 0 for any
     * @param clear whether a server listens there without TLS; as far as files say it, none does
     * @param publicUrl where patrons reach the public pages
     * @param deskUrl where a provider sends staff back to, if they sign on so
     * @param certified the names in the certificate that the vault itself speaks TLS with, in small letters; empty without
     *     one, as far as files say it: an option of {@code serve} may name another
     * @param proxied whether a proxy stands before it, which has a certificate and a port of its own
     * @param sip2Host where the SIP2 gateway listens; empty without one
     * @param sip2Tls whether it speaks TLS
     */
    public record Said(
            String host,
            int port,
            OptionalInt publicPort,
            boolean clear,
            Optional<String> publicUrl,
            Optional<URI> deskUrl,
            Optional<Set<String>> certified,
            boolean proxied,
            Optional<String> sip2Host,
            boolean sip2Tls) {}

    private final Supplier<Said> said;

    /**
     * Looks at nothing yet.
     *
     * @param said reads vault.yaml and the certificate, and throws Refused if they are wrong
     */
    public AddressLook(Supplier<Said> said) {
        this.said = said;
    }

    List<Doctor.Line> look() {
        try {
            return lines(said.get());
        } catch (Refused e) {
            // The lines of the settings, or of tls, say it.
            return List.of();
        }
    }

    static List<Doctor.Line> lines(Said said) {
        List<Doctor.Line> lines = new ArrayList<>();
        if (!LOOPBACK.contains(said.host()) && said.clear()) {
            lines.add(new Doctor.Line(
                    "address",
                    Doctor.Verdict.WRONG,
                    "The vault listens to the network without TLS (--behind-proxy), so that passwords and names pass in clear:"
                            + " take http.host out of vault.yaml, and --host from the options, where the proxy is on this"
                            + " machine. Only a line that nobody but the proxy is on may be so."));
        } else if (!LOOPBACK.contains(said.host()) && said.certified().isEmpty() && !said.proxied()) {
            lines.add(
                    new Doctor.Line(
                            "address",
                            Doctor.Verdict.NOTE,
                            "http.host is not this machine alone, and no certificate is named: unless `serve` has --tls-cert or"
                                    + " --behind-proxy, it does not start. Run `tls init`, or name your proxy in http.proxies."));
        }
        if (LOOPBACK.contains(said.host()) && said.certified().isPresent() && !said.proxied()) {
            lines.add(new Doctor.Line(
                    "address",
                    Doctor.Verdict.NOTE,
                    "A certificate is named, but http.host is this machine alone, so no desk PC gets in: write http: {host:"
                            + " 0.0.0.0} into vault.yaml, unless `serve` has --host, and start the service anew."));
        }
        said.publicUrl()
                .map(URI::create)
                .ifPresent(url -> lines.addAll(led(
                        said,
                        url,
                        IntStream.concat(IntStream.of(said.port()), said.publicPort().stream()),
                        "public-url",
                        "Links in mails lead patrons to %s (http.publicUrl)")));
        said.deskUrl()
                .ifPresent(url -> lines.addAll(
                        led(said, url, IntStream.of(said.port()), "sign-on", "Staff who sign on are sent back to %s")));
        said.sip2Host()
                .filter(host -> !LOOPBACK.contains(host) && !said.sip2Tls())
                .ifPresent(host -> lines.add(new Doctor.Line(
                        "sip2",
                        Doctor.Verdict.WRONG,
                        "sip2.host is not this machine alone, and without TLS cards and PINs would pass in clear: name"
                                + " sip2.tlsCert and sip2.tlsKey, or listen on 127.0.0.1 behind stunnel. The service does"
                                + " not start like this.")));
        return lines;
    }

    /** The lines of an address to which somebody is led, and where one of those ports has to answer. */
    private static List<Doctor.Line> led(Said said, URI url, IntStream ports, String check, String leads) {
        return Stream.of(unnamed(said, url, check, leads), elsewhere(said, url, ports, check, leads))
                .flatMap(Optional::stream)
                .toList();
    }

    /** The line of an address at whose port nothing of the vault listens. */
    private static Optional<Doctor.Line> elsewhere(Said said, URI url, IntStream ports, String check, String leads) {
        int ofScheme = "http".equalsIgnoreCase(url.getScheme()) ? 80 : 443;
        int port = url.getPort() < 0 ? ofScheme : url.getPort();
        if (said.proxied() || ports.anyMatch(listens -> listens == port || listens == 0)) {
            return Optional.empty();
        }
        return Optional.of(new Doctor.Line(
                check,
                Doctor.Verdict.NOTE,
                String.format(leads, "port " + port + " of " + url.getHost()) + ", and the vault listens on "
                        + said.port()
                        + ": write the port into the address, as in " + url.getScheme() + "://" + url.getHost() + ":"
                        + said.port()
                        + ", or name a proxy of yours in http.proxies. Where a router or firewall leads " + port
                        + " there it is as it should be."));
    }

    /** The line of an address that the certificate does not name. */
    private static Optional<Doctor.Line> unnamed(Said said, URI url, String check, String leads) {
        // An address in brackets is written in another way in a certificate, and is nobody's public one.
        return Optional.ofNullable(url.getHost())
                .map(host -> host.toLowerCase(Locale.ROOT))
                .filter(host -> !said.proxied() && !host.startsWith("["))
                .filter(host ->
                        said.certified().filter(names -> !isNamed(names, host)).isPresent())
                .map(host -> new Doctor.Line(check, Doctor.Verdict.NOTE, String.format(leads, host) + CURE));
    }

    /** Whether a certificate of those names is good for that host, all in small letters. */
    public static boolean isNamed(Set<String> certified, String host) {
        int dot = host.indexOf('.');
        return certified.contains(host) || (dot > 0 && certified.contains("*" + host.substring(dot)));
    }
}
