package org.patronvault.core.crypto;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assumptions;

/** A reader of test vectors: ours from the test resources, published ones from the folder beside the project. */
final class Vectors {
    private static final Path OURS = Path.of("src/test/resources/vectors");
    private static final Path PUBLISHED = Path.of("../shared/data/vectors");
    private static final ObjectMapper JSON = new ObjectMapper();

    private Vectors() {}

    /** All files of one folder of ours, by name. */
    static List<Path> folder(String name) {
        try (Stream<Path> files = Files.list(OURS.resolve(name))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode ours(String path) {
        return read(OURS.resolve(path));
    }

    static JsonNode read(Path file) {
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The groups of a Wycheproof file; skips the test if the folder is not there. */
    static List<JsonNode> wycheproofGroups(String file) {
        Path path = PUBLISHED.resolve(file);
        Assumptions.assumeTrue(Files.exists(path), "the published vectors are not beside the project");
        return list(read(path).get("testGroups"));
    }

    static List<JsonNode> list(JsonNode array) {
        return new ArrayList<>(StreamSupport.stream(array.spliterator(), false).toList());
    }

    static byte[] hex(JsonNode node, String member) {
        return HexFormat.of().parseHex(node.get(member).asText());
    }

    static EnvelopeContext context(JsonNode vector) {
        JsonNode context = vector.get("context");
        return new EnvelopeContext(
                context.get("vaultId").asText(),
                context.get("field").asText(),
                context.get("patronId").asText(),
                context.get("generation").asLong(),
                hex(context, "bound"));
    }

    static Kek kek(JsonNode vector) {
        JsonNode kek = vector.get("kek");
        return Kek.of(kek.get("version").asInt(), hex(kek, "key"));
    }

    static Padding padding(JsonNode vector) {
        return Padding.of(list(vector.get("sizeClasses")).stream()
                .mapToInt(JsonNode::asInt)
                .toArray());
    }
}
