package org.patronvault.upkeep.doctor;

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
import org.patronvault.core.model.Refused;

/** The doctor's check of the vault's addresses in vault.yaml. */
public final class AddressLook implements Doctor.Look {
    private static final String CURE =
            ", which the certificate does not name, so their browsers would refuse it. Have it made for that name too, name"
                    + " a proxy of yours in http.proxies, or the certificate in use in vault.yaml.";

    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1");

    /**
     * The addresses in vault.yaml.
     *
     * @param host on which the server listens
     * @param port of the server, 0 for any
     * @param publicPort of the public pages, if they have one, 0 for any
     * @param clear whether a server listens there without TLS. Files alone never say so.
     * @param publicUrl the address of the public pages for patrons
     * @param deskUrl the address to which a provider returns staff after sign-on
     * @param certified names in the vault's own certificate, in lower case. Empty if files name no certificate. An
     *     option of {@code serve} may name another.
     * @param proxied whether a proxy with its own certificate and port is in front
     * @param sip2Host on which the SIP2 gateway listens, or empty
     * @param sip2Tls whether the gateway uses TLS
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
     * Creates the check.
     *
     * @param said reads vault.yaml and the certificate, and throws Refused if they are wrong
     */
    public AddressLook(Supplier<Said> said) {
        this.said = said;
    }

    @Override
    public List<Doctor.Line> look() {
        try {
            return lines(said.get());
        } catch (Refused e) {
            // The lines of the settings or of TLS report it.
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

    /** Returns the lines of a published address, and of the ports that must answer at it. */
    private static List<Doctor.Line> led(Said said, URI url, IntStream ports, String check, String leads) {
        return Stream.of(unnamed(said, url, check, leads), elsewhere(said, url, ports, check, leads))
                .flatMap(Optional::stream)
                .toList();
    }

    /** Returns the line of an address whose port is not the vault's. */
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

    /** Returns the line of an address that the certificate does not name. */
    private static Optional<Doctor.Line> unnamed(Said said, URI url, String check, String leads) {
        // Certificates spell a bracketed address in another way, and it is nobody's public address.
        return Optional.ofNullable(url.getHost())
                .map(host -> host.toLowerCase(Locale.ROOT))
                .filter(host -> !said.proxied() && !host.startsWith("["))
                .filter(host ->
                        said.certified().filter(names -> !isNamed(names, host)).isPresent())
                .map(host -> new Doctor.Line(check, Doctor.Verdict.NOTE, String.format(leads, host) + CURE));
    }

    /** Whether a certificate with those names is valid for the host, all in lower case. */
    public static boolean isNamed(Set<String> certified, String host) {
        int dot = host.indexOf('.');
        return certified.contains(host) || (dot > 0 && certified.contains("*" + host.substring(dot)));
    }
}
