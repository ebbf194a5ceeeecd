package org.patronvault.web.page.print;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import org.patronvault.web.page.PageRenderer;

/**
 * Instructions to make desk PCs trust the library's own CA, as a page to print. Self-contained: no script, no picture,
 * nothing from a network.
 *
 * @param name by which desks reach the vault
 * @param port by which they do
 * @param digits that tell the CA from others of its name in a list
 * @param fingerprint of the CA's certificate, SHA-256, as people compare it
 * @param made the page's date, in UTC
 * @param end of the CA, in UTC
 */
public record DeskPcsPage(String name, int port, String digits, String fingerprint, Instant made, Instant end) {
    private static final int HTTPS = 443;

    /** Renders the page as UTF-8. Nothing in it is secret. */
    public byte[] html() {
        return new PageRenderer()
                .render("desk-pcs.jte", Map.of("page", this, "style", PageRenderer.reportStyle()))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The address to type in a browser: an IPv6 address in brackets (RFC 3986, 3.2.2), no default port. */
    public String url() {
        return "https://" + (name.contains(":") ? "[" + name + "]" : name) + (port == HTTPS ? "" : ":" + port);
    }

    public LocalDate day() {
        return LocalDate.ofInstant(made, ZoneOffset.UTC);
    }

    /** The last day of the CA. */
    public LocalDate lastDay() {
        return LocalDate.ofInstant(end, ZoneOffset.UTC);
    }
}
