package org.patronvault.core.dual;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.AuthorityRows.Row;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The authority rows: JSON records with a generation and a MAC over kind, name, generation and body. The vault never
 * accepts a row that was edited, moved, rolled back or removed outside of it. Reading such a row throws
 * {@link IntegrityException}. {@link org.patronvault.core.log.AuthorityDigest} finds at the next start the changes that
 * this process could not know.
 */
public final class Authority {
    private static final int LOOKS = 10;
    private static final int MOST_PROVED = 1_024;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** A row as read: its content and its generation. */
    public record Versioned<T>(String name, long generation, T body, Row row) {}

    private record Key(String kind, String name) {}

    /** A row whose MAC was verified, the keys it was verified by, and its content. */
    private record VerifiedRow(Row row, long by, Object body) {
        private boolean isOf(Row other, long keys, Class<?> type) {
            return by == keys
                    && type.isInstance(body)
                    && row.generation() == other.generation()
                    && row.body().equals(other.body())
                    && Arrays.equals(row.mac(), other.mac());
        }
    }

    private final Store store;
    private final AuditLog log;
    private final KeyCustody custody;
    private final RowKeyRotation renewal;

    /** The last verified row of some names. Each written version of a row is verified and parsed once. */
    private final Map<Key, VerifiedRow> proved = new ConcurrentHashMap<>();

    private volatile Runnable onRefused = () -> {};

    /** Makes the rows under the row-integrity key of that custody. */
    public Authority(Store store, AuditLog log, KeyCustody custody) {
        this.store = store;
        this.log = log;
        this.custody = custody;
        this.renewal = new RowKeyRotation(this, log.authority(), custody);
    }

    /** Returns the move of rows to the newest versions of keys. */
    public RowKeyRotation renewal() {
        return renewal;
    }

    /** Sets a callback for each refused row; it must neither throw nor wait. */
    public void onRefused(Runnable then) {
        onRefused = then;
    }

    /** Returns the row of that kind and name. */
    public <T> Optional<Versioned<T>> find(Tx tx, String kind, String name, Class<T> type) {
        return newest(tx, kind, name).map(row -> open(row, type));
    }

    /** Returns the row of the first of these names that exists. */
    public <T> Optional<Versioned<T>> findAny(Tx tx, String kind, List<String> names, Class<T> type) {
        return names.stream()
                .flatMap(name -> find(tx, kind, name, type).stream())
                .findFirst();
    }

    /**
     * Returns a row as that snapshot shows it, even if a newer one was written since. It fits other data read in the
     * same snapshot.
     */
    public <T> Optional<Versioned<T>> findAsShown(Tx tx, String kind, String name, Class<T> type) {
        return asShown(tx, tx.authority().find(kind, name), kind, name, type);
    }

    /** Returns the verified content of a row that was read in that snapshot. */
    public <T> Optional<Versioned<T>> asShown(Tx tx, Optional<Row> shown, String kind, String name, Class<T> type) {
        if (isOutdated(tx, kind, name, shown)) {
            // Refused if there is no newer one.
            newest(tx, kind, name);
        }
        return shown.map(row -> open(row, type));
    }

    /** A row read in a snapshot may be older than the newest write; a row in the newest snapshot may not. */
    private Optional<Row> newest(Tx tx, String kind, String name) {
        Optional<Row> row = tx.authority().find(kind, name);
        if (!isOutdated(tx, kind, name, row)) {
            return row;
        }
        Optional<Row> now = row;
        boolean outdated = true;
        for (int looks = 0; looks < LOOKS && !(tx instanceof WriteTx) && outdated; looks++) {
            long known = log.authority().generation(kind, name);
            now = store.readAside(fresh -> fresh.authority().find(kind, name));
            // A row rewritten while it was read, as by running work, is no reason to refuse it. It is as new as
            // everything known before. A rolled-back row is older.
            outdated = now.map(Row::generation).orElse(0L) < known && isOutdated(tx, kind, name, now);
        }
        if (outdated && !(log.authority().isAnotherNodesWork(kind, name) && !isOutdated(tx, kind, name, now))) {
            throw refused(kind, "put back");
        }
        return now;
    }

    private boolean isOutdated(Tx tx, String kind, String name, Optional<Row> row) {
        boolean removedHere = tx instanceof WriteTx writing && writing.hasRemovedAuthority(kind, name);
        return !removedHere
                && log.authority()
                        .isOutdated(kind, name, row.map(Row::generation).orElse(0L));
    }

    private IntegrityException refused(String kind, String why) {
        onRefused.run();
        return new IntegrityException("authority row: " + kind + " " + why);
    }

