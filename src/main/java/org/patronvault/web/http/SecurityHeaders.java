package org.patronvault.web.http;

import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.PreEncodedHttpField;

/** The security headers of every answer: pages, API, files, and refusals of unreadable requests. */
public final class SecurityHeaders {
    private final List<HttpField> all = new ArrayList<>();

    /** Creates the headers. Over TLS they tell browsers to stay with TLS. */
    public SecurityHeaders(boolean tls) {
        add(
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                        + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'");
        add("X-Content-Type-Options", "nosniff");
        add("Referrer-Policy", "no-referrer");
        add("Cross-Origin-Opener-Policy", "same-origin");
        add("Cross-Origin-Resource-Policy", "same-origin");
        // Static files that are equal for everybody override it.
        add("Cache-Control", "no-store");
        if (tls) {
            add("Strict-Transport-Security", "max-age=31536000");
        }
    }

    private void add(String name, String value) {
        all.add(new PreEncodedHttpField(name, value));
    }

    /** Puts each header into an answer of Javalin. */
    public void put(Context into) {
        all.forEach(one -> into.header(one.getName(), one.getValue()));
    }

    /** Puts each header into an answer of Jetty. */
    public void put(HttpFields.Mutable into) {
        all.forEach(into::put);
    }
}
