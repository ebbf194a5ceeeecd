package org.patronvault.web.page.open;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.web.http.Problems;

/** A reader that turns an OpenAPI 3.1 document into the page's model. It follows references within the document. */
final class DocsReader {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectWriter PRETTY = JSON.writer(new DefaultPrettyPrinter(
            DefaultPrettyPrinter.DEFAULT_SEPARATORS.withObjectFieldValueSpacing(Separators.Spacing.AFTER)));
    private static final int MAX_DEPTH = 4;
    private static final Set<String> METHODS = Set.of("get", "put", "post", "patch", "delete");
    private static final List<String> COMBINED = List.of("allOf", "oneOf", "anyOf");

    private final JsonNode document;

    private DocsReader(JsonNode document) {
        this.document = document;
    }

    static DocsView read(String openApi) {
        try {
            return new DocsReader(JSON.readTree(openApi)).view();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private DocsView view() {
        JsonNode info = document.path("info");
        List<DocsView.Group> groups = new ArrayList<>();
        for (JsonNode tag : document.path("tags")) {
            String name = tag.path("name").asText();
            groups.add(new DocsView.Group(name, prose(tag), operations(name)));
        }
        JsonNode types = document.at("/components/schemas/ProblemType");
        return new DocsView(
                info.path("version").asText(), info.path("summary").asText(), prose(info), groups, prose(types));
    }

    private List<DocsView.Operation> operations(String tag) {
        List<DocsView.Operation> operations = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                JsonNode operation = method.getValue();
                boolean tagged = METHODS.contains(method.getKey())
                        && operation.path("tags").path(0).asText().equals(tag);
                if (tagged) {
                    operations.add(operation(path.getKey(), method.getKey(), path.getValue(), operation));
                }
            }
        }
        return operations;
    }

    private DocsView.Operation operation(String path, String method, JsonNode item, JsonNode operation) {
        List<DocsView.Parameter> parameters = new ArrayList<>();
        item.path("parameters").forEach(parameter -> parameters.add(parameter(resolved(parameter))));
        operation.path("parameters").forEach(parameter -> parameters.add(parameter(resolved(parameter))));
        List<DocsView.Answer> answers = new ArrayList<>();
        operation
                .path("responses")
                .properties()
                .forEach(answer -> answers.add(answer(answer.getKey(), resolved(answer.getValue()))));
        return new DocsView.Operation(
                operation.path("operationId").asText(),
                method.toUpperCase(Locale.ROOT),
                path,
                operation.path("summary").asText().replaceFirst("\\.$", ""),
                prose(operation),
                parameters,
                body(resolved(operation.path("requestBody"))),
                answers);
    }

    private DocsView.Parameter parameter(JsonNode parameter) {
        return new DocsView.Parameter(
                parameter.path("name").asText(),
                parameter.path("in").asText(),
                parameter.path("required").asBoolean(),
                type(resolved(parameter.path("schema"))),
                prose(parameter));
    }

    private DocsView.Answer answer(String status, JsonNode answer) {
        JsonNode problem = answer.path("content").path(Problems.MEDIA_TYPE);
        List<String> slugs = new ArrayList<>();
        problem.path("examples").fieldNames().forEachRemaining(slugs::add);
        return new DocsView.Answer(
                status, prose(answer), slugs, problem.isMissingNode() ? body(answer) : Optional.empty());
    }

    private Optional<DocsView.Body> body(JsonNode holder) {
        for (Map.Entry<String, JsonNode> content : holder.path("content").properties()) {
            List<DocsView.Member> members = new ArrayList<>();
            members("", content.getValue().path("schema"), members, new HashSet<>(), 0);
            return Optional.of(new DocsView.Body(content.getKey(), members, examples(content.getValue())));
        }
        return Optional.empty();
    }

    private List<DocsView.Example> examples(JsonNode content) {
        List<DocsView.Example> examples = new ArrayList<>();
        if (content.has("example")) {
            examples.add(new DocsView.Example("", pretty(content.path("example"))));
        }
        for (Map.Entry<String, JsonNode> named : content.path("examples").properties()) {
            JsonNode example = resolved(named.getValue());
            examples.add(new DocsView.Example(example.path("summary").asText(), pretty(example.path("value"))));
        }
        return examples;
    }

    private static String pretty(JsonNode value) {
        try {
            return value.isTextual() ? value.textValue().stripTrailing() : PRETTY.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Collects the members of an object and, with dotted paths, of nested objects, each path once. */
    private void members(String at, JsonNode raw, List<DocsView.Member> into, Set<String> seen, int depth) {
        JsonNode schema = resolved(raw);
        if (schema.path("type").asText().equals("array")) {
            members(at + "[]", schema.path("items"), into, seen, depth);
            return;
        }
        if (depth == MAX_DEPTH) {
            return;
        }
        Set<String> required = new HashSet<>();
        schema.path("required").forEach(name -> required.add(name.asText()));
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            String path = at.isEmpty() ? property.getKey() : at + "." + property.getKey();
            JsonNode member = resolved(property.getValue());
            if (seen.add(path)) {
                into.add(new DocsView.Member(path, type(member), required.contains(property.getKey()), prose(member)));
            }
            members(path, member, into, seen, depth + 1);
        }
        for (String combined : COMBINED) {
            schema.path(combined).forEach(part -> members(at, part, into, seen, depth + 1));
        }
    }

    private String type(JsonNode schema) {
        if (schema.has("const")) {
            return schema.path("const").asText();
        }
        if (schema.has("enum")) {
            List<String> values = new ArrayList<>();
            schema.path("enum").forEach(value -> values.add(value.asText()));
            return String.join(" | ", values);
        }
        if (schema.path("type").isArray()) {
            List<String> types = new ArrayList<>();
            schema.path("type").forEach(type -> types.add(type.asText()));
            return String.join(" or ", types);
        }
        String type = schema.path("type").asText();
        if (type.equals("array")) {
            return "list of " + type(resolved(schema.path("items")));
        }
        if (type.isEmpty()) {
            for (String combined : COMBINED) {
                if (schema.has(combined)) {
                    return type(resolved(schema.path(combined).path(0)));
                }
            }
            return "any";
        }
        return schema.path("format").asText().isEmpty() ? type : type + ", " + format(schema);
    }

    private static String format(JsonNode schema) {
        return schema.path("format").asText().replace('-', ' ');
    }

    /** Resolves a reference and overlays the node's own members (OpenAPI 3.1, reference with siblings). */
    private JsonNode resolved(JsonNode node) {
        if (!node.has("$ref")) {
            return node;
        }
        JsonNode target = resolved(document.at(node.path("$ref").asText().substring(1)));
        ObjectNode merged = target.deepCopy();
        node.properties().forEach(own -> {
            if (!own.getKey().equals("$ref")) {
                merged.set(own.getKey(), own.getValue());
            }
        });
        return merged;
    }

    private static OpenApiMarkdown prose(JsonNode described) {
        return OpenApiMarkdown.of(described.path("description").asText());
    }
}
