package org.patronvault.app.madeup;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.model.Address;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.Status;

/** A writer of made-up patrons as import files, with telephone numbers as people write them. */
public final class MadeUpFile {
    private static final List<String> KOHA_COLUMNS = List.of(
            "cardnumber",
            "surname",
            "firstname",
            "middle_name",
            "preferred_name",
            "title",
            "address",
            "address2",
            "city",
            "state",
            "zipcode",
            "country",
            "email",
            "emailpro",
            "phone",
            "mobile",
            "branchcode",
            "categorycode",
            "dateenrolled",
            "dateexpiry",
            "debarred",
            "sex",
            "borrowernotes");

    private MadeUpFile() {}

    /** Writes the vault's JSON lines without consent, which the importer states. */
    public static void vaultJsonl(MadeUpPatrons patrons, Path file) throws IOException {
        try (Writer out = writer(file)) {
            for (int n = 1; n <= patrons.size(); n++) {
                JsonGenerator json = new JsonFactory()
                        .createGenerator(out)
                        .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                        .disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
                write(json, patrons.patron(n));
                json.close();
                out.write('\n');
            }
        }
    }

    private static void write(JsonGenerator json, MadeUpPatron patron) throws IOException {
        json.writeStartObject();
        json.writeStringField("card", patron.card());
        Name name = patron.name();
        json.writeObjectFieldStart("name");
        json.writeStringField("family", name.family());
        given(json, "given", name.given());
        given(json, "middle", name.middle());
        given(json, "suffix", name.suffix());
        given(json, "preferred", name.preferred());
        json.writeEndObject();
        if (!patron.address().isEmpty()) {
            Address address = patron.address();
            json.writeObjectFieldStart("address");
            json.writeStringField("line1", address.line1());
            given(json, "line2", address.line2());
            json.writeStringField("city", address.city());
            json.writeStringField("region", address.region());
            json.writeStringField("postalCode", address.postalCode());
            json.writeStringField("country", address.country());
            json.writeEndObject();
        }
        list(json, "phone", patron.phones().stream().map(MadeUpPhone::written).toList());
        list(json, "email", patron.email());
        json.writeStringField("library", patron.library());
        json.writeStringField("category", patron.category().wireName());
        if (patron.expires().isPresent()) {
            json.writeStringField("expires", patron.expires().get().toString());
        }
        json.writeStringField("status", patron.status().wireName());
        json.writeStringField("registered", patron.registered().toString());
        json.writeEndObject();
    }

    private static void given(JsonGenerator json, String member, String value) throws IOException {
        if (!value.isEmpty()) {
            json.writeStringField(member, value);
        }
    }

    private static void list(JsonGenerator json, String member, List<String> values) throws IOException {
        if (!values.isEmpty()) {
            json.writeArrayFieldStart(member);
            for (String value : values) {
                json.writeString(value);
            }
            json.writeEndArray();
        }
    }

    /** Writes a CSV file of Koha's {@code borrowers}, with some columns that the vault must drop. */
    public static void kohaCsv(MadeUpPatrons patrons, Path file) throws IOException {
        try (Writer out = writer(file)) {
            out.write(String.join(",", KOHA_COLUMNS) + "\r\n");
            for (int n = 1; n <= patrons.size(); n++) {
                out.write(koha(patrons.patron(n)).map(MadeUpFile::quoted).collect(Collectors.joining(",")) + "\r\n");
            }
        }
    }

    private static Stream<String> koha(MadeUpPatron patron) {
        Name name = patron.name();
        Address address = patron.address();
        List<String> phones = patron.phones().stream().map(MadeUpPhone::written).toList();
        // Koha has no column for a suffix, so libraries write it after the surname.
        String surname = name.family() + (name.suffix().isEmpty() ? "" : " " + name.suffix());
        return Stream.of(
                patron.card(),
                surname,
                name.given(),
                name.middle(),
                name.preferred(),
                patron.category() == Category.OTHER ? "Dr" : "",
                address.line1(),
                address.line2(),
                address.city(),
                address.region(),
                address.postalCode(),
                address.country(),
                at(patron.email(), 0),
                at(patron.email(), 1),
                at(phones, 0),
                at(phones, 1),
                patron.library(),
                kohaCategory(patron.category()),
                patron.registered() + "-15",
                patron.expires().map(Object::toString).orElse(""),
                patron.status() == Status.BLOCKED ? "9999-12-31" : "",
                "",
                patron.status() == Status.BLOCKED ? "owes a \"long\" overdue, see desk" : "");
    }

    private static String kohaCategory(Category category) {
        return switch (category) {
            case ADULT -> "PT";
            case JUVENILE -> "J";
            case STAFF -> "S";
            case OTHER -> "T";
        };
    }

    private static String at(List<String> values, int index) {
        return index < values.size() ? values.get(index) : "";
    }

    private static String quoted(String value) {
        boolean plain = value.chars().noneMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
        return plain ? value : '"' + value.replace("\"", "\"\"") + '"';
    }

    private static BufferedWriter writer(Path file) throws IOException {
        return Files.newBufferedWriter(file, StandardCharsets.UTF_8);
    }
}
