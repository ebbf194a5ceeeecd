package org.patronvault.patron.transfer.format;

import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.patronvault.patron.record.PatronJson;
import org.patronvault.patron.record.SubjectAccessRecord;

/** A file format for exported patrons; the import of the same name reads it. */
public enum ExportFormat {
    /** All stored data. */
    VAULT_JSONL("vault-jsonl"),
    /** The data that fits the columns of Koha's {@code borrowers}. */
    KOHA_CSV("koha-csv");

    private final String wireName;

    ExportFormat(String wireName) {
        this.wireName = wireName;
    }

    /** The name on the command line. */
    public String wireName() {
        return wireName;
    }

    /** The format of that name. */
    public static Optional<ExportFormat> ofWireName(String name) {
        return Arrays.stream(values())
                .filter(format -> format.wireName.equals(name))
                .findFirst();
    }

    /** A file that is being written. */
    public interface File extends Closeable {
        /** Adds a patron; returns the names of the data that did not fit. */
        Set<String> add(SubjectAccessRecord patron) throws IOException;
    }

    /** Begins a file in UTF-8. Closing it writes the rest and closes {@code out}. */
    public File begin(OutputStream out, PatronJson form) {
        Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
        return this == KOHA_CSV ? new KohaExport(writer) : lines(writer, form);
    }

    private static File lines(Writer writer, PatronJson form) {
        return new File() {
            @Override
            public Set<String> add(SubjectAccessRecord patron) throws IOException {
                writer.write(patron.json(form).toString());
                writer.write('\n');
                return Set.of();
            }

            @Override
            public void close() throws IOException {
                writer.close();
            }
        };
    }
}
