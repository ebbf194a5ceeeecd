package org.patronvault.core.store.table;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.RequiredColumn;
import org.patronvault.core.store.table.IndexRows.Entries;

/**
 * The table {@code search_index_staged}: entries that wait for a merge into one of the two tables of the index. Labels
 * are random, so a transaction of many entries rewrites most pages of a large index. Here entries are written in
 * sequence, and merged in the order of labels, so each page is rewritten once for very many.
 *
 * <p>A merge may take several transactions. The fact {@value #MERGED} names its parts and the last merged label.
 * Entries added meanwhile are merged after it.
 */
public final class StagedRows {
    static final String MERGED = "search-index-merged";

    /**
     * The progress of a merge.
     *
     * @param lastPart its last part
     * @param label all entries of those parts up to this label are in the index
     */
    private record Progress(long lastPart, byte[] label) {
        private static Progress parse(String fact) {
            try {
                int space = fact.indexOf(' ');
                byte[] label = HexFormat.of().parseHex(fact, space + 1, fact.length());
                if (label.length != IndexRows.LABEL_BYTES) {
                    throw new IllegalArgumentException("label");
                }
                return new Progress(Long.parseLong(fact.substring(0, space)), label);
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                throw new IntegrityException("search index: how far it is merged");
            }
        }

        private String fact() {
            return lastPart + " " + HexFormat.of().formatHex(label);
        }
    }

    private final WriteTx tx;
    private final Handle handle;
    private final IndexRows index;
    private final int next;

    StagedRows(WriteTx tx, Handle handle, IndexRows index) {
        this.tx = tx;
        this.handle = handle;
        this.index = index;
        this.next = index.isNext() ? 1 : 0;
    }

    /** Returns the number of the last part that was added while not all are merged; 0 if there is none. */
    public long last() {
        long there = Jdbc.first(
                        handle,
                        "SELECT coalesce(max(n), 0) FROM search_index_staged",
                        none -> {},
                        row -> row.getLong(1))
                .orElse(0L);
        // Parts of the same number would be taken for merged ones.
        return Math.max(there, progress().map(Progress::lastPart).orElse(0L));
    }

    private Optional<Progress> progress() {
        return tx.fact(MERGED).map(Progress::parse);
    }

    /**
     * Adds entries as one run.
     *
     * @param entries of the same number each
     * @param above the numbers of its parts are above this one
     * @return {@link #last} afterwards
     */
    public long add(List<Entries> entries, long above) {
        long before = Math.max(above, last());
        long[] n = {before};
        IndexRows.inOrder(entries, part -> {
            n[0]++;
            Jdbc.execute(
                    handle,
                    "INSERT INTO search_index_staged (n, next, run, labels, vals) VALUES (?, ?, ?, ?, ?)",
                    statement -> {
                        statement.setLong(1, n[0]);
                        statement.setInt(2, next);
                        statement.setLong(3, before);
                        statement.setBytes(4, part.labels());
                        statement.setBytes(5, part.values());
                    });
        });
        return n[0];
    }

    /**
     * Replaces values at labels of one run, as far as they are not merged yet.
     *
     * @param lastPart the number of the run's last part
     */
    public void replace(long lastPart, Entries others) {
        Map<ByteBuffer, byte[]> values = new HashMap<>();
        for (int i = 0; i < others.size(); i++) {
            values.put(ByteBuffer.wrap(others.label(i)), others.value(i));
        }
        Map<Long, Entries> changed = new LinkedHashMap<>();
        Jdbc.query(
                handle,
                "SELECT n, labels, vals FROM search_index_staged"
                        + " WHERE n > (SELECT run FROM search_index_staged WHERE n = ?) AND n <= ? ORDER BY n",
                statement -> {
                    statement.setLong(1, lastPart);
                    statement.setLong(2, lastPart);
                },
                row -> {
                    Entries part = new Entries(RequiredColumn.bytes(row, 2), RequiredColumn.bytes(row, 3));
                    // The merge reports a damaged one: no patron's change waits for that.
                    for (int i = 0; i < part.size() && StagedRun.isPart(part); i++) {
                        byte[] value = values.get(ByteBuffer.wrap(part.label(i)));
                        if (value != null) {
                            part.set(i, part.label(i), value);
                            changed.put(row.getLong(1), part);
                        }
                    }
                });
        changed.forEach((n, part) ->
                Jdbc.execute(handle, "UPDATE search_index_staged SET vals = ? WHERE n = ?", statement -> {
                    statement.setBytes(1, part.values());
                    statement.setLong(2, n);
                }));
    }

    /**
     * Merges all staged entries into the index.
     *
     * @throws IntegrityException if a label was taken that should be free
     */
    public void merge() {
        boolean unused = merge(Long.MAX_VALUE);
    }

    /**
     * Merges some staged entries into the index. In the next version, an entry whose label exists already is skipped:
     * its patron was changed since it was staged, and the existing entry is its dummy.
     *
     * @param atMost how many entries, a thousand more or less
     * @return whether there is more
     * @throws IntegrityException if a label was taken that should be free
     */
    public boolean merge(long atMost) {
        long left = atMost;
        while (left > 0 && !isEmpty()) {
            left -= mergeOn(left);
        }
        return !isEmpty();
    }