    /** Returns all rows of a kind, by name. */
    public <T> List<Versioned<T>> all(Tx tx, String kind, Class<T> type) {
        List<Row> rows = tx.authority().all(kind);
        Set<String> read = rows.stream().map(Row::name).collect(Collectors.toSet());
        List<Versioned<T>> all = open(tx, rows, type);
        // A row removed during the scan would escape an act on all rows.
        for (String name : log.authority().names(kind)) {
            if (!read.contains(name)) {
                newest(tx, kind, name).ifPresent(row -> all.add(open(row, type)));
            }
        }
        return all;
    }

    /** Returns the names of all rows of a kind, including removed ones. */
    public Set<String> names(Tx tx, String kind) {
        Set<String> names =
                tx.authority().all(kind).stream().map(Row::name).collect(Collectors.toCollection(TreeSet::new));
        names.addAll(log.authority().names(kind));
        return names;
    }

    /** Returns the first rows of a kind with names after {@code name}, by name. */
    <T> List<Versioned<T>> after(Tx tx, String kind, String name, int atMost, Class<T> type) {
        return open(tx, tx.authority().after(kind, name, atMost), type);
    }

    private <T> List<Versioned<T>> open(Tx tx, List<Row> read, Class<T> type) {
        List<Versioned<T>> rows = new ArrayList<>();
        for (Row row : read) {
            if (isOutdated(tx, row.kind(), row.name(), Optional.of(row))) {
                newest(tx, row.kind(), row.name()).ifPresent(now -> rows.add(open(now, type)));
            } else {
                rows.add(open(row, type));
            }
        }
        return rows;
    }

    private <T> Versioned<T> open(Row row, Class<T> type) {
        long keys = custody.keys().number();
        Key key = new Key(row.kind(), row.name());
        VerifiedRow last = proved.get(key);
        if (last == null || !last.isOf(row, keys, type)) {
            if (!isOurs(row)) {
                throw refused(row.kind(), "changed");
            }
            last = new VerifiedRow(row, keys, unproven(row, type));
            if (proved.size() >= MOST_PROVED) {
                proved.clear();
            }
            proved.put(key, last);
        }
        return new Versioned<>(row.name(), row.generation(), type.cast(last.body()), row);
    }

    private boolean isOurs(Row row) {
        return log.authority().versions().areCounted(row);
    }

    /** Counts the rows that any read would refuse because they were changed outside the vault. */
    public int changed(Tx tx) {
        int[] changed = new int[1];
        tx.authority().forEach(row -> changed[0] += isOurs(row) ? 0 : 1);
        return changed[0];
    }

    /** Returns a row's content without checking its MAC; for readers that hold no key and decide nothing by it. */
    public static <T> T unproven(Row row, Class<T> type) {
        try {
            return JSON.readValue(row.body(), type);
        } catch (JsonProcessingException e) {
            throw new IntegrityException("authority row: " + row.kind() + " body");
        }
    }

    /** Adds a row; refused with {@code taken} if there is one of that name. */
    public void insert(WriteTx tx, String kind, String name, Object body, Refused taken) {
        if (!tx.authority().insert(row(kind, name, 1, body))) {
            throw taken;
        }
    }

    /** Replaces the row read as {@code held} with {@code body}. */
    public void replace(WriteTx tx, String kind, Versioned<?> held, Object body) {
        requireUnchanged(tx.authority().replace(held.row(), row(kind, held.name(), held.generation() + 1, body)));
    }

    /** Removes the row read as {@code held}; its name starts over at the first generation. */
    public void remove(WriteTx tx, Versioned<?> held) {
        requireUnchanged(tx.authority().delete(held.row()));
    }

    private static void requireUnchanged(boolean written) {
        if (!written) {
            throw new Refused(Problem.CHANGED_MEANWHILE, "It was changed meanwhile; look again.");
        }
    }

    /** Adds the row, or replaces the row that was read. */
    public void put(WriteTx tx, String kind, String name, Optional<? extends Versioned<?>> held, Object body) {
        if (held.isPresent()) {
            replace(tx, kind, held.get(), body);
        } else {
            insert(tx, kind, name, body, new Refused(Problem.CHANGED_MEANWHILE, "It was changed meanwhile."));
        }
    }

    private Row row(String kind, String name, long generation, Object body) {
        return row(kind, name, generation, text(body));
    }

    /** Returns the row with content {@code text}, under the newest version of the row key. */
    Row row(String kind, String name, long generation, String text) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        byte[] mac = custody.keys().rows().newest().mac(kind, bytes(name), generation, body);
        return new Row(kind, name, generation, text, mac);
    }

    /** Returns the stored text of {@code body}. */
    static String text(Object body) {
        try {
            return JSON.writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }
}
