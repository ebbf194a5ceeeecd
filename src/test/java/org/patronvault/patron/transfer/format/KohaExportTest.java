package org.patronvault.patron.transfer.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.vault.Consents;
import org.patronvault.core.vault.PairwiseResets;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.patron.record.PatronWriter;
import org.patronvault.patron.record.SubjectAccessRecord;

/** Tests that a patron written for Koha is unchanged when read back, except data without a column. */
final class KohaExportTest {
    private static final String ALPHABET = "=+-@';,\"| aZéß李1.";

    private final Random random = new Random(2_018_05);

    private static String written(List<SubjectAccessRecord> patrons) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ExportFormat.File file = ExportFormat.KOHA_CSV.begin(out, CsvFiles.JSON)) {
            for (SubjectAccessRecord patron : patrons) {
                file.add(patron);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private static SubjectAccessRecord patron(PatronDraft draft) {
        PatronMeta facts = new PatronMeta(
                PatronWriter.set(draft), false, false, Map.of(), Consents.NONE, PairwiseResets.NOWHERE, new byte[0]);
        PersonalData data = new PersonalData(
                Optional.of(List.of(draft.card())),
                Optional.of(draft.name()),
                Optional.of(draft.address()),
                Optional.of(draft.phone()),
                Optional.of(draft.email()));
        PatronAttributes attributes = new PatronAttributes(
                draft.library(),
                draft.category(),
                draft.expires(),
                draft.status(),
                draft.registered().orElse(YearMonth.of(2018, 5)));
        return new SubjectAccessRecord(new PatronId(1), 1, attributes, facts, data);
    }

    private static PatronDraft draft(String singleQuoted) {
        return CsvFiles.JSON.values(org.patronvault.testing.OpenVault.json("{" + singleQuoted + "}"));
    }

    private String text() {
        return random.ints(random.nextInt(8), 0, ALPHABET.length())
                .mapToObj(at -> ALPHABET.substring(at, at + 1))
                .reduce("", String::concat);
    }

    /** Any patron the vault would accept, without a suffix, with cells that begin with all kinds of characters. */
    private PatronDraft anybody(int number) {
        ObjectNode patron = JsonNodeFactory.instance.objectNode().put("card", "C" + number);
        patron.putObject("name")
                .put("family", text() + "F")
                .put("given", text())
                .put("middle", text())
                .put("preferred", text());
        patron.putObject("address")
                .put("line1", text())
                .put("line2", text())
                .put("city", text())
                .put("region", text())
                .put("postalCode", text())
                .put("country", text());
        ArrayNode phone = patron.putArray("phone");
        ArrayNode email = patron.putArray("email");
        for (int i = 0; i < 4; i++) {
            if (random.nextBoolean()) {
                phone.add(
                        random.nextBoolean() ? "+1203555" + (1000 + random.nextInt(9000)) + " x" + i : "+49 30 90" + i);
            }
            if (random.nextBoolean()) {
                email.add(text().replaceAll("[@;,\" ]", "") + number + "x" + i + "@example.org");
            }
        }
        patron.put("library", random.nextBoolean() ? "NC" : "-W_");
        patron.put("category", List.of("adult", "juvenile", "staff", "other").get(random.nextInt(4)));
        patron.put("status", random.nextBoolean() ? "active" : "blocked");
        if (random.nextBoolean()) {
            patron.put("expires", "2029-01-" + (10 + random.nextInt(20)));
        }
        return CsvFiles.JSON.values(patron);
    }

    @Test
    void everyRandomPatronComesBackEqualFieldByField() {
        List<PatronDraft> drafts = java.util.stream.IntStream.range(0, 2_000)
                .mapToObj(this::anybody)
                .toList();
        String csv = written(drafts.stream().map(KohaExportTest::patron).toList());
        List<ImportRow> rows = CsvFiles.all(CsvFiles.koha(csv));
        assertThat(rows).hasSameSizeAs(drafts);
        for (int i = 0; i < drafts.size(); i++) {
            PatronDraft expected = drafts.get(i).completed(CsvFiles.CONSENT, Optional.of(YearMonth.of(2018, 5)));
            assertThat(CsvFiles.draft(rows.get(i))).as("patron %d", i).isEqualTo(expected);
            assertThat(rows.get(i).dropped()).isEmpty();
        }
    }

    @Test
    void noCellOfTheFileIsAFormula() {
        String csv = written(java.util.stream.IntStream.range(0, 500)
                .mapToObj(number -> patron(anybody(number)))
                .toList());
        // Every cell, read by an independent reader.
        try (de.siegmar.fastcsv.reader.CsvReader<de.siegmar.fastcsv.reader.CsvRecord> cells =
                de.siegmar.fastcsv.reader.CsvReader.builder().ofCsvRecord(csv)) {
            cells.forEach(record -> assertThat(record.getFields())
                    .noneMatch(cell -> !cell.isEmpty() && "=+-@\t\r".indexOf(cell.charAt(0)) >= 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void phoneIsWrittenForASpreadsheetAndTheFourthAddressBesideTheThird() {
        String csv = written(List.of(patron(draft("'card':'1','name':{'family':'=Ng'},'library':'NC',"
                + "'phone':['203-555-0143'],'status':'blocked',"
                + "'email':['a@x.org','b@x.org','c@x.org','d@x.org']"))));
        assertThat(csv.lines().skip(1))
                .containsExactly(
                        quoted("1,'=Ng,,,,,,,,,,'+12035550143,,,,a@x.org,b@x.org,c@x.org; d@x.org,NC,ADULT,2018-05-01,,"
                                + "9999-12-31"));
    }

    @Test
    void fileOfNobodyHasItsHeader() {
        assertThat(written(List.of()).lines()).singleElement().asString().startsWith(quoted("cardnumber,surname"));
    }

    /** Quotes each cell, so that no separator except the comma splits one. */
    private static String quoted(String cells) {
        return "\"" + cells.replace(",", "\",\"") + "\"";
    }

    @Test
    void whatThereIsNoColumnForIsNamed() throws IOException {
        SubjectAccessRecord plain = patron(draft("'card':'1','name':{'family':'Ng','suffix':'Jr'},'library':'NC'"));
        Consents said = Consents.NONE.with(
                new Consent("newsletter", "2018-05", java.time.LocalDate.of(2020, 1, 1), "desk", "kim", true));
        SubjectAccessRecord more = new SubjectAccessRecord(
                plain.id(),
                1,
                plain.attributes(),
                new PatronMeta(plain.facts().set(), true, false, Map.of(), said, PairwiseResets.NOWHERE, new byte[0]),
                new PersonalData(
                        Optional.of(List.of("1", "2")),
                        plain.data().name(),
                        plain.data().address(),
                        plain.data().phone(),
                        plain.data().email()));
        try (ExportFormat.File file = ExportFormat.KOHA_CSV.begin(new ByteArrayOutputStream(), CsvFiles.JSON)) {
            assertThat(file.add(plain)).isEqualTo(Set.of("suffix"));
            assertThat(file.add(more)).isEqualTo(Set.of("suffix", "formerCards", "protected", "consents"));
        }
    }
}
