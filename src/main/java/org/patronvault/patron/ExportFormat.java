package org.patronvault.patron;

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

/** How exported patrons are written, each as the import of that name reads it. */
public enum ExportFormat {
    /** All that is held. */
    VAULT_JSONL("vault-jsonl"),
    /** What the columns of Koha's {@code borrowers} have room for. */
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
    interface File extends Closeable {
        /** Adds a patron; returns the names of what there was no room for. */
        Set<String> add(SubjectAccessRecord patron) throws IOException;
    }

    /** A file of it in UTF-8. Closing writes what is left and closes {@code out}. */
    File begin(OutputStream out, PatronJson form) {
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
