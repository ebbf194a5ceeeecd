package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.patronvault.core.model.Problem;

/** Tests that the OpenAPI document is well-formed, complete, and in agreement with the words of the code. */
class OpenApiDocumentTest {
    private static final String PROBLEM_JSON = "application/problem+json";
    private static final String PROBLEMS = "https://patronvault.org/problems/";

    /** The one problem that is no refusal: the edge answers it when the vault itself fails. */
    private static final String INTERNAL = "internal";

    private static final Map<Problem.Kind, Integer> STATUS = Map.ofEntries(
            Map.entry(Problem.Kind.MALFORMED, 400),
            Map.entry(Problem.Kind.UNAUTHENTICATED, 401),
            Map.entry(Problem.Kind.FORBIDDEN, 403),
            Map.entry(Problem.Kind.ABSENT, 404),
            Map.entry(Problem.Kind.METHOD, 405),
            Map.entry(Problem.Kind.CONFLICT, 409),
            Map.entry(Problem.Kind.STALE, 412),
            Map.entry(Problem.Kind.TOO_LARGE, 413),
            Map.entry(Problem.Kind.MEDIA_TYPE, 415),
            Map.entry(Problem.Kind.MISDIRECTED, 421),
            Map.entry(Problem.Kind.UNPROCESSABLE, 422),
            Map.entry(Problem.Kind.UNCONDITIONAL, 428),
            Map.entry(Problem.Kind.LIMITED, 429),
            Map.entry(Problem.Kind.SEALED, 503),
            Map.entry(Problem.Kind.UNAVAILABLE, 503));

    private final OpenApiDocument document = OpenApiDocument.load();

    @Test
    void parserHasNothingToSay() {
        ParseOptions options = new ParseOptions();
        options.setResolve(true);
        SwaggerParseResult result = new OpenAPIV3Parser().readContents(document.text(), null, options);

        assertThat(result.getMessages()).isNullOrEmpty();
        assertThat(result.getOpenAPI().getOpenapi()).startsWith("3.1.");
        assertThat(result.getOpenAPI().getPaths())
                .hasSameSizeAs(document.root().path("paths").properties());
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        OpenApiDocument.walk(
                "",
                document.root(),
                (pointer, node) -> assertThat(document.follow(node)).as(pointer).isNotNull());
    }

    @Test
    void everyOperationIsNamedSummarisedTaggedAndSaysWhoMayCall() {
        Set<String> tags = new HashSet<>(document.root().path("tags").findValuesAsText("name"));
        Set<String> names = new HashSet<>();
        SoftAssertions softly = new SoftAssertions();
        for (OpenApiDocument.Operation operation : document.operations()) {
            JsonNode node = operation.node();
            String name = node.path("operationId").asText();
            softly.assertThat(name).as("%s operationId", operation).isNotBlank();
            softly.assertThat(names.add(name))
                    .as("%s has a name of its own", operation)
                    .isTrue();
            softly.assertThat(node.path("summary").asText())
                    .as("%s summary", operation)
                    .isNotBlank();
            softly.assertThat(node.path("description").asText())
                    .as("%s description", operation)
                    .contains("Who");
            softly.assertThat(node.path("security").isArray())
                    .as("%s security", operation)
                    .isTrue();
            softly.assertThat(tags)
                    .as("%s tags", operation)
                    .contains(node.at("/tags/0").asText());
        }
        softly.assertAll();
    }

    @Test
    void operationsBehindASignInSayWhatHappensWithoutOne() {
        for (OpenApiDocument.Operation operation : document.operations()) {
            if (!operation.node().path("security").isEmpty()) {
                assertThat(statuses(operation)).as("%s", operation).contains("401", "403", "500", "503");
            }
        }
    }

    @Test
    void operationsWithABodySayWhatHappensToABadOne() {
        for (OpenApiDocument.Operation operation : document.operations()) {
            if (operation.node().has("requestBody")) {
                assertThat(statuses(operation)).as("%s", operation).contains("400", "413", "415", "422");
            }
        }
    }

    @Test
    void everyErrorIsAProblemWhoseExamplesFitItsStatus() {
        SoftAssertions softly = new SoftAssertions();
        for (OpenApiDocument.Operation operation : document.operations()) {
            operation.node().path("responses").properties().forEach(entry -> {
                int status = Integer.parseInt(entry.getKey());
                if (status < 400) {
                    return;
                }
                String what = operation + " " + status;
                JsonNode content = document.follow(entry.getValue()).path("content");
                softly.assertThat(content.fieldNames()).toIterable().as(what).containsExactly(PROBLEM_JSON);
                JsonNode examples = content.path(PROBLEM_JSON).path("examples");
                softly.assertThat(examples.properties()).as(what).isNotEmpty();
                examples.properties().forEach(example -> {
                    JsonNode value = document.follow(example.getValue()).path("value");
                    softly.assertThat(value.path("status").asInt()).as(what).isEqualTo(status);
                    softly.assertThat(value.path("type").asText()).as(what).isEqualTo(PROBLEMS + example.getKey());
                });
            });
        }
        softly.assertAll();
    }

