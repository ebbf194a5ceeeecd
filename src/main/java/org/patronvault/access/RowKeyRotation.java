package org.patronvault.access;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.patronvault.audit.AuthorityDigest;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.AuthorityRows.Row;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * Moves rows that carry authority to the newest version of the row key, and what stands in them to the newest versions of
 * the other keys. Safe for use by many threads.
 */
public final class RowKeyRotation {

    /** A row under the newest versions: its name and what it says. */
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
     * Makes known how a row of that kind looks under the newest versions. Rows of all other kinds have neither a name nor a
     * text that was made with a key of the ring.
     */
    public <T> void add(String kind, Class<T> type, Function<Authority.Versioned<T>, RekeyedRow<T>> renewed) {
        kinds.put(kind, new Kind<>(type, renewed));
    }

    /** How many rows are under each version of the row key. */
    public Map<Integer, Long> versions(Tx tx) {
        Map<Integer, Long> counts = new TreeMap<>();
        tx.authority()
                .forEach(row -> digest.versions().of(row).ifPresent(version -> counts.merge(version, 1L, Long::sum)));
        return counts;
    }

    /** How many rows are under no version of the row key. */
    public long refused(Tx tx) {
        return tx.authority().count()
                - versions(tx).values().stream().mapToLong(Long::longValue).sum();
    }

    /** Whether the row is the vault's, and under an older version of the row key that counts. */
    public boolean isDue(Row row) {
        OptionalInt version = digest.versions().of(row);
        return version.isPresent()
                && version.getAsInt() < custody.keys().rows().newestVersion()
                && digest.versions().counts(version.getAsInt());
    }

    /**
     * Moves the row of that kind and name, as it is now.
     *
     * @return whether it was under an older version
     * @throws IntegrityException if a text in it does not open, or the row was put back
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
