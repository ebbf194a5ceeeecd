package org.patronvault.core.dual;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuthorityDigest;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.AuthorityRows.Row;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The rotation of the row key: it moves authority rows to the newest version. Their content moves to the newest
 * versions of the other keys. Thread-safe.
 */
public final class RowKeyRotation {

    /** A row under the newest versions: its name and its content. */
    public record RekeyedRow<T>(String name, T body) {}

    private record Kind<T>(Class<T> type, Function<Authority.Versioned<T>, RekeyedRow<T>> renewed) {
        private RekeyedRow<T> of(Row row) {
            T body = Authority.unproven(row, type);
            return renewed.apply(new Authority.Versioned<>(row.name(), row.generation(), body, row));
        }
    }

    private final Authority authority;
    private final AuthorityDigest digest;
    private final KeyCustody custody;
    private final Map<String, Kind<?>> kinds = new ConcurrentHashMap<>();

    RowKeyRotation(Authority authority, AuthorityDigest digest, KeyCustody custody) {
        this.authority = authority;
        this.digest = digest;
        this.custody = custody;
    }

    /**
     * Registers how a row of that kind looks under the newest versions. Rows of all other kinds have no name or text
     * made with a key of the ring.
     */
    public <T> void add(String kind, Class<T> type, Function<Authority.Versioned<T>, RekeyedRow<T>> renewed) {
        kinds.put(kind, new Kind<>(type, renewed));
    }

    /** Counts the rows under each version of the row key. */
    public Map<Integer, Long> versions(Tx tx) {
        Map<Integer, Long> counts = new TreeMap<>();
        tx.authority()
                .forEach(row -> digest.versions().of(row).ifPresent(version -> counts.merge(version, 1L, Long::sum)));
        return counts;
    }

    /** Counts the rows under no version of the row key. */
    public long refused(Tx tx) {
        return tx.authority().count()
                - versions(tx).values().stream().mapToLong(Long::longValue).sum();
    }

    /** Whether the row is valid under an older version of the row key that counts. */
    public boolean isDue(Row row) {
        OptionalInt version = digest.versions().of(row);
        return version.isPresent()
                && version.getAsInt() < custody.keys().rows().newestVersion()
                && digest.versions().counts(version.getAsInt());
    }

    /**
     * Moves the current row of that kind and name.
     *
     * @return whether it was under an older version
     * @throws IntegrityException if a text in it cannot be decrypted, or the row was rolled back
     */
    public boolean renew(WriteTx tx, String kind, String name) {
        Optional<Row> due = tx.authority().find(kind, name).filter(this::isDue);
        due.ifPresent(row -> {
            if (digest.isOutdated(kind, name, row.generation())) {
                throw new IntegrityException("authority row: " + kind + " put back");
            }
            Kind<?> known = kinds.get(kind);
            if (known == null) {
                requireDone(tx.authority().replace(row, authority.row(kind, name, row.generation() + 1, row.body())));
            } else {
                renew(tx, row, known.of(row));
            }
        });
        return due.isPresent();
    }

    private void renew(WriteTx tx, Row row, RekeyedRow<?> next) {
        String text = Authority.text(next.body());
        if (next.name().equals(row.name())) {
            Row renewed = authority.row(row.kind(), row.name(), row.generation() + 1, text);
            requireDone(tx.authority().replace(row, renewed));
        } else {
            requireDone(tx.authority().delete(row));
            requireDone(tx.authority().insert(authority.row(row.kind(), next.name(), 1, text)));
        }
    }

    private static void requireDone(boolean done) {
        if (!done) {
            throw new Refused(Problem.CHANGED_MEANWHILE, "It was changed meanwhile; look again.");
        }
    }
}
