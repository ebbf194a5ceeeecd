package org.patronvault.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.Optional;
import java.util.Set;

/** Where patrons reach the public pages: it stands in mails, so it is with TLS, but for a try on this machine. */
final class PublicUrl {
    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1");

    private PublicUrl() {}

    /** Without a slash at its end; empty if nobody says. */
    static Optional<String> read(JsonNode http) {
        return Settings.text(http, "publicUrl").map(url -> address(url, "http.publicUrl"));
    }

    /** The same of what a setting of that name says. */
    static String address(String text, String name) {
        URI url = Settings.webAddress(text, name);
        boolean isBare = Set.of("", "/").contains(url.getPath()) && url.getQuery() == null && url.getFragment() == null;
        if (!isBare || !(THIS_MACHINE.contains(url.getHost()) || "https".equalsIgnoreCase(url.getScheme()))) {
            throw Settings.wrong("must give " + name + " as https and a host alone, such as https://vault.example.org");
        }
        return url.toString().replaceFirst("/$", "");
    }
}
