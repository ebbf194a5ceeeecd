package org.patronvault;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.crypto.Envelope;
import org.patronvault.core.crypto.EnvelopeCipher;
import org.patronvault.core.crypto.EnvelopeContext;
import org.patronvault.core.crypto.Kek;
import org.patronvault.core.crypto.Padding;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.index.CardCipher;
import org.patronvault.core.index.IndexedTerm;
import org.patronvault.core.index.TermsCell;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.vault.PatronRowHash;
import org.patronvault.patron.record.PatronTerms;
import org.patronvault.testing.Skips;

/** The section of format.md about the second layout follows from the code, and a reader that knows the text alone decodes it. */
final class SecondLayoutDocumentTest {
    private static final Path FORMAT = Path.of("src/site/markdown/format.md");
    private static final Path VECTORS = Path.of("src/test/resources/vectors");
    private static final String VAULT = "vault-nc-01";
    private static final PatronId PATRON = new PatronId(0x0123456789abcdefL);
    private static final String CARD = "21234000000018";

    private final String section = section();

    private static String section() {
        try {
            return Files.readString(FORMAT).split("## Second layout\n", 2)[1].split("\n## ", 2)[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The bytes of a label in a block of examples, with those of the lines below it. */
    private byte[] example(String label) {
        Matcher found = Pattern.compile("\n" + label + " +([0-9a-f ]+(\n {13}[0-9a-f ]+)*)\n")
                .matcher(section);
        assertThat(found.find()).as(label).isTrue();
        return bytes(found.group(1).replaceAll("\\s", ""));
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static JsonNode vector() throws IOException {
        return new ObjectMapper().readTree(VECTORS.resolve("row/patron.json").toFile());
    }

    private static EnvelopeContext context(JsonNode cell, byte[] stored, byte[] bound) {
        long generation = ByteBuffer.wrap(stored).getLong();
        String field = cell.get("field").asText();
        return new EnvelopeContext(
                VAULT, field, PATRON.toString(), generation, field.equals("meta") ? bound : new byte[0]);
    }

    @Test
    void cellsOfTheRowOpenAndGiveTheHashOfTheRow() throws IOException {
        List<PatronRowHash.Cell> cells = new ArrayList<>();
        for (JsonNode cell : vector().get("cells")) {
            byte[] stored = bytes(cell.get("stored").asText());
            byte[] envelope = Arrays.copyOfRange(stored, Long.BYTES, stored.length);
            EnvelopeContext context = context(cell, stored, example("bound"));
            Padding padding =
                    Padding.of(StreamSupport.stream(cell.get("sizeClasses").spliterator(), false)
                            .mapToInt(JsonNode::asInt)
                            .toArray());
            Kek kek =
                    Kek.of(cell.get("kekVersion").asInt(), bytes(cell.get("kek").asText()));
            assertThat(EnvelopeCipher.open(kek, context, envelope, padding))
                    .isEqualTo(bytes(cell.get("value").asText()));
            cells.add(new PatronRowHash.Cell(
                    cell.get("code").asInt(), context.generation(), EnvelopeCipher.rowHash(context, envelope)));
        }
        assertThat(PatronRowHash.of(VAULT, PATRON, cells)).isEqualTo(example("hash of row"));
    }

    @Test
    void cellsHaveTheCodesAndSizesOfTheTable() throws IOException {
        Map<String, List<String>> table = new LinkedHashMap<>();
        section.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("\\|"))
                .forEach(row -> {
                    assertThat(row).hasSize(5);
                    table.put(
                            row[1].replace('`', ' ').strip(), List.of(row[2].strip(), row[3].strip(), row[4].strip()));
                });
        List<String> names = new ArrayList<>();
        for (JsonNode cell : vector().get("cells")) {
            String name = cell.get("field").asText();
            names.add(name);
            List<Integer> classes = StreamSupport.stream(cell.get("sizeClasses").spliterator(), false)
                    .map(JsonNode::asInt)
                    .toList();
            assertThat(table.get(name))
                    .as(name)
                    .containsExactly(
                            cell.get("code").asText(),
                            listed(classes),
                            listed(classes.stream()
                                    .map(size -> Long.BYTES + Envelope.OVERHEAD_BYTES + size)
                                    .toList()));
        }
        assertThat(table.keySet()).containsExactlyElementsOf(names);
    }

    private static String listed(List<Integer> numbers) {
        return String.join(", ", numbers.stream().map(String::valueOf).toList());
    }

    @Test
    void cardIsSealedAsSaid() {
        CardCipher cipher = CardCipher.of(1, VAULT, Prf.of(example("card key")));
        CardCipher.Holder holder = new CardCipher.Holder(PATRON, false, 1);
        byte[] label = cipher.label(CARD);
        assertThat(label).isEqualTo(example("card label"));
        assertThat(cipher.seal(label, holder)).isEqualTo(example("card sealed"));
        assertThat(cipher.open(label, example("card sealed"))).isEqualTo(holder);
    }

    @Test
    void termsAreThoseOfThePatron() {
        Prf key = Prf.of(example("term key"));
        List<IndexedTerm> terms = PatronTerms.of(
                List.of(CARD),
                Optional.of(new Name("O'Sullivan-Ng", "Katherine", "", "", "Kat")),
                List.of("+12035550143"),
                List.of());
        TermsCell cell = TermsCell.of(1, terms.stream().mapToLong(term -> TermsCell.term(key, VAULT, term.term())));
        assertThat(cell.encode()).isEqualTo(example("terms cell"));
        assertThat(section).contains("The example patron has " + cell.terms().length + " terms.");
        assertThat(cell.terms()).contains(new BigInteger(1, example("term")).longValueExact());
    }

    @Test
    void independentReaderDecodesEveryExample(@TempDir Path directory) throws Exception {
        Skips.unless(
                exit(directory, "python3", "-c", "import cryptography.hazmat.primitives.ciphers.aead") == 0,
                "python3 or python3-cryptography is not installed");
        Path reader = Path.of("src/test/python/second_layout.py");
        assertThat(Files.readAllLines(reader)).hasSizeLessThanOrEqualTo(100);
        int exit = exit(directory, "python3", reader.toString(), FORMAT.toString(), VECTORS.toString());
        assertThat(Files.readString(directory.resolve("said"))).isEqualTo("all examples decode\n");
        assertThat(exit).isZero();
    }

    /** Runs a program to its end. Its output is in the file {@code said}; the result is 127 if there is no such program. */
    private static int exit(Path directory, String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("said").toFile())
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return 127;
        }
    }
}
