package org.patronvault.web;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;

/**
 * How desk PCs are told to trust the library's own CA, as a page to print. Complete in itself: no script, no picture and
 * nothing from a network.
 *
 * @param name by which desks reach the vault
 * @param port at which they do
 * @param digits by which the CA is told from others of its name in a list
 * @param fingerprint of the CA's certificate, SHA-256, as people compare it
 * @param made in this page's date, which is in UTC
 * @param end the CA's, in the same way
 */
public record DeskPcsPage(String name, int port, String digits, String fingerprint, Instant made, Instant end) {
    private static final int HTTPS = 443;

    /** The page, UTF-8. Nothing in it is secret. */
    public byte[] html() {
        return new PageRenderer()
                .render("desk-pcs.jte", Map.of("page", this, "style", PageRenderer.reportStyle()))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** What is typed in a browser; of an address of 16 bytes with brackets (RFC 3986, 3.2.2), and without its usual port. */
    public String url() {
        return "https://" + (name.contains(":") ? "[" + name + "]" : name) + (port == HTTPS ? "" : ":" + port);
    }

    /** The day it was made. */
    public LocalDate day() {
        return LocalDate.ofInstant(made, ZoneOffset.UTC);
    }

    /** The day on which the CA comes to its end. */
    public LocalDate lastDay() {
        return LocalDate.ofInstant(end, ZoneOffset.UTC);
    }
}
