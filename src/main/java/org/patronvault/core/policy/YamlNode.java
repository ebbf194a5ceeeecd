package org.patronvault.core.policy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A node of a YAML file, with its line. Aliases are not followed, and count as invalid values.
 *
 * @param token the kind: a start of members, a start of a list, or a single value
 * @param line from 1; of a member, that of its name
 * @param text of a single value
 */
public record YamlNode(JsonToken token, int line, String text, Map<String, YamlNode> members, List<YamlNode> list) {
    private static final YAMLFactory YAML = YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final Pattern WHOLE = Pattern.compile("[1-9][0-9]{0,8}");

    /** An absent node. */
    static final YamlNode NOT = new YamlNode(JsonToken.NOT_AVAILABLE, 0, "", Map.of(), List.of());

    /**
     * Returns the one document of that text.
     *
     * @throws com.fasterxml.jackson.core.JsonProcessingException with the line, if it is not one document without
     *     duplicate members
     */
    public static YamlNode read(byte[] text) throws IOException {
        try (YAMLParser in = YAML.createParser(text)) {
            if (in.nextToken() == null) {
                return NOT;
            }
            YamlNode root = read(in, line(in));
            if (in.nextToken() != null) {
                throw new com.fasterxml.jackson.core.JsonParseException(in, "more than one document");
            }
            return root;
        }
    }

    private static int line(JsonParser in) {
        return in.currentTokenLocation().getLineNr();
    }

    private static YamlNode read(YAMLParser in, int line) throws IOException {
        JsonToken token = in.isCurrentAlias() ? JsonToken.NOT_AVAILABLE : in.currentToken();
        Map<String, YamlNode> members = new LinkedHashMap<>();
        List<YamlNode> list = new ArrayList<>();
        String text = "";
        if (token == JsonToken.START_OBJECT) {
            while (in.nextToken() != JsonToken.END_OBJECT) {
                String name = in.currentName();
                int at = line(in);
                in.nextToken();
                members.put(name, read(in, at));
            }
        } else if (token == JsonToken.START_ARRAY) {
            while (in.nextToken() != JsonToken.END_ARRAY) {
                list.add(read(in, line(in)));
            }
        } else if (token == JsonToken.VALUE_NUMBER_INT) {
            text = in.getNumberValue().toString();
        } else {
            text = in.getText();
        }
        return new YamlNode(token, line, text, members, list);
    }

    boolean isSaid() {
        return line > 0;
    }

    public boolean isMembers() {
        return token == JsonToken.START_OBJECT;
    }

    boolean isList() {
        return token == JsonToken.START_ARRAY;
    }

    public boolean isText() {
        return token == JsonToken.VALUE_STRING;
    }

    /** Returns the whole number from 1 to 999,999,999 in this node; 0 for anything else. */
    int wholeNumber() {
        return token == JsonToken.VALUE_NUMBER_INT && WHOLE.matcher(text).matches() ? Integer.parseInt(text) : 0;
    }

    /** Returns that member, or {@link #NOT}. */
    public YamlNode member(String name) {
        return members.getOrDefault(name, NOT);
    }
}
