package org.patronvault.core.store.table;

import java.util.Arrays;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.RequiredColumn;
import org.patronvault.core.store.table.IndexRows.Entries;

/** A run of staged entries, in the order of their labels, read part by part. For one transaction. */
final class StagedRun implements Comparable<StagedRun> {
    private final Handle handle;
    private final long lastPart;
    private long part;
    private Entries entries = Entries.ofSize(0);
    private int at;

    StagedRun(Handle handle, long firstPart, long lastPart) {
        this.handle = handle;
        this.part = firstPart;
        this.lastPart = lastPart;
    }

    /** Goes to the first entry that is not merged yet. Returns whether there is one. */
    boolean begin(Optional<byte[]> mergedUpTo) {
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

    void readOn() {
        Optional<Entries> read = Jdbc.first(
                handle,
                "SELECT labels, vals FROM search_index_staged WHERE n = ?",
                statement -> statement.setLong(1, part),
                row -> entries(RequiredColumn.bytes(row, 1), RequiredColumn.bytes(row, 2)));
        entries = read.orElseThrow(() -> new IntegrityException("search index: staged part missing"));
        at = 0;
    }

    /** Returns the part that was read last. */
    Entries entries() {
        return entries;
    }

    /**
     * Returns the entries of one part.
     *
     * @throws IntegrityException if it is not a valid part
     */
    static Entries entries(byte[] labels, byte[] values) {
        Entries part = new Entries(labels, values);
        if (!isPart(part)) {
            throw new IntegrityException("search index: staged part");
        }
        return part;
    }

    /** Whether there is a value for each label, and no more than a part may have. */
    static boolean isPart(Entries part) {
        int size = part.size();
        return size > 0
                && size <= IndexRows.PART
                && part.labels().length == size * IndexRows.LABEL_BYTES
                && part.values().length == size * IndexRows.VALUE_BYTES;
    }

    void delete() {
        Jdbc.execute(handle, "DELETE FROM search_index_staged WHERE n = ?", statement -> statement.setLong(1, part));
    }

    void copyTo(Entries out, int place) {
        entries.copyTo(out, at, place);
    }

    /** Goes on to the next entry. Returns whether there is one. */
    boolean next() {
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