    /** Continues the current merge, or begins one. Returns how many entries it merged. */
    private long mergeOn(long atMost) {
        Optional<Progress> before = progress();
        long lastPart = before.map(Progress::lastPart).orElseGet(this::last);
        PriorityQueue<StagedRun> runs = new PriorityQueue<>(runs(lastPart, before));
        Entries out = Entries.ofSize(IndexRows.PART);
        int size = 0;
        long merged = 0;
        while (!runs.isEmpty() && merged < atMost) {
            StagedRun run = runs.poll();
            run.copyTo(out, size);
            size++;
            if (run.next()) {
                runs.add(run);
            }
            if (size == IndexRows.PART || runs.isEmpty()) {
                put(out.first(size));
                merged += size;
                size = 0;
            }
        }
        if (merged == 0 && before.isEmpty()) {
            throw new IntegrityException("database: order of rows");
        }
        if (runs.isEmpty()) {
            tx.removeFact(MERGED);
        } else {
            tx.setFact(MERGED, new Progress(lastPart, out.label(IndexRows.PART - 1)).fact());
        }
        return merged;
    }

    /**
     * Adds the readable entries of damaged parts to the index, part after part. Others are lost, and the sweep names
     * their patrons.
     */
    void salvage() {
        tx.removeFact(MERGED);
        List<Long> parts = new ArrayList<>();
        Jdbc.query(
                handle,
                "SELECT n FROM search_index_staged WHERE next = ? ORDER BY n",
                statement -> statement.setInt(1, next),
                row -> parts.add(row.getLong(1)));
        for (long part : parts) {
            StagedRun run = new StagedRun(handle, part, part);
            try {
                run.readOn();
                int unused = index.insertPart(run.entries());
            } catch (IntegrityException e) {
                // This one is lost.
            }
            run.delete();
        }
    }

    /** Whether all entries were merged, or none was added. */
    public boolean isEmpty() {
        return Jdbc.first(
                        handle,
                        "SELECT 1 FROM search_index_staged WHERE next = ? LIMIT 1",
                        statement -> statement.setInt(1, next),
                        row -> 1)
                .isEmpty();
    }

    private void put(Entries entries) {
        if (index.insertPart(entries) != entries.size() && next == 0) {
            throw new IntegrityException("search index: label taken");
        }
    }

    private List<StagedRun> runs(long lastPart, Optional<Progress> progress) {
        List<StagedRun> all = new ArrayList<>();
        Jdbc.query(
                handle,
                "SELECT min(n), max(n) FROM search_index_staged WHERE next = ? AND n <= ? GROUP BY run",
                statement -> {
                    statement.setInt(1, next);
                    statement.setLong(2, lastPart);
                },
                row -> all.add(new StagedRun(handle, row.getLong(1), row.getLong(2))));
        all.removeIf(run -> !run.begin(progress.map(Progress::label)));
        return all;
    }

    /** A run of staged entries, in the order of their labels, read part by part. For one transaction. */
    private static final class StagedRun implements Comparable<StagedRun> {
        private final Handle handle;
        private final long lastPart;
        private long part;
        private Entries entries = Entries.ofSize(0);
        private int at;

        private StagedRun(Handle handle, long firstPart, long lastPart) {
            this.handle = handle;
            this.part = firstPart;
            this.lastPart = lastPart;
        }

        /** Goes to the first entry that is not merged yet. Returns whether there is one. */
        private boolean begin(Optional<byte[]> mergedUpTo) {
            readOn();
            boolean isLeft = true;
            while (isLeft && mergedUpTo.filter(this::isUpTo).isPresent()) {
                isLeft = next();
            }
            return isLeft;
        }

        private boolean isUpTo(byte[] label) {
            return Arrays.compareUnsigned(
                            entries.labels(),
                            at * IndexRows.LABEL_BYTES,
                            (at + 1) * IndexRows.LABEL_BYTES,
                            label,
                            0,
                            IndexRows.LABEL_BYTES)
                    <= 0;
        }

        private void readOn() {
            Optional<Entries> read = Jdbc.first(
                    handle,
                    "SELECT labels, vals FROM search_index_staged WHERE n = ?",
                    statement -> statement.setLong(1, part),
                    row -> entries(RequiredColumn.bytes(row, 1), RequiredColumn.bytes(row, 2)));
            entries = read.orElseThrow(() -> new IntegrityException("search index: staged part missing"));
            at = 0;
        }

        /** Returns the part that was read last. */
        private Entries entries() {
            return entries;
        }

        /**
         * Returns the entries of one part.
         *
         * @throws IntegrityException if it is not a valid part
         */
        private static Entries entries(byte[] labels, byte[] values) {
            Entries part = new Entries(labels, values);
            if (!isPart(part)) {
                throw new IntegrityException("search index: staged part");
            }
            return part;
        }

        /** Whether there is a value for each label, and no more than a part may have. */
        private static boolean isPart(Entries part) {
            int size = part.size();
            return size > 0
                    && size <= IndexRows.PART
                    && part.labels().length == size * IndexRows.LABEL_BYTES
                    && part.values().length == size * IndexRows.VALUE_BYTES;
        }

        private void delete() {
            Jdbc.execute(
                    handle, "DELETE FROM search_index_staged WHERE n = ?", statement -> statement.setLong(1, part));
        }

        private void copyTo(Entries out, int place) {
            entries.copyTo(out, at, place);
        }

        /** Goes on to the next entry. Returns whether there is one. */
        private boolean next() {
            at++;
            if (at == entries.size()) {
                // At once, so that the index grows into the pages that become free.
                delete();
                part++;
                if (part > lastPart) {
                    return false;
                }
                readOn();
            }
            return true;
        }

        @Override
        public int compareTo(StagedRun other) {
            return Arrays.compareUnsigned(
                    entries.labels(),
                    at * IndexRows.LABEL_BYTES,
                    (at + 1) * IndexRows.LABEL_BYTES,
                    other.entries.labels(),
                    other.at * IndexRows.LABEL_BYTES,
                    (other.at + 1) * IndexRows.LABEL_BYTES);
        }
    }
}
