package org.patronvault.core.store.table;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.KeysetScan;
import org.patronvault.core.store.sql.RequiredColumn;

/**
 * The table {@code search_index}, or the table of the next version. It has labels and values, neither of which names a
 * patron. Many rows travel as two arrays that the statement takes apart, since binding millions of small parameters
 * costs more than storing them.
 */
public final class IndexRows {
    /** Size of a label in bytes. */
    public static final int LABEL_BYTES = 16;

    /** Size of a value in bytes. */
    public static final int VALUE_BYTES = 32;

    /** The table that is read. */
    static final String LIVE = "search_index";

    /** The table beside it. */
    static final String OTHER = "search_index_next";

    static final int PART = 1_000;

    public static final String LABEL = "substr(?, i * 16 + 1, 16)";
    private static final String VALUE = "substr(?, i * 32 + 1, 32)";

    /**
     * Entries side by side: all labels, and all values in the same order. For one thread; holds the arrays given.
     *
     * @param labels {@value #LABEL_BYTES} bytes each
     * @param values {@value #VALUE_BYTES} bytes each
     */
    public record Entries(byte[] labels, byte[] values) {

        /** Returns room for that many entries. */
        public static Entries ofSize(int size) {
            return new Entries(new byte[size * LABEL_BYTES], new byte[size * VALUE_BYTES]);
        }

        /** Returns the number of entries. */
        public int size() {
            return labels.length / LABEL_BYTES;
        }

        /** Returns the label of an entry. */
        public byte[] label(int i) {
            return Arrays.copyOfRange(labels, i * LABEL_BYTES, (i + 1) * LABEL_BYTES);
        }

        /** Returns the value of an entry. */
        public byte[] value(int i) {
            return Arrays.copyOfRange(values, i * VALUE_BYTES, (i + 1) * VALUE_BYTES);
        }

        /** Sets an entry. */
        public void set(int i, byte[] label, byte[] value) {
            System.arraycopy(label, 0, labels, i * LABEL_BYTES, LABEL_BYTES);
            System.arraycopy(value, 0, values, i * VALUE_BYTES, VALUE_BYTES);
        }

        public Entries copy() {
            return new Entries(labels.clone(), values.clone());
        }

        /** Returns the first entries. */
        Entries first(int count) {
            return count == size()
                    ? this
                    : new Entries(
                            Arrays.copyOf(labels, count * LABEL_BYTES), Arrays.copyOf(values, count * VALUE_BYTES));
        }

        void copyTo(Entries to, int from, int at) {
            System.arraycopy(labels, from * LABEL_BYTES, to.labels, at * LABEL_BYTES, LABEL_BYTES);
            System.arraycopy(values, from * VALUE_BYTES, to.values, at * VALUE_BYTES, VALUE_BYTES);
        }

        /** Returns the first bits of a label, so that labels can be sorted as numbers. */
        private long head(int i, int bits) {
            return ByteBuffer.wrap(labels).getLong(i * LABEL_BYTES) >>> (Long.SIZE - bits);
        }
    }

    private final Handle handle;
    private final Dialect dialect;
    private final String table;
    private final Labels.Found ahead;

    IndexRows(Handle handle, Dialect dialect, String table, Labels.Found ahead) {
        this.handle = handle;
        this.dialect = dialect;
        this.table = table;
        this.ahead = ahead;
    }

    /** Returns the value at a label. */
    public Optional<byte[]> find(byte[] label) {
        return Jdbc.first(
                handle,
                "SELECT value FROM " + table + " WHERE label = ?",
                statement -> statement.setBytes(1, label),
                row -> RequiredColumn.bytes(row, 1));
    }

    /**
     * Returns the values at labels; keys of the map wrap the labels found.
     *
     * @param labels {@value #LABEL_BYTES} bytes each
     */
    public Map<ByteBuffer, byte[]> findAll(byte[] labels) {
        if (ahead.isOf(labels)) {
            return ahead.values();
        }
        return Labels.find(handle, dialect, table, labels);
    }

    /**
     * Adds entries in the order of their random labels. So neighbors are written together, and nobody can tell which
     * entries belong together.
     *
     * @param entries of the same number each
     * @return how many were added; fewer than given means that a label was taken, and no error says which
     */
    public int insert(List<Entries> entries) {
        int[] added = new int[1];
        inOrder(entries, part -> added[0] += insertPart(part));
        return added[0];
    }

    /** Adds entries as they are, at most {@value #PART}. Returns how many were added. */
    int insertPart(Entries part) {
        String sql = "INSERT INTO " + table + " (label, value) " + dialect.counted() + " SELECT " + LABEL + ", " + VALUE
                + " FROM n WHERE true ON CONFLICT DO NOTHING";
        return Jdbc.execute(handle, sql, statement -> {
            statement.setInt(1, part.size());
            statement.setBytes(2, part.labels());
            statement.setBytes(3, part.values());
        });
    }

