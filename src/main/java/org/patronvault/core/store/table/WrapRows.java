package org.patronvault.core.store.table;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.KeysetScan;

/** The cells of the table {@code patron}, by the KEK version of their envelopes. */
public final class WrapRows {
    private static final int VERSION_AT = 1;

    /** Rows that are read to find the next ones, so that no snapshot lives long. */
    private static final int LOOKED_AT = 20_000;

    private final Handle handle;
    private final PatronRows patrons;

    WrapRows(Handle handle, PatronRows patrons) {
        this.handle = handle;
        this.patrons = patrons;
    }

    /** Returns the KEK version in the header of a value's envelope. */
    static int kekVersion(ValueRow value) {
        return ByteBuffer.wrap(value.envelope()).getInt(VERSION_AT);
    }

    /** Returns the bytes of a KEK version, as {@code substr(envelope, 2, 4)} gives them. */
    static byte[] kekVersionBytes(int version) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(version).array();
    }

    /** Returns the KEK version of those bytes. There are fewer bytes if an envelope is damaged. */
    static int kekVersion(byte[] bytes) {
        if (bytes == null || bytes.length != Integer.BYTES) {
            throw new IntegrityException("database: values by the KEK they hang on");
        }
        return ByteBuffer.wrap(bytes).getInt();
    }

    /** Returns SQL for the KEK version of a field's cell, as four bytes. */
    private static String version(PatronField field) {
        return "substr(" + field.wireName() + ", " + (Long.BYTES + VERSION_AT + 1) + ", 4)";
    }

    /** Returns the number of values of a field under a KEK version. Reads every row. */
    public long count(PatronField field, int kekVersion) {
        String sql = "SELECT count(*) FROM patron WHERE " + version(field) + " = ?";
        return Jdbc.wholeTable(
                        handle,
                        () -> Jdbc.first(
                                handle,
                                sql,
                                statement -> statement.setBytes(1, kekVersionBytes(kekVersion)),
                                row -> row.getLong(1)))
                .orElseThrow();
    }

    /** Returns the number of values under each KEK version, as the table itself has them. Reads every row. */
    public Map<PatronField, Map<Integer, Long>> countByKek() {
        Map<PatronField, Map<Integer, Long>> counts = new EnumMap<>(PatronField.class);
        PatronField[] fields = PatronField.values();
        String versions = Arrays.stream(fields).map(WrapRows::version).collect(Collectors.joining(", "));
        String alike = "SELECT " + versions + ", count(*) FROM patron GROUP BY " + versions;
        return Jdbc.wholeTable(handle, () -> {
            Jdbc.query(handle, alike, all -> {}, row -> {
                long count = row.getLong(fields.length + 1);
                for (int i = 0; i < fields.length; i++) {
                    counts.computeIfAbsent(fields[i], field -> new TreeMap<>())
                            .merge(kekVersion(row.getBytes(i + 1)), count, Long::sum);
                }
            });
            return counts;
        });
    }

    /** Returns the number of values under each KEK version that has some, as {@code key_use} counts them. */
    public Map<PatronField, Map<Integer, Long>> counted() {
        Map<PatronField, Map<Integer, Long>> counts = new EnumMap<>(PatronField.class);
        Jdbc.query(handle, "SELECT field, version, count FROM key_use WHERE count > 0", all -> {}, row -> {
            int version = row.getInt(2);
            long count = row.getLong(3);
            PatronField.ofWireName(row.getString(1))
                    .ifPresent(field -> counts.computeIfAbsent(field, any -> new TreeMap<>())
                            .put(version, count));
        });
        return counts;
    }

    /**
     * Some patrons with cells under another KEK version than the newest.
     *
     * @param patrons each with those cells alone, in the order of their numbers
     * @param through the last number that was looked at; empty if there are no more patrons
     */
    public record Outdated(List<StoredPatron> patrons, OptionalLong through) {}

    /**
     * Returns up to {@code limit} patrons above a number, in order, with each cell that is not under the version given
     * for its field. May return fewer, or none, though there are more.
     */
    public Outdated outdated(Map<PatronField, Integer> newest, long after, int limit) {
        List<PatronField> fields = List.copyOf(newest.keySet());
        List<PatronId> looked = patrons.idsAfter(after, LOOKED_AT);
        if (looked.isEmpty()) {
            return new Outdated(List.of(), OptionalLong.empty());
        }
        long end = looked.get(looked.size() - 1).number();
        List<StoredPatron> found = new ArrayList<>();
        String cells = fields.stream().map(PatronField::wireName).collect(Collectors.joining(", "));
        String others = fields.stream().map(field -> version(field) + " <> ?").collect(Collectors.joining(" OR "));
        Jdbc.query(
                handle,
                "SELECT " + PatronRows.COLUMNS + ", " + cells + " FROM patron WHERE id > ? AND id <= ? AND (" + others
                        + ") ORDER BY id LIMIT ?",
                statement -> {
                    statement.setLong(1, after);
                    statement.setLong(2, end);
                    int column = 2;
                    for (PatronField field : fields) {
                        statement.setBytes(++column, kekVersionBytes(newest.get(field)));
                    }
                    statement.setInt(++column, limit);
                },
                row -> found.add(outdated(newest, PatronRows.stored(row, fields))));
        List<StoredPatron> ordered =
                KeysetScan.above(after, found, patron -> patron.id().number());
        boolean isCutOff = ordered.size() == limit;
        return new Outdated(
                ordered, OptionalLong.of(isCutOff ? ordered.get(limit - 1).id().number() : end));
    }

    private static StoredPatron outdated(Map<PatronField, Integer> newest, StoredPatron patron) {
        return StoredPatron.of(
                patron.row(),
                patron.values().values().stream()
                        .filter(value -> kekVersion(value) != newest.get(value.field()))
                        .toList());
    }

    /**
     * A patron's values as they were read, and the same with their DEKs under another KEK version.
     *
     * @param read the patron with at least these values
     * @param values of the same generations
     */
    public record RewrappedValues(StoredPatron read, Collection<ValueRow> values) {
        private List<PatronField> fields() {
            return values.stream().map(ValueRow::field).sorted().toList();
        }
    }

    /** Writes rewrapped values. Leaves out a patron if one of the values is not as read. Returns how many values. */
    public int rewrap(List<RewrappedValues> patrons) {
        Map<List<PatronField>, List<RewrappedValues>> alike = patrons.stream()
                .collect(Collectors.groupingBy(RewrappedValues::fields, LinkedHashMap::new, Collectors.toList()));
        KeyUse use = new KeyUse(handle);
        int written = 0;
        for (Map.Entry<List<PatronField>, List<RewrappedValues>> some : alike.entrySet()) {
            int[] changed = rewrap(some.getKey(), some.getValue());
            for (int i = 0; i < changed.length; i++) {
                if (changed[i] > 0) {
                    RewrappedValues one = some.getValue().get(i);
                    use.replaced(one.read(), one.values());
                    written += one.values().size();
                }
            }
        }
        use.write();
        return written;
    }

    /** Replaces the counts of these fields, once a pass over all patrons left no cell under another version. */
    public void countAnew(Map<PatronField, Integer> newest) {
        long cells = patrons.count();
        newest.forEach((field, version) -> new KeyUse(handle).allUnder(field, version, cells));
    }

    private int[] rewrap(List<PatronField> fields, List<RewrappedValues> patrons) {
        String sql = "UPDATE patron SET "
                + fields.stream().map(field -> field.wireName() + " = ?").collect(Collectors.joining(", "))
                + " WHERE id = ?"
                + fields.stream()
                        .map(field -> " AND substr(" + field.wireName() + ", 1, " + ValueRow.WRAP_BYTES + ") = ?")
                        .collect(Collectors.joining());
        return Jdbc.executeEach(handle, sql, patrons, (statement, one) -> {
            Map<PatronField, ValueRow> values =
                    one.values().stream().collect(Collectors.toMap(ValueRow::field, value -> value));
            int column = 0;
            for (PatronField field : fields) {
                statement.setBytes(++column, values.get(field).cell());
            }
            statement.setLong(++column, one.read().id().number());
            for (PatronField field : fields) {
                statement.setBytes(++column, one.read().values().get(field).wrap());
            }
        });
    }
}
