package org.patronvault.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.patronvault.model.Category;
import org.patronvault.model.PatronField;
import org.patronvault.model.Problem;
import org.patronvault.model.Purpose;
import org.patronvault.model.Refused;

/** Reads {@code policy.yaml}, strictly: a word it does not know refuses the whole file. */
public final class PolicyFile {
    private static final ObjectMapper YAML = new ObjectMapper(YAMLFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final Set<String> RULE_MEMBERS =
            Set.of("may", "purposes", "opens", "results", "searches", "libraries");
    private static final Set<String> TOP_MEMBERS = Set.of("version", "roles", "scopes", "limits", "services");
    private static final Set<String> LIBRARIES = Set.of("any", "own");
    private static final Pattern RULE_NAME = Pattern.compile("[a-z][a-z0-9-]{0,39}");
    private static final String TEN_MINUTES = "tenMinutes";
    private static final String DAY = "day";
    private static final Set<Purpose> VAULTS_OWN = Set.of(Purpose.IMPORT, Purpose.REINDEX, Purpose.CHECK);
    private static final Set<Purpose> GRANTABLE = Purpose.KNOWN.stream()
            .filter(purpose -> !VAULTS_OWN.contains(purpose))
            .collect(Collectors.toUnmodifiableSet());

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
            throw wrong("is not one YAML document in which nothing is said twice (line " + line + ")");
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
        if (!node.isObject()) {
            throw wrong("has no " + where);
        }
        Map<String, Rule> rules = new HashMap<>();
        node.properties().forEach(entry -> {
            String at = " in " + where + ", rule " + (rules.size() + 1);
            JsonNode rule = entry.getValue();
            requireMembers(rule, RULE_MEMBERS, at);
            Set<PatronField> opens = fields(rule.path("opens"), at);
            JsonNode libraries = rule.path("libraries");
            if (!libraries.isMissingNode() && !LIBRARIES.contains(libraries.asText())) {
                throw wrong("has libraries other than any or own" + at);
            }
            rules.put(
                    ruleName(entry.getKey(), at),
                    new Rule(
                            set(rule.path("may"), at, PolicyFile::permission),
                            set(rule.path("purposes"), at, PolicyFile::purpose),
                            opens,
                            fields(rule.path("results"), at),
                            rule.has("searches") ? fields(rule.path("searches"), at) : opens,
                            libraries.asText().equals("own")));
        });
        return rules;
    }

    private static String ruleName(String written, String at) {
        if (!RULE_NAME.matcher(written).matches()) {
            throw wrong("names a role or scope in other than 1 to 40 lower-case letters, digits or hyphens" + at);
        }
        return written;
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
        return GRANTABLE.stream()
                .filter(purpose -> purpose.name().equals(name))
                .findFirst()
                .orElseThrow(() -> wrong("names a purpose that does not exist, or is the vault's own"));
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
            if (!one.isTextual()) {
                throw wrong("has something other than words in a list" + at);
            }
            set.add(parse.apply(one.asText()));
        }
        return set;
    }

    private static LimitSettings limits(JsonNode node) {
        requireMembers(node, Set.of("opened", "names", "searches", "failedVerifies"), " in limits");
        requireMembers(node.path("opened"), Set.of(TEN_MINUTES, DAY), " in limits");
        requireMembers(node.path("names"), Set.of(TEN_MINUTES, DAY), " in limits");
        requireMembers(node.path("searches"), Set.of(TEN_MINUTES), " in limits");
        requireMembers(node.path("failedVerifies"), Set.of("hour"), " in limits");
        return new LimitSettings(
                positive(node.path("opened").path(TEN_MINUTES)),
                positive(node.path("opened").path(DAY)),
                positive(node.path("names").path(TEN_MINUTES)),
                positive(node.path("names").path(DAY)),
                positive(node.path("searches").path(TEN_MINUTES)),
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
        if (node.isMissingNode()) {
            return services;
        }
        if (!node.isObject()) {
            throw wrong("has services that are not members");
        }
        node.properties().forEach(entry -> {
            JsonNode service = entry.getValue();
            requireMembers(service, Set.of("libraries", "categories"), " in services");
            services.put(
                    entry.getKey(),
                    new Policy.Service(
                            set(service.path("libraries"), " in services", library -> library),
                            set(service.path("categories"), " in services", PolicyFile::category)));
        });
        return services;
    }

    private static String category(String name) {
        return Category.ofWireName(name)
                .map(Category::wireName)
                .orElseThrow(() -> wrong("names a category that does not exist in services"));
    }
}
