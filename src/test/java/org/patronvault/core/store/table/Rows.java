package org.patronvault.core.store.table;

import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Status;
import org.patronvault.core.store.Store;

/** Rows for tests. Envelopes have the right form and random content: no test can open them. */
public final class Rows {
    private static final Random RANDOM = new Random(4);

    private Rows() {}

    static byte[] envelope(int kekVersion) {
        byte[] envelope = random(201);
        envelope[0] = 1;
        ByteBuffer.wrap(envelope).putInt(1, kekVersion);
        return envelope;
    }

    public static byte[] random(int sizeBytes) {
        byte[] bytes = new byte[sizeBytes];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    public static PatronRow patron(long id, long version) {
        return new PatronRow(
                new PatronId(id),
                version,
                1,
                new PatronAttributes(
                        "NC",
                        Category.ADULT,
                        Optional.of(LocalDate.of(2029, 1, 31)),
                        Status.ACTIVE,
                        YearMonth.of(2026, 11)));
    }

    public static ValueRow value(long id, PatronField field, long generation, int kekVersion) {
        return new ValueRow(new PatronId(id), field, generation, envelope(kekVersion));
    }

    /** Returns a value in every field. */
    public static List<ValueRow> values(long id, int kekVersion) {
        List<ValueRow> values = new ArrayList<>();
        Arrays.stream(PatronField.values()).forEach(field -> values.add(value(id, field, 1, kekVersion)));
        return values;
    }

    /** Erases a patron of that version. Returns whether it was there. */
    public static boolean erase(WriteTx tx, long id, long version) {
        return tx.patrons()
                .find(new PatronId(id))
                .filter(stored -> stored.row().version() == version)
                .map(tx.patrons()::erase)
                .orElse(false);
    }

    /** Replaces a value of a patron. Returns whether the patron still had the value of the generation before. */
    public static boolean replace(WriteTx tx, ValueRow value) {
        StoredPatron stored = tx.patrons().find(value.patron()).orElseThrow();
        return tx.patrons().update(stored, stored.row(), List.of(value));
    }

    /** Stores a patron of version 1 with a value in every field. */
    public static List<ValueRow> put(Store store, long id, int kekVersion) {
        List<ValueRow> values = values(id, kekVersion);
        store.write(tx -> {
            tx.patrons().insert(patron(id, 1), values);
            return null;
        });
        return values;
    }
}