    /** Passes on entries in the order of their labels, at most {@value #PART} at once. */
    static void inOrder(List<Entries> entries, Consumer<Entries> then) {
        long[] order = order(entries);
        for (int from = 0; from < order.length; from += PART) {
            then.accept(gather(entries, order, from, Math.min(from + PART, order.length)));
        }
    }

    /** Replaces the values at existing labels. Returns how many existed. */
    public int replace(Entries entries) {
        return inOrder("UPDATE " + table + " SET value = ? WHERE label = ?", entries);
    }

    /** Writes values at labels, whether they exist or not. */
    public void put(Entries entries) {
        int unused = inOrder(
                "INSERT INTO " + table + " (value, label) VALUES (?, ?)"
                        + " ON CONFLICT (label) DO UPDATE SET value = excluded.value",
                entries);
    }

    private int inOrder(String valueAndLabel, Entries entries) {
        List<Entries> all = List.of(entries);
        long[] order = order(all);
        Entries sorted = gather(all, order, 0, order.length);
        return Jdbc.execute(
                handle, valueAndLabel, IntStream.range(0, sorted.size()).boxed().toList(), (statement, i) -> {
                    statement.setBytes(1, sorted.value(i));
                    statement.setBytes(2, sorted.label(i));
                });
    }

    /** Whether it is the table of the next version. */
    boolean isNext() {
        return table.equals(OTHER);
    }

    /** Returns the numbers of all entries sorted by label: each after the first bits of its label. */
    private static long[] order(List<Entries> entries) {
        int each = entries.isEmpty() ? 0 : entries.get(0).size();
        long[] order = new long[entries.size() * each];
        int numberBits = Integer.SIZE - Integer.numberOfLeadingZeros(order.length);
        for (int number = 0; number < order.length; number++) {
            long head = entries.get(number / each).head(number % each, Long.SIZE - 1 - numberBits);
            order[number] = head << numberBits | number;
        }
        Arrays.parallelSort(order);
        long mask = (1L << numberBits) - 1;
        for (int i = 0; i < order.length; i++) {
            order[i] &= mask;
        }
        return order;
    }

    private static Entries gather(List<Entries> entries, long[] order, int from, int to) {
        int each = entries.get(0).size();
        Entries part = Entries.ofSize(to - from);
        for (int i = from; i < to; i++) {
            int number = (int) order[i];
            entries.get(number / each).copyTo(part, number % each, i - from);
        }
        return part;
    }

    /**
     * Returns up to {@code limit} entries in the order of labels, from the first after {@code after} on; empty for the
     * first.
     */
    public Range after(Optional<byte[]> after, int limit) {
        byte[][] last = {after.orElse(new byte[0])};
        ByteArrayOutputStream labels = new ByteArrayOutputStream(limit * LABEL_BYTES);
        ByteArrayOutputStream values = new ByteArrayOutputStream(limit * VALUE_BYTES);
        String from = after.isPresent() ? " WHERE label > ?" : "";
        Jdbc.query(
                handle,
                "SELECT label, value FROM " + table + from + " ORDER BY label LIMIT " + limit,
                statement -> {
                    if (after.isPresent()) {
                        statement.setBytes(1, after.get());
                    }
                },
                row -> {
                    last[0] = KeysetScan.above(last[0], RequiredColumn.bytes(row, 1));
                    // A forged label may have any length.
                    labels.writeBytes(Arrays.copyOf(last[0], LABEL_BYTES));
                    values.writeBytes(Arrays.copyOf(RequiredColumn.bytes(row, 2), VALUE_BYTES));
                });
        return new Range(
                new Entries(labels.toByteArray(), values.toByteArray()),
                labels.size() == 0 ? Optional.empty() : Optional.of(last[0]));
    }

    /** Entries in the order of labels, and the last label as it is stored; empty without entries. */
    public record Range(Entries entries, Optional<byte[]> last) {}

    /** Removes every entry. */
    public void clear() {
        int unused = Jdbc.wholeTable(handle, () -> handle.execute("DELETE FROM " + table));
    }

    /** Whether there is no entry. */
    public boolean isEmpty() {
        return Jdbc.first(handle, "SELECT 1 FROM " + table + " LIMIT 1", statement -> {}, row -> 1)
                .isEmpty();
    }

    /** Returns the number of entries. */
    public long count() {
        return Jdbc.wholeTable(
                handle,
                () -> handle.createQuery("SELECT count(*) FROM " + table)
                        .mapTo(Long.class)
                        .one());
    }

    /** Deletes any entries, up to {@code limit}. Returns how many there were to delete. */
    public int delete(int limit) {
        int deleted = Jdbc.execute(
                handle,
                "DELETE FROM " + table + " WHERE label IN (SELECT label FROM " + table + " LIMIT ?)",
                statement -> statement.setInt(1, limit));
        return KeysetScan.gone(deleted, this::isEmpty);
    }
}
