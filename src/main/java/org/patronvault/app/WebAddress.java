package org.patronvault.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.patronvault.access.signon.OpenIdSettings;
import org.patronvault.core.crypto.HostNames;
import org.patronvault.core.model.Refused;

/** The web addresses in {@code vault.yaml}: of other systems, and of the vault. */
final class WebAddress {
    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1");

    private WebAddress() {}

    /** Parses the http or https address of the setting {@code name}. */
    static URI of(String text, String name) {
        try {
            URI url = new URI(text);
            boolean web = "https".equalsIgnoreCase(url.getScheme()) || "http".equalsIgnoreCase(url.getScheme());
            if (web && url.getHost() != null && url.getUserInfo() == null) {
                return url;
            }
        } catch (URISyntaxException e) {
            // The message below reports it without the address.
        }
        throw Settings.wrong("must give " + name + " as an http or https address without user and password");
    }

    /**
     * Parses an address of the vault, without a final slash. Mails contain it, so it must be https except on this
     * machine.
     */
    static String ofVault(String text, String name) {
        URI url = of(text, name);
        boolean isBare = Set.of("", "/").contains(url.getPath()) && url.getQuery() == null && url.getFragment() == null;
        if (!isBare || !(THIS_MACHINE.contains(url.getHost()) || "https".equalsIgnoreCase(url.getScheme()))) {
            throw Settings.wrong("must give " + name + " as https and a host alone, such as https://vault.example.org");
        }
        return url.toString().replaceFirst("/$", "");
    }

    /** The address of the public pages for patrons, or empty. */
    static Optional<String> publicUrl(JsonNode http) {
        return Settings.text(http, "publicUrl").map(url -> ofVault(url, "http.publicUrl"));
    }

    /** The vault's host names: {@code http.hosts}, and those of its two addresses. */
    static Set<String> hosts(JsonNode http, Optional<String> publicUrl, Optional<OpenIdSettings> signOn) {
        Set<String> hosts = new HashSet<>();
        Settings.texts(http.path("hosts"), "http.hosts").forEach(host -> hosts.add(host(host)));
        publicUrl.map(url -> URI.create(url).getHost()).ifPresent(hosts::add);
        signOn.map(provider -> provider.callback().getHost()).ifPresent(hosts::add);
        return hosts;
    }

    private static String host(String text) {
        try {
            return HostNames.of(Set.of(text)).first();
        } catch (Refused e) {
            throw Settings.wrong(
                    "must give http.hosts as a list of host names, such as [vault.example.org], without https://"
                            + " and without a port");
        }
    }
}
