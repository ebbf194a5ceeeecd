package org.patronvault.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import org.patronvault.access.posted.Placeholders;

/** The settings in {@code vault.yaml} for the placeholders of the posted policy. */
final class PlaceholderSettings {
    private static final int MAX_LENGTH = 200;

    private PlaceholderSettings() {}

    static Placeholders read(JsonNode node) {
        Map<String, String> words = new HashMap<>();
        node.properties().forEach(word -> words.put(word.getKey(), text(word.getKey(), word.getValue())));
        return new Placeholders(words);
    }

    /** One line, because it is part of a sentence. */
    private static String text(String name, JsonNode word) {
        String text = word.asText("").strip();
        boolean isLine =
                text.codePoints().noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT);
        if (!word.isTextual() || text.isEmpty() || text.length() > MAX_LENGTH || !isLine) {
            throw Settings.wrong("must give policy." + name + " as one line of 1 to " + MAX_LENGTH + " characters");
        }
        return text;
    }
}
