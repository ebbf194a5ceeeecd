package org.patronvault.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import org.jdbi.v3.core.Handle;
import org.patronvault.model.IntegrityException;
import org.patronvault.store.IndexRows.Entries;

/**
 * The table {@code search_index_staged}: entries that wait to be merged into {@code search_index}. Labels fall
 * everywhere, so that a transaction of many entries rewrites most pages of a large index; here they are written one
 * after the other, and merged in the order of labels, so that each page is rewritten once for very many.
 */
public final class StagedRows {
    private final Handle handle;
    private final IndexRows index;

    StagedRows(Handle handle, IndexRows index) {
        this.handle = handle;
        this.index = index;
    }

    /** The number of the last part that was ever added and is not merged yet; 0 if there is none. */
    public long last() {
        return Jdbc.first(
                        handle,
                        "SELECT coalesce(max(n), 0) FROM search_index_staged",
                        none -> {},
                        row -> row.getLong(1))
                .orElse(0L);
    }

    /**
     * Adds entries as one run.
     *
     * @param entries of the same number each
     * @return {@link #last} as it is then
     */
    public long add(List<Entries> entries) {
        long before = last();
        long[] n = {before};
        IndexRows.inOrder(entries, part -> {
            n[0]++;
            Jdbc.execute(
                    handle, "INSERT INTO search_index_staged (n, run, labels, vals) VALUES (?, ?, ?, ?)", statement -> {
                        statement.setLong(1, n[0]);
                        statement.setLong(2, before);
                        statement.setBytes(3, part.labels());
                        statement.setBytes(4, part.values());
                    });
        });
        return n[0];
    }

    /**
     * Merges all of it into the index.
     *
     * @throws IntegrityException if a label was taken
     */
    public void merge() {
        List<Run> all = new ArrayList<>();
        Jdbc.query(
                handle,
                "SELECT min(n), max(n) FROM search_index_staged GROUP BY run",
                none -> {},
                row -> all.add(new Run(row.getLong(1), row.getLong(2))));
        all.forEach(Run::readOn);
        PriorityQueue<Run> runs = new PriorityQueue<>(all);
        Entries out = Entries.ofSize(IndexRows.PART);
        int size = 0;
        while (!runs.isEmpty()) {
            Run run = runs.poll();
            run.copyTo(out, size);
            size++;
            if (run.next()) {
                runs.add(run);
            }
            if (size == IndexRows.PART || runs.isEmpty()) {
                if (index.insertPart(out.first(size)) != size) {
                    throw new IntegrityException("search index: label taken");
                }
                size = 0;
            }
        }
    }

    /** A run, read part by part. */
    private final class Run implements Comparable<Run> {
        private final long lastPart;
        private long part;
        private Entries entries = Entries.ofSize(0);
        private int at;

        private Run(long firstPart, long lastPart) {
            this.part = firstPart;
            this.lastPart = lastPart;
        }

        private void readOn() {
            Optional<Entries> read = Jdbc.first(
                    handle,
                    "SELECT labels, vals FROM search_index_staged WHERE n = ?",
                    statement -> statement.setLong(1, part),
                    row -> new Entries(row.getBytes(1), row.getBytes(2)));
            entries = read.orElseThrow();
            at = 0;
        }

        private void delete() {
            Jdbc.execute(
                    handle, "DELETE FROM search_index_staged WHERE n = ?", statement -> statement.setLong(1, part));
        }

        private void copyTo(Entries out, int place) {
            entries.copyTo(out, at, place);
        }

        /** Goes on to the next entry; whether there is one. */
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
        public int compareTo(Run other) {
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
