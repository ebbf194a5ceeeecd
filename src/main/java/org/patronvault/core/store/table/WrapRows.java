package org.patronvault.core.store.table;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.sql.CiphertextColumns;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.KeysetScan;
import org.patronvault.core.store.sql.RequiredColumn;

/** The table {@code patron_value}, by the KEK version of its values. */
public final class WrapRows {
    private final Handle handle;

    WrapRows(Handle handle) {
        this.handle = handle;
    }

    /** Returns the bytes of an envelope's KEK version, as {@code substr(envelope, 2, 4)} gives them. */
    static byte[] kekVersionBytes(int version) {
        return new byte[] {(byte) (version >>> 24), (byte) (version >>> 16), (byte) (version >>> 8), (byte) version};
    }

    /** Returns the KEK version of those bytes. There are fewer bytes if an envelope is damaged. */
    static int kekVersion(byte[] bytes) {
        if (bytes.length != Integer.BYTES) {
            throw new IntegrityException("database: values by the KEK they hang on");
        }
        return ByteBuffer.wrap(bytes).getInt();
    }

    /** Returns the KEK versions that encrypt values of a field, ascending. */
    public List<Integer> versions(PatronField field) {
        List<Integer> versions = new ArrayList<>();
        long last = 0;
        Optional<Integer> next = versionAbove(field, 0);
        while (next.isPresent()) {
            last = KeysetScan.above(last, Integer.toUnsignedLong(next.get()));
            versions.add(next.get());
            next = versionAbove(field, next.get());
        }
        return versions;
    }

    private Optional<Integer> versionAbove(PatronField field, int version) {
        return Jdbc.first(
                handle,
                "SELECT substr(envelope, 2, 4) FROM patron_value WHERE field = ? AND substr(envelope, 2, 4) > ?"
                        + " ORDER BY field, substr(envelope, 2, 4) LIMIT 1",
                statement -> {
                    statement.setString(1, field.wireName());
                    statement.setBytes(2, kekVersionBytes(version));
                },
                row -> kekVersion(RequiredColumn.bytes(row, 1)));
    }

    /** Returns the number of values of a field under a KEK version. */
    public long count(PatronField field, int kekVersion) {
        return Jdbc.wholeTable(
                handle,
                () -> handle.createQuery(
                                "SELECT count(*) FROM patron_value WHERE field = :field AND substr(envelope, 2, 4) = :kek")
                        .bind("field", field.wireName())
                        .bind("kek", kekVersionBytes(kekVersion))
                        .mapTo(Long.class)
                        .one());
    }

    /** Returns the number of values under each KEK version: field → version → count. */
    public Map<PatronField, Map<Integer, Long>> countByKek() {
        Map<PatronField, Map<Integer, Long>> counts = new EnumMap<>(PatronField.class);
        String sql = "SELECT field, substr(envelope, 2, 4), count(*) FROM patron_value GROUP BY 1, 2";
        Jdbc.Reader reader =
                row -> counts.computeIfAbsent(PatronRows.field(RequiredColumn.text(row, 1)), f -> new LinkedHashMap<>())
                        .put(kekVersion(RequiredColumn.bytes(row, 2)), row.getLong(3));
        return Jdbc.wholeTable(handle, () -> {
            Jdbc.query(handle, sql, all -> {}, reader);
            return counts;
        });
    }

    /**
     * Returns up to {@code limit} values of a field under a KEK version, of patrons above a number, in order.
     *
     * @throws IntegrityException if the table's index names a value under another version
     */
    public List<ValueRow> under(PatronField field, int kekVersion, long after, int limit) {
        byte[] kek = kekVersionBytes(kekVersion);
        List<ValueRow> values = new ArrayList<>(limit);
        Jdbc.query(
                handle,
                "SELECT patron, generation, envelope FROM patron_value"
                        + " WHERE field = ? AND substr(envelope, 2, 4) = ? AND patron > ? ORDER BY patron LIMIT ?",
                statement -> {
                    statement.setString(1, field.wireName());
                    statement.setBytes(2, kek);
                    statement.setLong(3, after);
                    statement.setInt(4, limit);
                },
                row -> {
                    byte[] envelope = RequiredColumn.bytes(row, 3);
                    // A rewrap task would find it again and again.
                    if (envelope.length < 5 || !Arrays.equals(envelope, 1, 5, kek, 0, 4)) {
                        throw new IntegrityException("database: values by the KEK they hang on");
                    }
                    values.add(new ValueRow(new PatronId(row.getLong(1)), field, row.getLong(2), envelope));
                });
        return KeysetScan.above(after, values, value -> value.patron().number());
    }

    /** A value as it was read, and its envelope with the DEK under another KEK version. */
    public record RewrappedValue(ValueRow read, byte[] envelope) {}

    /** Writes rewrapped envelopes whose generation and KEK version are still as read. Returns how many. */
    public int rewrap(List<RewrappedValue> values) {
        String sql = "UPDATE patron_value SET envelope = ? WHERE patron = ? AND field = ? AND generation = ?"
                + " AND substr(envelope, 2, 4) = ?";
        return Jdbc.execute(handle, sql, values, (statement, one) -> {
            statement.setBytes(1, CiphertextColumns.envelope(one.envelope()));
            statement.setLong(2, one.read().patron().number());
            statement.setString(3, one.read().field().wireName());
            statement.setLong(4, one.read().generation());
            statement.setBytes(5, Arrays.copyOfRange(one.read().envelope(), 1, 5));
        });
    }
}
