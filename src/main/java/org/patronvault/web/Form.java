package org.patronvault.web;

import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * What a page's form sends, {@code application/x-www-form-urlencoded} in UTF-8 (WHATWG URL, section 5). Budgets: 64 KiB
 * a body, {@value #MAX_FIELDS} fields, {@value #MAX_TEXT} characters a text. Prints {@code [REDACTED]}.
 */
final class Form {
    private static final String MEDIA_TYPE = "application/x-www-form-urlencoded";
    private static final int MAX_FIELDS = 64;
    private static final int MAX_TEXT = 16_384;

    private final Map<String, String> texts;

    private Form(Map<String, String> texts) {
        this.texts = Map.copyOf(texts);
    }

    /**
     * Reads the body.
     *
     * @throws Refused {@code body-too-large}, or {@code malformed} if it is no form or names a field twice
     */
    static Form of(Context ctx) {
        if (!RequestReader.mediaType(ctx).equals(MEDIA_TYPE)) {
            throw malformed();
        }
        return parse(new String(RequestReader.bytes(ctx), StandardCharsets.UTF_8));
    }

    static Form parse(String body) {
        Map<String, String> texts = new HashMap<>();
        for (String pair : body.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
            String text = equals < 0 ? "" : decoded(pair.substring(equals + 1));
            boolean again = texts.put(name, text) != null;
            if (again || texts.size() > MAX_FIELDS || text.length() > MAX_TEXT) {
                throw malformed();
            }
        }
        return new Form(texts);
    }

    private static String decoded(String text) {
        return RequestReader.decoded(text).orElseThrow(Form::malformed);
    }

    private static Refused malformed() {
        return new Refused(Problem.MALFORMED, "The form cannot be read; load the page again.");
    }

    /** What was typed or chosen; empty text for a field that was not sent. */
    String text(String name) {
        return texts.getOrDefault(name, "");
    }

    /** The same, where blank counts as not filled in. */
    Optional<String> filled(String name) {
        return Optional.of(text(name)).filter(text -> !text.isBlank());
    }

    /** What was chosen of boxes with one name before a dot, such as {@code role.page}; by name. */
    List<String> chosen(String group) {
        return texts.keySet().stream()
                .filter(name -> name.startsWith(group + "."))
                .map(name -> name.substring(group.length() + 1))
                .sorted()
                .toList();
    }

    /** All that was typed or chosen, by the names of the fields. */
    Map<String, String> texts() {
        return texts;
    }

    /** Stands for all of it. */
    String fingerprint() {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(new TreeMap<>(texts).toString().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
