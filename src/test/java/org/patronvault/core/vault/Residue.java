package org.patronvault.core.vault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.patron.StoredCells;
import org.patronvault.testing.OpenVault;

/** All sixteen-byte windows of a patron's stored bytes: wrapped DEKs, ciphertexts and postings. */
public final class Residue {
    private static final int WINDOW = 16;

    private final Set<String> windows = new HashSet<>();

    private Residue(List<byte[]> stored) {
        for (byte[] bytes : stored) {
            String text = text(bytes);
            for (int at = 0; at + WINDOW <= text.length(); at++) {
                windows.add(text.substring(at, at + WINDOW));
            }
        }
    }

    /** The residue of those fields' envelopes, and of the values of the patron's entries in the search index. */
    public static Residue of(OpenVault vault, PatronId id, PatronField... fields) {
        List<byte[]> stored = new ArrayList<>();
        try (Connection connection = vault.connect()) {
            StoredCells cells = new StoredCells(connection);
            StoredPatron patron =
                    vault.vault().store().read(tx -> tx.patrons().find(id)).orElseThrow();
            PatronVault opening = vault.patrons().vault();
            byte[] labels = opening.labels(opening.known(patron)).in(1).orElseThrow();
            for (PatronField field : fields) {
                stored.add(cells.ofValue(id, field, "envelope").bytes());
            }
            cells.ofIndex(labels).stream()
                    .filter(cell -> cell.column().equals("value"))
                    .forEach(cell -> stored.add(cell.bytes()));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return new Residue(stored);
    }

    /** How many places in the home's files hold some of it. */
    public long placesIn(Path home) {
        try (Stream<Path> files = Files.walk(home)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(this::placesInFile)
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long placesInFile(Path file) {
        try {
            String text = text(Files.readAllBytes(file));
            long places = 0;
            for (int at = 0; at + WINDOW <= text.length(); at++) {
                places += windows.contains(text.substring(at, at + WINDOW)) ? 1 : 0;
            }
            return places;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Every field. */
    public static PatronField[] everything() {
        return Arrays.copyOf(PatronField.values(), PatronField.values().length);
    }
}
