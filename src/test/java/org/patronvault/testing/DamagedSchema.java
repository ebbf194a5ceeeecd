package org.patronvault.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A bit of the text in which SQLite keeps what its tables are, flipped as a disk may flip it. */
public final class DamagedSchema {
    private DamagedSchema() {}

    /** Has a column have another name; nobody may have the database open. */
    public static void rename(Path database, String table, String column) {
        try {
            byte[] bytes = Files.readAllBytes(database);
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            int at = text.indexOf(" " + column + " ", text.indexOf("CREATE TABLE " + table + " ("));
            bytes[at + 1] ^= 1;
            Files.write(database, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
