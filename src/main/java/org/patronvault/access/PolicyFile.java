package org.patronvault.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.patronvault.model.PatronField;
import org.patronvault.model.Problem;
import org.patronvault.model.Purpose;
import org.patronvault.model.Refused;

/** Reads {@code policy.yaml}, strictly: a word it does not know refuses the whole file. */
public final class PolicyFile {
    private static final ObjectMapper YAML = new ObjectMapper(YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build());
    private static final Set<String> RULE_MEMBERS =
            Set.of("may", "purposes", "opens", "results", "searches", "libraries");
    private static final Set<String> TOP_MEMBERS = Set.of("version", "roles", "scopes", "limits", "services");

    private PolicyFile() {}

    /** The default policy's text, as `init` puts it into a home. */
    public static byte[] defaultText() {
        try (InputStream in = PolicyFile.class.getResourceAsStream("policy.yaml")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The policy in that file; refused with one sentence that says what is wrong. */
    public static Policy read(Path file) {
        try {
            return parse(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new Refused(Problem.INVALID, "policy.yaml cannot be read.");
        }
    }

    /** The policy of that text. */
    public static Policy parse(byte[] text) {
        JsonNode root;
        try {
            root = YAML.readTree(text);
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw wrong("is not YAML (line " + line + ")");
        } catch (IOException e) {
            throw wrong("cannot be read");
        }
        requireMembers(root, TOP_MEMBERS, "");
        if (!root.path("version").isTextual()) {
            throw wrong("has no version");
        }
        return new Policy(
                root.path("version").asText(),
                rules(root.path("roles"), "roles"),
                rules(root.path("scopes"), "scopes"),
                limits(root.path("limits")),
                services(root.path("services")));
    }

    private static Refused wrong(String what) {
        return new Refused(Problem.INVALID, "policy.yaml " + what + ".");
    }

    private static void requireMembers(JsonNode node, Set<String> known, String where) {
        if (!node.isObject()) {
            throw wrong("has no members" + where);
        }
        node.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw wrong("has a member it does not know" + where);
            }
        });
    }

    private static Map<String, Rule> rules(JsonNode node, String where) {
        Map<String, Rule> rules = new HashMap<>();
        node.properties().forEach(entry -> {
            String at = " in " + where + ", rule " + (rules.size() + 1);
            JsonNode rule = entry.getValue();
            requireMembers(rule, RULE_MEMBERS, at);
            Set<PatronField> opens = fields(rule.path("opens"), at);
            String libraries = rule.path("libraries").asText("any");
            if (!List.of("any", "own").contains(libraries)) {
                throw wrong("has libraries other than any or own" + at);
            }
            rules.put(
                    entry.getKey(),
                    new Rule(
                            set(rule.path("may"), at, PolicyFile::permission),
                            set(rule.path("purposes"), at, PolicyFile::purpose),
                            opens,
                            fields(rule.path("results"), at),
                            rule.has("searches") ? fields(rule.path("searches"), at) : opens,
                            libraries.equals("own")));
        });
        return rules;
    }

    private static Set<PatronField> fields(JsonNode node, String at) {
        return set(
                node,
                at,
                name -> PatronField.ofWireName(name)
                        .filter(PatronField::isPersonal)
                        .orElseThrow(() -> wrong("names a field that does not exist" + at)));
    }

    private static Permission permission(String name) {
        return Permission.ofWireName(name).orElseThrow(() -> wrong("names an act that does not exist"));
    }

    private static Purpose purpose(String name) {
        Purpose purpose = new Purpose(name);
        if (!Purpose.KNOWN.contains(purpose)) {
            throw wrong("names a purpose that does not exist");
        }
        return purpose;
    }

    private static <T> Set<T> set(JsonNode node, String at, Function<String, T> parse) {
        Set<T> set = new LinkedHashSet<>();
        if (node.isMissingNode()) {
            return set;
        }
        if (!node.isArray()) {
            throw wrong("has something other than a list" + at);
        }
        for (JsonNode one : node) {
            set.add(parse.apply(one.asText()));
        }
        return set;
    }

    private static LimitSettings limits(JsonNode node) {
        return new LimitSettings(
                positive(node.path("opened").path("tenMinutes")),
                positive(node.path("opened").path("day")),
                positive(node.path("names").path("tenMinutes")),
                positive(node.path("names").path("day")),
                positive(node.path("searches").path("tenMinutes")),
                positive(node.path("failedVerifies").path("hour")));
    }

    private static int positive(JsonNode node) {
        if (!node.isInt() || node.asInt() < 1) {
            throw wrong("must give every limit as a whole number above 0");
        }
        return node.asInt();
    }

    private static Map<String, Policy.Service> services(JsonNode node) {
        Map<String, Policy.Service> services = new HashMap<>();
        node.properties()
                .forEach(entry -> services.put(
                        entry.getKey(),
                        new Policy.Service(
                                set(entry.getValue().path("libraries"), " in services", s -> s),
                                set(entry.getValue().path("categories"), " in services", s -> s))));
        return services;
    }
}