    @Test
    void documentedProblemsAreThoseOfTheCode() {
        Map<String, Integer> ofCode = new TreeMap<>();
        Arrays.stream(Problem.values()).forEach(problem -> ofCode.put(problem.slug(), STATUS.get(problem.kind())));
        ofCode.put(INTERNAL, 500);
        Map<String, Integer> documented = new TreeMap<>();
        document.root()
                .at("/components/examples")
                .properties()
                .forEach(example -> documented.put(
                        example.getKey(), example.getValue().at("/value/status").asInt()));
        assertThat(ofCode).containsAllEntriesOf(documented);

        JsonNode type = document.root().at("/components/schemas/ProblemType");
        Set<String> listed = new TreeSet<>();
        type.path("enum").forEach(uri -> listed.add(uri.asText().substring(PROBLEMS.length())));
        assertThat(listed).isEqualTo(ofCode.keySet());
        assertThat(ofCode.keySet())
                .allSatisfy(
                        slug -> assertThat(type.path("description").asText()).contains("`" + slug + "`"));
    }

    @Test
    void limitedAnswersSayWhenToTryAgain() {
        for (OpenApiDocument.Operation operation : document.operations()) {
            for (String status : List.of("429", "503")) {
                JsonNode answer =
                        document.follow(operation.node().path("responses").path(status));
                if (!answer.isMissingNode()) {
                    assertThat(answer.path("headers").has("Retry-After"))
                            .as("%s %s", operation, status)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void requestBodiesRefuseMembersThatAreNotDescribed() {
        for (OpenApiDocument.Operation operation : document.operations()) {
            operation.node().at("/requestBody/content").forEach(body -> assertClosed(operation, body.path("schema")));
        }
    }

    /** A generator names what has no name, and of alternatives takes the first that it can read, or none. */
    @Test
    void objectsHaveNamesAndAreNoAlternativesOfEachOther() {
        OpenApiDocument.walk("", document.root(), (pointer, node) -> {
            boolean said = pointer.contains("/example") || pointer.matches(".*/(if|then|else)");
            boolean named = pointer.matches("/components/schemas/[^/]+(/allOf/\\d+)?");
            if (node.path("properties").isObject() && node.has("type") && !said) {
                assertThat(named).as("%s has a name", pointer).isTrue();
            }
            for (String alternatives : List.of("oneOf", "anyOf")) {
                if (!said) {
                    node.path(alternatives)
                            .forEach(one -> assertThat(document.follow(one).has("properties"))
                                    .as("an object in %s/%s", pointer, alternatives)
                                    .isFalse());
                }
            }
        });
    }

    @Test
    void everyProblemHasANameForClientsThatAreGenerated() {
        JsonNode type = document.root().at("/components/schemas/ProblemType");
        List<String> names = new ArrayList<>();
        type.path("enum")
                .forEach(uri -> names.add(uri.asText()
                        .substring(PROBLEMS.length())
                        .replace('-', '_')
                        .toUpperCase(Locale.ROOT)));

        assertThat(type.path("x-enum-varnames")).extracting(JsonNode::asText).isEqualTo(names);
    }

    @Test
    void everyMemberIsDescribed() {
        OpenApiDocument.walk("", document.root().at("/components/schemas"), (pointer, node) -> {
            boolean members = pointer.endsWith("/properties") && !pointer.matches(".*/(if|then|else)/properties");
            if (members) {
                node.properties().forEach(member -> {
                    boolean described = member.getValue().has("description")
                            || document.follow(member.getValue()).has("description");
                    assertThat(described).as("%s/%s", pointer, member.getKey()).isTrue();
                });
            }
        });
    }

    @Test
    void everySchemaKnowsItsKeywords() {
        document.root()
                .at("/components/schemas")
                .forEach(schema -> document.faults(schema, JsonNodeFactory.instance.objectNode()));
    }

    @Test
    void nothingIsLeftEmptyByAStrayComma() {
        OpenApiDocument.walk("", document.root(), (pointer, node) -> {
            if (!pointer.contains("/example")) {
                node.properties()
                        .forEach(member -> assertThat(member.getValue().isNull())
                                .as("%s/%s", pointer, member.getKey())
                                .isFalse());
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> everyExampleIsValid() {
        Stream.Builder<DynamicTest> tests = Stream.builder();
        OpenApiDocument.walk("", document.root(), (pointer, node) -> {
            if (node.has("schema")) {
                JsonNode schema = node.path("schema");
                if (node.has("example")) {
                    tests.add(valid(pointer + "/example", schema, node.path("example")));
                }
                node.path("examples")
                        .properties()
                        .forEach(example -> tests.add(valid(
                                pointer + "/examples/" + example.getKey(),
                                schema,
                                document.follow(example.getValue()).path("value"))));
            }
            // In a schema, examples are values; elsewhere they are named.
            if (node.path("examples").isArray()) {
                node.path("examples").forEach(example -> tests.add(valid(pointer + "/examples", node, example)));
            }
        });
        return tests.build();
    }

    private DynamicTest valid(String name, JsonNode schema, JsonNode instance) {
        return DynamicTest.dynamicTest(
                name, () -> assertThat(document.faults(schema, instance)).isEmpty());
    }

    private Set<String> statuses(OpenApiDocument.Operation operation) {
        Set<String> statuses = new TreeSet<>();
        operation.node().path("responses").fieldNames().forEachRemaining(statuses::add);
        return statuses;
    }

    private void assertClosed(OpenApiDocument.Operation operation, JsonNode reference) {
        JsonNode schema = document.follow(reference);
        if (schema.has("properties")) {
            assertThat(schema.path("additionalProperties").isBoolean()
                            && !schema.path("additionalProperties").asBoolean())
                    .as("%s %s", operation, reference)
                    .isTrue();
            schema.path("properties").forEach(member -> assertClosed(operation, member));
        }
    }
}
