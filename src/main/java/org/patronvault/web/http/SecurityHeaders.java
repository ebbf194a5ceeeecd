package org.patronvault.web.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** The security headers of every answer: pages, API, files, and refusals of unreadable requests. */
public final class SecurityHeaders {
    private final Map<String, String> all = new LinkedHashMap<>();

    /** Creates the headers. Over TLS they tell browsers to stay with TLS. */
    public SecurityHeaders(boolean tls) {
        all.put(
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                        + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'");
        all.put("X-Content-Type-Options", "nosniff");
        all.put("Referrer-Policy", "no-referrer");
        all.put("Cross-Origin-Opener-Policy", "same-origin");
        all.put("Cross-Origin-Resource-Policy", "same-origin");
        // Static files that are equal for everybody override it.
        all.put("Cache-Control", "no-store");
        if (tls) {
            all.put("Strict-Transport-Security", "max-age=31536000");
        }
    }

    /** Puts each header, by name and value. */
    public void put(BiConsumer<String, String> into) {
        all.forEach(into);
    }
}
