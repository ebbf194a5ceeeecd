package org.patronvault.web.page;

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
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.web.http.ReceivedRequest;
import org.patronvault.web.http.RequestReader;

/**
 * A posted form, {@code application/x-www-form-urlencoded} in UTF-8 (WHATWG URL, section 5). Limits: 64 KiB a body,
 * {@value #MAX_FIELDS} fields, {@value #MAX_TEXT} characters a text. Prints {@code [REDACTED]}.
 */
public final class Form {
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
    public static Form of(Context ctx) {
        if (!RequestReader.mediaType(ReceivedRequest.of(ctx)).equals(MEDIA_TYPE)) {
            throw malformed();
        }
        return parse(new String(RequestReader.bytes(ctx), StandardCharsets.UTF_8));
    }

    public static Form parse(String body) {
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

    /** Returns the typed or chosen text, or empty text if the field was not sent. */
    public String text(String name) {
        return texts.getOrDefault(name, "");
    }

    /** Returns the text of a field, or empty if it is blank or was not sent. */
    public Optional<String> filled(String name) {
        return Optional.of(text(name)).filter(text -> !text.isBlank());
    }

    /**
     * Returns the ticked boxes of a group in name order. Box names share a prefix and a dot, such as {@code role.page}.
     */
    public List<String> chosen(String group) {
        return texts.keySet().stream()
                .filter(name -> name.startsWith(group + "."))
                .map(name -> name.substring(group.length() + 1))
                .sorted()
                .toList();
    }

    /** Returns all texts by field name. */
    public Map<String, String> texts() {
        return texts;
    }

    /** Returns a SHA-256 fingerprint of the whole form. */
    public String fingerprint() {
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
