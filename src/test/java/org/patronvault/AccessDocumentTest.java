package org.patronvault;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.core.index.IndexTerm.TermClass;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.policy.PolicyFile;

/** What access.md says of the policy is what the shipped file says, and its three people can do every act. */
final class AccessDocumentTest {
    private static final List<String> FIELDS = List.of("card", "name", "address", "phone", "email");

    private static String document;
    private static JsonNode policy;

    @BeforeAll
    static void read() throws IOException {
        document = Files.readString(Path.of("src/site/markdown/access.md"));
        policy = new ObjectMapper(new YAMLFactory()).readTree(PolicyFile.defaultText());
    }

    private static void assertGenerated(String part, String begin, String expected) throws IOException {
        String from = "<!-- " + part + ": made from policy.yaml -->\n";
        String to = "<!-- end of " + part + " -->";
        assertThat(document).contains(from, to);
        Path made = Path.of("target/access-" + part + ".md");
        Files.writeString(made, expected);
        assertThat(document.substring(document.indexOf(from) + from.length(), document.indexOf(to)))
                .as("%s of access.md; what it must be is in %s: put that between its two marks", part, made)
                .startsWith(begin)
                .isEqualTo(expected);
    }

    @Test
    void matrixIsThatOfTheShippedPolicy() throws IOException {
        StringBuilder matrix = new StringBuilder("| who | acts | purposes | " + String.join(" | ", FIELDS)
                + " | searches by | whose patrons |\n|---|---|---|---|---|---|---|---|---|---|\n");
        policy.path("roles").properties().forEach(role -> matrix.append(row(role.getKey(), role.getValue())));
        policy.path("scopes")
                .properties()
                .forEach(scope -> matrix.append(row("scope " + scope.getKey(), scope.getValue())));
        assertGenerated("matrix", "| who |", matrix.toString());
    }

    private static String row(String who, JsonNode rule) {
        List<String> cells = new ArrayList<>(List.of(who, words(rule.path("may")), words(rule.path("purposes"))));
        List<String> purposes = texts(rule.path("purposes"));
        FIELDS.forEach(field -> cells.add(field(rule, purposes, field)));
        boolean finds = StreamSupport.stream(rule.path("may").spliterator(), false)
                .anyMatch(act -> act.textValue().equals("search"));
        cells.add(!finds ? "–" : searched(rule.path(rule.has("searches") ? "searches" : "opens"), purposes));
        cells.add(!finds ? "–" : rule.path("libraries").asText("any").equals("own") ? "own library" : "any library");
        // The shipped file says neither; whoever adds them must say here how they are told.
        assertThat(rule.has("masks") || rule.has("elsewhere")).isFalse();
        return "| " + String.join(" | ", cells) + " |\n";
    }

    /** Those fields that the index has terms of, for any of the purposes. */
    private static String searched(JsonNode fields, List<String> purposes) {
        Set<String> indexed = Arrays.stream(TermClass.values())
                .flatMap(type -> type.fields().stream())
                .map(PatronField::wireName)
                .collect(Collectors.toSet());
        return words(purposes.stream()
                .flatMap(purpose -> texts(ofPurpose(fields, purpose)).stream())
                .distinct()
                .filter(indexed::contains)
                .toList());
    }

    private static JsonNode ofPurpose(JsonNode fields, String purpose) {
        return fields.isObject() ? fields.path(purpose) : fields;
    }

    private static String words(JsonNode list) {
        return words(texts(list));
    }

    private static String words(List<String> words) {
        return words.isEmpty() ? "–" : String.join(", ", words);
    }

