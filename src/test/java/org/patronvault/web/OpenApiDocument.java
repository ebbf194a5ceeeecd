package org.patronvault.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.keyword.DisallowUnknownKeywordFactory;
import com.networknt.schema.keyword.NonValidationKeyword;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;

/** The OpenAPI document as a tree with resolved references, for tests that compare it. */
public final class OpenApiDocument {
    private static final String RESOURCE = "/openapi.yaml";
    private static final String COMPONENTS = "components";
    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

    private final String text;
    private final JsonNode root;
    private final SchemaRegistry schemas;

    private OpenApiDocument(String text) throws JsonProcessingException {
        this.text = text;
        this.root = YAMLMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                .build()
                .readTree(text);
        Dialect strict = Dialect.builder(Dialects.getOpenApi31())
                .keyword(new NonValidationKeyword(COMPONENTS))
                .keyword(new NonValidationKeyword("x-enum-varnames"))
                .unknownKeywordFactory(DisallowUnknownKeywordFactory.getInstance())
                .build();
        SchemaRegistryConfig formats =
                SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build();
        this.schemas = SchemaRegistry.withDialect(strict, registry -> registry.schemaRegistryConfig(formats));
    }

    /** The document that is delivered. */
    public static OpenApiDocument load() {
        try (InputStream in = OpenApiDocument.class.getResourceAsStream(RESOURCE)) {
            Objects.requireNonNull(in, RESOURCE);
            return new OpenApiDocument(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One operation: {@code method} in upper case, {@code path} with its parameters in braces. */
    public record Operation(String method, String path, JsonNode node) {
        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    /** The document as it is written. */
    String text() {
        return text;
    }

    JsonNode root() {
        return root;
    }

    /** Every operation, in the order of the document. */
    public List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        root.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().stream()
                        .filter(method -> METHODS.contains(method.getKey()))
                        .forEach(method -> operations.add(
                                new Operation(upper(method.getKey()), path.getKey(), method.getValue()))));
        return operations;
    }

    /** The node itself, or what it refers to. */
    public JsonNode follow(JsonNode node) {
        JsonNode reference = node.path("$ref");
        if (!reference.isTextual()) {
            return node;
        }
        JsonNode target = root.at(reference.textValue().substring(1));
        if (target.isMissingNode()) {
            throw new AssertionError("nothing at " + reference.textValue());
        }
        return follow(target);
    }

    /**
     * Returns the places where {@code instance} violates {@code schema}, a node of this document. Formats count. A
     * keyword that JSON Schema does not know, such as the rest of a sentence after an unquoted comma, is an exception.
     */
    public List<String> faults(JsonNode schema, JsonNode instance) {
        // References of the schema start at the document, so it is given the document's components.
        ObjectNode standalone = schema.deepCopy();
        standalone.set(COMPONENTS, root.path(COMPONENTS));
        return schemas.getSchema(standalone).validate(instance).stream()
                .map(Error::toString)
                .toList();
    }

    /** Calls {@code visit} with the JSON pointer and node of every object below {@code node}, itself included. */
    static void walk(String pointer, JsonNode node, BiConsumer<String, JsonNode> visit) {
        if (node.isObject()) {
            visit.accept(pointer, node);
            node.properties()
                    .forEach(member -> walk(pointer + "/" + escaped(member.getKey()), member.getValue(), visit));
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                walk(pointer + "/" + i, node.get(i), visit);
            }
        }
    }

    private static String escaped(String member) {
        return member.replace("~", "~0").replace("/", "~1");
    }

    private static String upper(String method) {
        return method.toUpperCase(Locale.ROOT);
    }
}
