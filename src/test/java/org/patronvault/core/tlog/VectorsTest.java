package org.patronvault.core.tlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.patronvault.testing.LongRun;

/** Tests with the files under {@code vectors/}: one fault each, and the kind of failure it must meet. */
final class VectorsTest {
    private static final int MUTATIONS = LongRun.times(20, 200);

    static Stream<Vector> vectors() throws IOException, URISyntaxException, MalformedException {
        Path directory = Path.of(VectorsTest.class.getResource("vectors").toURI());
        try (Stream<Path> files = Files.list(directory)) {
            List<Vector> vectors = new ArrayList<>();
            for (Path file : files.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .toList()) {
                vectors.add(Vector.read(file));
            }
            return vectors.stream();
        }
    }

    @Test
    void allKindsAreThere() throws IOException, URISyntaxException, MalformedException {
        assertThat(vectors().map(vector -> vector.header("kind"))).contains("note", "checkpoint", "proof", "vkey");
        assertThat(vectors()).hasSizeGreaterThan(140);
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void vectorMeetsTheFailureItNames(Vector vector) {
        assertThat(outcome(vector, vector.body)).as(vector.header("fault")).isEqualTo(vector.header("expect"));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void whatIsVerifiedIsWrittenAgainByteForByte(Vector vector) throws MalformedException {
        if (vector.header("expect").equals("malformed")) {
            return;
        }
        String text = new String(vector.body, StandardCharsets.UTF_8);
        String written = switch (vector.header("kind")) {
            case "proof" -> TlogProof.parse(text).toText();
            case "vkey" -> VerifierKey.parse(text).toString();
            case "checkpoint" -> {
                SignedNote note = SignedNote.parse(text);
                assertThat(Checkpoint.parse(note.text()).toNoteText()).isEqualTo(note.text());
                yield note.toText();
            }
            default -> SignedNote.parse(text).toText();
        };
        assertThat(written).isEqualTo(text);
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void anyChangeOfAnyVectorFailsInOneOfTheTwoWays(Vector vector) {
        Random random = new Random(Arrays.hashCode(vector.body));
        for (int round = 0; round < MUTATIONS && vector.body.length > 0; round++) {
            byte[] mutated = vector.body.clone();
            int at = random.nextInt(mutated.length);
            switch (random.nextInt(4)) {
                case 0 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> mutated[at] = (byte) "\n +=/0-Az\0".charAt(random.nextInt(10));
                case 2 -> mutated = Arrays.copyOf(mutated, at);
                default -> {
                    byte[] longer = Arrays.copyOf(mutated, mutated.length + 1);
                    System.arraycopy(mutated, at, longer, at + 1, mutated.length - at);
                    mutated = longer;
                }
            }
            // Some changes hit a signature that is ignored, or none at all; only other exceptions are failures here.
            assertThat(outcome(vector, mutated)).isIn("verified", "malformed", "unverified");
        }
    }

    private static String outcome(Vector vector, byte[] body) {
        List<VerifierKey> known = new ArrayList<>(vector.logKeys);
        known.addAll(vector.witnessKeys);
        try {
            switch (vector.header("kind")) {
                case "note" -> SignedNote.parse(body).verify(known);
                case "checkpoint" ->
                    Checkpoint.open(SignedNote.parse(body).verify(known), vector.header("origin"), vector.logKeys);
                case "proof" ->
                    TlogProof.parse(body)
                            .verify(
                                    MerkleHash.leaf(HexFormat.of().parseHex(vector.header("leaf"))),
                                    vector.header("origin"),
                                    vector.logKeys,
                                    vector.witnessKeys);
                case "vkey" -> VerifierKey.parse(new String(body, StandardCharsets.UTF_8));
                default -> throw new IllegalStateException("unknown kind");
            }
            return "verified";
        } catch (MalformedException e) {
            return "malformed";
        } catch (UnverifiedException e) {
            return "unverified";
        }
    }

    private record Vector(
            String name, List<String> headers, List<VerifierKey> logKeys, List<VerifierKey> witnessKeys, byte[] body) {

        static Vector read(Path file) throws IOException, MalformedException {
            byte[] all = Files.readAllBytes(file);
            int end = 0;
            while (all[end] != '\n' || all[end + 1] != '\n') {
                end++;
            }
            List<String> headers =
                    new String(all, 0, end, StandardCharsets.UTF_8).lines().toList();
            return new Vector(
                    file.getFileName().toString(),
                    headers,
                    keys(headers, "key"),
                    keys(headers, "witness"),
                    Arrays.copyOfRange(all, end + 2, all.length));
        }

        private static List<VerifierKey> keys(List<String> headers, String header) throws MalformedException {
            List<VerifierKey> keys = new ArrayList<>();
            for (String key : all(headers, header).toList()) {
                keys.add(VerifierKey.parse(key));
            }
            return keys;
        }

        private static Stream<String> all(List<String> headers, String header) {
            return headers.stream()
                    .filter(line -> line.startsWith(header + ": "))
                    .map(line -> line.substring(header.length() + 2));
        }

        String header(String header) {
            return all(headers, header).findFirst().orElse("");
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