    private static List<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::textValue)
                .toList();
    }

    private static String field(JsonNode rule, List<String> purposes, String field) {
        List<String> how = new ArrayList<>();
        List<String> refused = purposes.stream()
                .filter(purpose ->
                        !texts(ofPurpose(rule.path("opens"), purpose)).contains(field))
                .toList();
        if (refused.size() < purposes.size()) {
            how.add(refused.isEmpty() ? "reveal" : "reveal, not for " + String.join(" or ", refused));
        }
        // The shipped file shows the same for every purpose. Another file needs words for it here.
        assertThat(rule.path("results").isObject()).isFalse();
        for (JsonNode result : rule.path("results")) {
            if (result.asText().equals(field)) {
                how.add("in results");
            } else if (result.has(field)) {
                how.add(result.path(field).textValue() + " in results");
            }
        }
        Stream.of("package", "export").filter(texts(rule.path("may"))::contains).forEach(how::add);
        return how.isEmpty() ? "–" : String.join("; ", how);
    }

    @Test
    void limitsAreThoseOfTheShippedPolicy() throws IOException {
        Map<String, String> what = new LinkedHashMap<>();
        what.put("opened", "patrons opened: shown with more than a result's name and a part of the card");
        what.put("names", "names in results");
        what.put("searches", "searches");
        what.put("failedVerifies", "wrong verifies of one patron");
        what.put("erasures", "erasures by one person; a second person agrees to each further one");
        what.put("erasuresInAll", "erasures by all people together; a second person agrees to each further one");
        Map<String, String> time = Map.of("tenMinutes", "in ten minutes", "day", "a day", "hour", "an hour");
        StringBuilder table = new StringBuilder("| counted | at most |\n|---|---|\n");
        policy.path("limits")
                .properties()
                .forEach(limit -> table.append("| ")
                        .append(what.get(limit.getKey()))
                        .append(" | ")
                        .append(limit.getValue().properties().stream()
                                .map(number -> number.getValue().asText() + " " + time.get(number.getKey()))
                                .collect(Collectors.joining(", ")))
                        .append(" |\n"));
        assertGenerated("limits", "| counted |", table.toString());
    }

    @Test
    void everyRoleOfTheShippedPolicyIsToldInTheOrderOfTheFile() {
        List<String> roles = new ArrayList<>();
        policy.path("roles").fieldNames().forEachRemaining(roles::add);
        assertThat(List.copyOf(table("role").keySet())).isEqualTo(roles);
        policy.path("scopes")
                .fieldNames()
                .forEachRemaining(scope -> assertThat(document).contains("`" + scope + "`"));
    }

    /** First column → the other columns of the table whose first header is this. */
    private static Map<String, List<String>> table(String first) {
        Map<String, List<String>> rows = new LinkedHashMap<>();
        boolean inside = false;
        for (String line : document.lines().toList()) {
            inside = line.startsWith("| " + first + " |") || (inside && line.startsWith("|"));
            if (inside && !line.startsWith("| " + first + " |") && !line.startsWith("|---")) {
                List<String> cells = Arrays.stream(
                                line.substring(1, line.length() - 1).split("\\|", -1))
                        .map(String::strip)
                        .toList();
                rows.put(cells.get(0), cells.subList(1, cells.size()));
            }
        }
        return rows;
    }

    /** Whether somebody among these can ask for an act, and somebody else agree to it, and neither gains by it. */
    private static boolean possible(
            Map<String, Set<String>> staff, String gains, Predicate<Set<String>> asks, Predicate<Set<String>> agrees) {
        return staff.entrySet().stream()
                .filter(one -> !one.getKey().equals(gains) && asks.test(one.getValue()))
                .anyMatch(one -> staff.entrySet().stream()
                        .anyMatch(second -> !second.getKey().equals(gains)
                                && !second.getKey().equals(one.getKey())
                                && agrees.test(second.getValue())));
    }

    private static boolean works(Map<String, Set<String>> staff) {
        Predicate<Set<String>> admin = roles -> roles.contains("admin");
        Predicate<Set<String>> director = roles -> roles.contains("director");
        Predicate<Set<String>> officer = roles -> roles.contains("privacy-officer");
        Predicate<Set<String>> custodian = roles -> roles.contains("custodian");
        List<String> gaining = new ArrayList<>(staff.keySet());
        gaining.add("somebody new");
        boolean accounts = gaining.stream().allMatch(gains -> possible(staff, gains, admin, admin.or(director)));
        boolean exports = possible(staff, "", director, officer.or(director));
        boolean keys = possible(staff, "", custodian, custodian);
        return accounts && exports && keys;
    }

    @Test
    void threePeopleOfTheTableCanDoEveryActThatNeedsASecondPersonAndNoTwoCan() {
        Map<String, Set<String>> staff = new LinkedHashMap<>();
        table("person")
                .forEach(
                        (person, cells) -> staff.put(person, Set.of(cells.get(0).split(", ", -1))));
        assertThat(staff).hasSize(3);
        assertThat(staff.values())
                .allSatisfy(roles -> roles.forEach(role ->
                        assertThat(policy.path("roles").has(role)).as(role).isTrue()));
        assertThat(works(staff)).isTrue();

        Set<String> everything = Set.of("admin", "director", "privacy-officer", "custodian");
        assertThat(works(Map.of("A", everything, "B", everything))).isFalse();
        staff.keySet().forEach(role -> {
            Map<String, Set<String>> fewer = new LinkedHashMap<>(staff);
            fewer.remove(role);
            assertThat(works(fewer)).as("without %s", role).isFalse();
        });
    }
}
