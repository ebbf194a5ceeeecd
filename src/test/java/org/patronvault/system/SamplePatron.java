package org.patronvault.system;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Made-up patrons as they are written. */
final class SamplePatron {
    private static final int LINES = 10_000;

    private SamplePatron() {}

    /** A complete patron; the number sets card, house number, phone and e-mail apart. */
    static ObjectNode of(int n) {
        ObjectNode patron = JsonNodeFactory.instance.objectNode().put("card", card(n));
        patron.putObject("name")
                .put("family", "O'Sullivan-Ng")
                .put("given", "Katherine")
                .put("preferred", "Kat");
        patron.putObject("address")
                .put("line1", n + " South Elm St")
                .put("city", "New Canaan")
                .put("region", "CT")
                .put("postalCode", "06840")
                .put("country", "US");
        patron.putArray("phone").add(phone(n));
        patron.putArray("email").add("kat" + n + "@example.org");
        patron.put("library", "NC")
                .put("category", "adult")
                .put("expires", "2099-01-31")
                .put("status", "active");
        patron.putObject("consent")
                .put("policy", "2018-05")
                .put("given", "2026-01-15")
                .put("channel", "desk");
        return patron;
    }

    /** One of ten digits, another for each number below 400,000. */
    private static String phone(int n) {
        int exchange = n < LINES ? 555 : 559 + n / LINES;
        return String.format("203-%03d-%04d", exchange, n % LINES);
    }

    /** A 14-digit patron card with its check digit (ISO/IEC 7812-1 annex B). */
    static String card(int n) {
        return card("1234", n);
    }

    /** The same of another library, by its four digits. */
    static String card(String library, int n) {
        String body = String.format("2%s%08d", library, n);
        int total = 0;
        for (int i = 0; i < body.length(); i++) {
            int digit = body.charAt(body.length() - 1 - i) - '0';
            int doubled = digit * 2;
            total += i % 2 == 0 ? doubled - (doubled > 9 ? 9 : 0) : digit;
        }
        return body + (10 - total % 10) % 10;
    }
}
