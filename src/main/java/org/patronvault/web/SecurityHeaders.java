package org.patronvault.web;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** What every answer says to a browser, whoever makes it: a page, the interface, a file, the refusal of what is no request. */
final class SecurityHeaders {
    private final Map<String, String> all = new LinkedHashMap<>();

    /** Over TLS browsers are told to stay with it. */
    SecurityHeaders(boolean tls) {
        all.put(
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                        + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'");
        all.put("X-Content-Type-Options", "nosniff");
        all.put("Referrer-Policy", "no-referrer");
        all.put("Cross-Origin-Opener-Policy", "same-origin");
        all.put("Cross-Origin-Resource-Policy", "same-origin");
        // Files that are the same for everybody say otherwise.
        all.put("Cache-Control", "no-store");
        if (tls) {
            all.put("Strict-Transport-Security", "max-age=31536000");
        }
    }

    /** Puts each, by name and value. */
    void put(BiConsumer<String, String> into) {
        all.forEach(into);
    }
}
