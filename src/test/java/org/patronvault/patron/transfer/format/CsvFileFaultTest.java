package org.patronvault.patron.transfer.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.patronvault.patron.transfer.format.CsvFiles.all;
import static org.patronvault.patron.transfer.format.CsvFiles.draft;
import static org.patronvault.patron.transfer.format.CsvFiles.koha;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.patron.record.ImportRow;

/** Tests of faults of a CSV file as a file, from whatever system; one fault each. */
final class CsvFileFaultTest {
    private static final String HEADER = "cardnumber,surname,firstname\n";
    private static final CsvTerms UTF_16 = CsvTerms.of("utf-16", Map.of(), "ymd");
    private static final CsvTerms WINDOWS_1252 = CsvTerms.of("windows-1252", Map.of(), "ymd");

    @TempDir
    Path directory;

    private static void assertRefused(PatronReader reader, String sentence) {
        for (int call = 0; call < 2; call++) {
            assertThatExceptionOfType(Refused.class)
                    .isThrownBy(() -> all(reader))
                    .matches(e -> e.problem() == Problem.INVALID)
                    .withMessage(sentence);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void everyLineEndIsReadAndCounted(String end) {
        String text = String.join(end, "", "cardnumber,surname", "", "1,Ng", "2,\"Kim\"", "", "3,Lee");
        assertThat(all(koha(text))).extracting(ImportRow::line).containsExactly(4L, 5L, 7L);
    }

    @ParameterizedTest
    @ValueSource(strings = {",", ";", "\t"})
    void separatorIsFoundInTheHeaderEvenIfACellHoldsMoreOfAnother(String separator) {
        String text = String.join(separator, "cardnumber", "\"sur,;\tname\"", "surname") + "\n"
                + String.join(separator, "1", "\",;\t,,,;;;\"", "Ng") + "\n";
        assertThat(draft(all(koha(text)).get(0)).name().family()).isEqualTo("Ng");
    }

    @Test
    void lineThatStatesTheSeparatorIsNoHeader() {
        assertThat(all(koha("sep=;\r\ncardnumber;surname\r\n1;Ng\r\n")))
                .extracting(ImportRow::line)
                .containsExactly(3L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "\ufeff", " \r\n", ";;;\n"})
    void fileWithNothingInItIsEmpty(String text) {
        assertRefused(koha(text), "The file is empty (line 1).");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ncardnumber,surname", "\ncardnumber,surname\r\n", "\ncardnumber,surname\n\n,\n"})
    void headerAloneIsRefused(String text) {
        assertRefused(koha(text), "The file has a header and no patrons after it (line 2).");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "surname,city|The header has no column named cardnumber, which a Koha file must have (line 1).",
                "cardnumber,family_name|The header has no column named surname, which a Koha file must have (line 1).",
                "1,Quenby|The header has no column named cardnumber, which a Koha file must have (line 1).",
                "cardnumber,surname,Card Number|The header has two columns named cardnumber (line 1).",
                "cardnumber,surname,city,SURNAME|The header has two columns named surname (line 1).",
                "cardnumber,surname,city,city|The header has two columns named city (line 1)."
            })
    void headerThatCannotBeRightIsRefusedWithoutItsWords(String header, String sentence) {
        assertRefused(koha(header + "\n1,Ng,x,y\n"), sentence);
    }

    @Test
    void repeatedColumnsThatAreDroppedAnywayDoNoHarm() {
        ImportRow row = all(koha("cardnumber,surname,sex,sex,Quenby,Quenby\n1,Ng,F,F,x,y\n"))
                .get(0);
        assertThat(row.dropped()).containsExactly(ImportRow.OTHER, "sex");
    }

    @Test
    void millionColumnsAreRefusedInTheHeaderAndInARow() {
        assertRefused(
                koha(HEADER.strip() + ",x".repeat(1_000_000)), "The header has more than 1,000 columns (line 1).");
        List<ImportRow> rows = all(koha(HEADER + "1,Ng,Ann" + ",x".repeat(1_000_000) + "\n2,Ng,Ann\n"));
        assertThat(rows).extracting(CsvFiles::reason).containsExactly("cells-too-many", "");
    }

    @Test
    void rowWithFewerOrMoreCellsThanTheHeaderIsRefusedAlone() {
        List<ImportRow> rows = all(koha(HEADER + "1,Ng\n2,Ng,Ann,Quenby\n3,Ng,Ann\n4,Ng,Ann,,,\n\"5,Ng\"\n6,Ng,Ann\n"));
        assertThat(rows)
                .extracting(CsvFiles::reason)
                .containsExactly("cells-missing", "cells-too-many", "", "", "cells-missing", "");
    }

    @Test
    void cellOfMegabytesIsRefusedWhereItIsKeptAndDroppedWhereItIsNot() {
        String huge = "q".repeat(3 << 20);
        List<ImportRow> rows = all(koha(
                "cardnumber,surname,borrowernotes\n1," + huge + ",\n2,Ng," + huge + "\n" + huge + ",Ng,\n3,Ng,\n"));
        assertThat(rows).extracting(CsvFiles::reason).containsExactly("too-long", "", "too-long", "");
        assertThat(rows.get(1).dropped()).containsExactly("borrowernotes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "2,\"Ng,Ann|A quotation mark that opens a cell is never closed",
                "2,\"Ng\"Quenby,Ann|A quotation mark stands inside a cell, where it must be doubled",
                "2,\"Ng,Ann~3,\"Quenby,Bo|A quotation mark stands inside a cell, where it must be doubled"
            })
    void unbalancedQuotesEndTheFileAndRowsBeforeStay(String rows, String what) {
        PatronReader reader = koha(HEADER + "1,Ng,Ann\n" + rows.replace('~', '\n') + "\n4,Ng,Ann\n");
        assertThat(CsvFiles.reason(reader.next().orElseThrow())).isEmpty();
        assertRefused(reader, what + " (in the row that starts on line 3).");
    }

    @Test
    void quotationMarkNeverClosedInALargeFileIsRefusedInBoundedMemory() {
        String filler = "9,Ng,Ann\n".repeat(1_000_000);
        assertRefused(
                koha(HEADER + "1,\"Ng,Ann\n" + filler),
                "A cell has more than 8 million characters, or its quotation mark is never closed (in the row that"
                        + " starts on line 2).");
    }

    @Test
    void rowsSwallowedByACellAreNotedAndNotLostSilently() {
        List<ImportRow> rows = all(koha("""
                cardnumber,surname,borrowernotes
                1,Ng,"see file
                2,Kim,
                3,Lee,size 5"
                4,Ng,"two lines,
                and a comma"
                """));
        assertThat(rows).extracting(CsvFiles::reason).containsExactly("quotes-unbalanced", "");
        assertThat(rows.get(0).line()).isEqualTo(2);
    }

    @Test
    void quoteInsideAnUnquotedCellIsAnOrdinaryCharacter() {
        assertThat(draft(all(koha(HEADER + "1,Ng,Ann \"Annie\"\n")).get(0))
                        .name()
                        .given())
                .isEqualTo("Ann \"Annie\"");
    }

    @Test
    void nulBytesAreRefusedOnTheirLine() {
        PatronReader reader = koha(HEADER + "1,Ng,Ann\n2,N\0g,Ann\n");
        assertThat(CsvFiles.reason(reader.next().orElseThrow())).isEmpty();
        assertRefused(
                reader, "The file has NUL bytes, which no text has (line 3): it is damaged or no CSV; export it anew.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "x-UTF-16LE-BOM"})
    void utf16IsNamedAndReadWhenStated(String charset) {
        byte[] bytes = (HEADER + "1,Pérez,Ann\n").getBytes(Charset.forName(charset));
        assertRefused(
                koha(bytes, CsvTerms.PLAIN),
                "The file is UTF-16 and not UTF-8 (line 1): save it as UTF-8, or import it with --encoding utf-16.");
        assertThat(draft(all(koha(bytes, UTF_16)).get(0)).name().family()).isEqualTo("Pérez");
    }

    @Test
    void wrongStatementOfTheEncodingIsRefused() {
        assertRefused(
                koha(("\ufeff" + HEADER).getBytes(StandardCharsets.UTF_8), WINDOWS_1252),
                "The file says itself that it is UTF-8 (line 1): import it without --encoding.");
        assertRefused(
                koha(new byte[] {'c', 'a', (byte) 0x81, '\n'}, WINDOWS_1252),
                "The file is not in the encoding that was stated (line 1): leave --encoding out, or save it as UTF-8.");
        assertThatExceptionOfType(Refused.class).isThrownBy(() -> CsvTerms.of("ebcdic", Map.of(), "ymd"));
    }

    @Test
    void everyRowBeforeTheFirstWrongByteIsReadHoweverMuchTheReaderReadsAhead() {
        for (int rows : List.of(2, 700, 3_000)) {
            StringBuilder text = new StringBuilder(HEADER);
            for (int n = 1; n <= rows; n++) {
                text.append(n).append(",Ng,Ann\n");
            }
            PatronReader reader =
                    koha(text.append("x,\u00e9").toString().getBytes(StandardCharsets.ISO_8859_1), CsvTerms.PLAIN);
            for (int n = 1; n <= rows; n++) {
                assertThat(reader.next()).as("row %d of %d", n, rows).isPresent();
            }
            assertThatExceptionOfType(Refused.class)
                    .isThrownBy(reader::next)
                    .withMessageContaining("(line " + (rows + 2) + ")");
        }
    }

    @Test
    void mixedEncodingsAndACutCharacterAreToldApart() {
        byte[] utf8 = (HEADER + "1,Pérez,Ann\n2,Ng,Jos").getBytes(StandardCharsets.UTF_8);
        byte[] mixed = Arrays.copyOf(utf8, utf8.length + 2);
        mixed[utf8.length] = (byte) 0xe9;
        mixed[utf8.length + 1] = '\n';
        PatronReader reader = koha(mixed, CsvTerms.PLAIN);
        assertThat(reader.next()).isPresent();
        assertRefused(
                reader, "The file is UTF-8 before and something else from here on (line 3): save it anew as UTF-8.");
        byte[] cut = Arrays.copyOf(utf8, utf8.length + 1);
        cut[utf8.length] = (byte) 0xc3;
        assertRefused(
                koha(cut, CsvTerms.PLAIN),
                "The file was cut off: it ends in the middle of a character (line 3): export it anew.");
    }

    @Test
    void spreadsheetFileItselfIsNamed() {
        assertRefused(
                koha(new byte[] {'P', 'K', 3, 4, 20, 0, 6, 0}, CsvTerms.PLAIN),
                "The file is a spreadsheet or an archive and not CSV (line 1): save it as CSV in UTF-8.");
    }

    @Test
    void directoryAndAbsentFileAreRefused() {
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> KohaCsv.open(directory, CsvTerms.PLAIN, CsvFiles.TERMS, CsvFiles.JSON))
                .withMessage("The import needs a file and was given a directory.");
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() ->
                        EvergreenCsv.open(directory.resolve("none.csv"), CsvTerms.PLAIN, CsvFiles.TERMS, CsvFiles.JSON))
                .withMessage("The file to import is not there or cannot be read.");
    }

    @Test
    void unreadableStreamIsRefusedWithoutItsMessage() throws IOException {
        InputStream broken = InputStream.nullInputStream();
        broken.close();
        assertRefused(
                KohaCsv.of(broken, CsvTerms.PLAIN, CsvFiles.TERMS, CsvFiles.JSON),
                "The file could not be read any further (line 1).");
    }

    @Test
    void everyCutOfAFileIsReadOrRefusedAndNeverBreaksTheReader() {
        byte[] whole = ("\ufeff" + HEADER + "1,\"Pérez\r\n-Ng\",\"Ann \"\"Annie\"\"\"\n2,Ng,Ann\n")
                .getBytes(StandardCharsets.UTF_8);
        for (int length = 0; length < whole.length; length++) {
            PatronReader reader = KohaCsv.of(
                    new ByteArrayInputStream(whole, 0, length), CsvTerms.PLAIN, CsvFiles.TERMS, CsvFiles.JSON);
            try {
                assertThat(all(reader)).hasSizeBetween(1, 2);
            } catch (Refused e) {
                assertThat(e).hasMessageEndingWith(".").hasMessageContaining("(");
            }
        }
    }

    @Test
    void positionAndChangeOfAFileAreNoticed() throws IOException {
        Path file = Files.writeString(directory.resolve("koha.csv"), HEADER + "1,Ng,Ann\n");
        try (PatronReader reader = KohaCsv.open(file, CsvTerms.PLAIN, CsvFiles.TERMS, CsvFiles.JSON)) {
            assertThat(reader.position()).contains(new PatronReader.Position(0, Files.size(file)));
            assertThat(reader.next()).isPresent();
            assertThat(reader.position().orElseThrow().share()).isEqualTo(1.0);
            assertThat(reader.fileChanged()).isFalse();
            Files.writeString(file, "2,Ng,Ann\n", StandardOpenOption.APPEND);
            assertThat(reader.fileChanged()).isTrue();
        }
    }

    @Test
    void changeOfAJsonFileIsNoticedToo() throws IOException {
        Path file = Files.writeString(directory.resolve("patrons.jsonl"), "{}\n");
        try (PatronReader lines = VaultJsonl.open(file, CsvFiles.JSON, CsvFiles.TERMS);
                PatronReader users = FolioUsers.open(file, CsvFiles.JSON, CsvFiles.TERMS)) {
            assertThat(lines.fileChanged() || users.fileChanged()).isFalse();
            Files.delete(file);
            assertThat(lines.fileChanged() && users.fileChanged()).isTrue();
            assertThat(lines.position()).isPresent().isEqualTo(users.position());
        }
    }
}
