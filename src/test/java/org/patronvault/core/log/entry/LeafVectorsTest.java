package org.patronvault.core.log.entry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.patronvault.core.crypto.SealedBox;
import org.patronvault.core.keys.ring.RingRevision;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;

/**
 * Leaves that an independent program wrote from the format text: good ones with their event, and bad ones with one
 * fault each. Files are {@code vectors/leaf/*.json}.
 */
class LeafVectorsTest {
    private static final Path FOLDER = Path.of("src/test/resources/vectors/leaf");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The sealed member's tag (17) and length, before its box. The members after it are unsealed again. */
    private static final int SEALED_HEADER_BYTES = 1 + 4;

    private static Stream<String> files(String expect) throws IOException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file : files.sorted().toList()) {
                if (JSON.readTree(file.toFile()).get("expect").asText().equals(expect)) {
                    names.add(file.getFileName().toString());
                }
            }
        }
        assertThat(names).isNotEmpty();
        return names.stream();
    }

    static Stream<String> good() throws IOException {
        return files("event");
    }

    static Stream<String> malformed() throws IOException {
        return files("integrity");
    }

    static Stream<String> sealedWrongly() throws IOException {
        return files("sealed-integrity");
    }

    private static JsonNode vector(String file) throws IOException {
        return JSON.readTree(FOLDER.resolve(file).toFile());
    }

    private static byte[] hex(JsonNode node, String member) {
        return HexFormat.of().parseHex(node.get(member).asText());
    }

    private static Optional<String> text(JsonNode node, String member) {
        return Optional.ofNullable(node.get(member)).map(JsonNode::asText);
    }

    private static <E extends Enum<E>> E named(Class<E> type, String wireName) {
        return Enum.valueOf(type, wireName.toUpperCase(java.util.Locale.ROOT).replace('-', '_'));
    }

    private static AccessEvent event(JsonNode json) {
        List<Subject> subjects = new ArrayList<>();
        for (JsonNode s : json.get("subjects")) {
            Set<PatronField> fields = EnumSet.noneOf(PatronField.class);
            s.get("fields").forEach(f -> fields.add(named(PatronField.class, f.asText())));
            List<Subject.Write> writes = new ArrayList<>();
            for (JsonNode w : s.path("writes")) {
                writes.add(new Subject.Write(
                        named(PatronField.class, w.get("field").asText()),
                        w.get("generation").asLong(),
                        hex(w, "rowHash")));
            }
            PatronId patron = PatronId.parse(s.get("patron").asText()).orElseThrow();
            subjects.add(new Subject(patron, fields, writes));
        }
        return new AccessEvent(
                Instant.ofEpochMilli(json.get("time").asLong()),
                new Actor(
                        named(Actor.Kind.class, json.get("actorKind").asText()),
                        text(json, "actor").orElse(""),
                        text(json, "role").orElse(""),
                        text(json, "library").orElse("")),
                named(ActKind.class, json.get("act").asText()),
                named(Outcome.class, json.get("outcome").asText()),
                text(json, "purpose").map(Purpose::new),
                hex(json, "request"),
                text(json, "reason").map(slug -> named(Problem.class, slug)),
                text(json, "about"),
                json.has("count") ? OptionalLong.of(json.get("count").asLong()) : OptionalLong.empty(),
                json.has("ringRevision")
                        ? Optional.of(new RingRevision(json.get("ringRevision").asLong(), hex(json, "ringDigest")))
                        : Optional.empty(),
                json.has("publicKey") ? Optional.of(hex(json, "publicKey")) : Optional.empty(),
                subjects,
                json.has("second")
                        ? Optional.of(new Approver(
                                json.get("second").asText(),
                                named(
                                        Approver.Origin.class,
                                        json.get("secondFrom").asText())))
                        : Optional.empty(),
                json.has("authorityNumber")
                        ? Optional.of(
                                new AuthorityMark(json.get("authorityNumber").asLong(), hex(json, "authorityMac")))
                        : Optional.empty(),
                json.has("policyDigest") ? Optional.of(hex(json, "policyDigest")) : Optional.empty(),
                text(json, "policy"),
                text(json, "case").flatMap(CaseId::parse),
                json.has("packageSha256") ? Optional.of(hex(json, "packageSha256")) : Optional.empty());
    }

    private static AccessEvent open(JsonNode vector, byte[] leaf) {
        Leaf.ParsedLeaf parsed = Leaf.parse(leaf);
        if (!vector.has("contentKey")) {
            assertThat(parsed.month()).isEmpty();
            return parsed.event();
        }
        return parsed.open(vector.get("vaultId").asText(), SealedBox.Key.of(hex(vector, "contentKey")));
    }

    @ParameterizedTest
    @MethodSource("good")
    void aLeafSaysItsEvent(String file) throws IOException {
        JsonNode vector = vector(file);
        assertThat(open(vector, hex(vector, "leaf"))).usingRecursiveComparison().isEqualTo(event(vector.get("event")));
    }

    @ParameterizedTest
    @MethodSource("good")
    void anEventIsWrittenAsItsLeaf(String file) throws IOException {
        JsonNode vector = vector(file);
        byte[] expected = hex(vector, "leaf");
        AccessEvent event = event(vector.get("event"));
        assertThat(Leaf.hasSubjects(event)).isEqualTo(vector.has("contentKey"));
        if (!vector.has("contentKey")) {
            assertThat(Leaf.encode(event)).isEqualTo(expected);
            return;
        }
        byte[] leaf = Leaf.encode(
                event,
                vector.get("vaultId").asText(),
                Leaf.monthOf(event.time()),
                SealedBox.Key.of(hex(vector, "contentKey")));
        byte[] box = Leaf.parse(expected).sealed();
        int clear = indexOf(box, expected);
        int after = clear + box.length;
        assertThat(box).hasSize(vector.get("subjectsSize").asInt() + SealedBox.OVERHEAD_BYTES);
        assertThat(leaf).hasSameSizeAs(expected);
        assertThat(Arrays.copyOf(leaf, clear)).isEqualTo(Arrays.copyOf(expected, clear));
        assertThat(Arrays.copyOfRange(leaf, after, leaf.length))
                .isEqualTo(Arrays.copyOfRange(expected, after, expected.length));
        assertThat(expected[clear - SEALED_HEADER_BYTES]).isEqualTo((byte) 17);
        assertThat(Leaf.parse(leaf).month().orElseThrow())
                .isEqualTo(vector.get("month").asInt());
        assertThat(open(vector, leaf)).usingRecursiveComparison().isEqualTo(event);
    }

    /** Returns where a box begins in a leaf. It is random, so it is there once. */
    private static int indexOf(byte[] box, byte[] leaf) {
        return new String(leaf, StandardCharsets.ISO_8859_1).indexOf(new String(box, StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void aMalformedLeafIsAnIntegrityError(String file) throws IOException {
        byte[] leaf = hex(vector(file), "leaf");
        assertThatThrownBy(() -> Leaf.parse(leaf).event()).isInstanceOf(IntegrityException.class);
    }

    @ParameterizedTest
    @MethodSource("sealedWrongly")
    void subjectsThatDoNotOpenAreAnIntegrityErrorAndLeaveTheClearPartReadable(String file) throws IOException {
        JsonNode vector = vector(file);
        byte[] leaf = hex(vector, "leaf");
        assertThat(Leaf.parse(leaf).event().subjects()).isEmpty();
        assertThatThrownBy(() -> open(vector, leaf)).isInstanceOf(IntegrityException.class);
    }
}
