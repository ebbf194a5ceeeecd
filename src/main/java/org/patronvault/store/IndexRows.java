package org.patronvault.store;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The table {@code search_index}: labels and values, neither of which says whose they are. */
public final class IndexRows {

    /** One entry: a 16-byte label and a 32-byte value. */
    public record Entry(byte[] label, byte[] value) {}

    private static final int MAX_ASKED = 500;

    private final Handle handle;

    IndexRows(Handle handle) {
        this.handle = handle;
    }

    /** The value at that label. */
    public Optional<byte[]> find(byte[] label) {
        return handle.createQuery("SELECT value FROM search_index WHERE label = :label")
                .bind("label", label)
                .mapTo(byte[].class)
                .findOne();
    }

    /** The values at those labels; keys of the map wrap the labels found. */
    public Map<ByteBuffer, byte[]> findAll(Collection<byte[]> labels) {
        Map<ByteBuffer, byte[]> found = new HashMap<>();
        List<byte[]> all = List.copyOf(labels);
        for (int from = 0; from < all.size(); from += MAX_ASKED) {
            handle.createQuery("SELECT label, value FROM search_index WHERE label IN (<labels>)")
                    .bindList("labels", all.subList(from, Math.min(from + MAX_ASKED, all.size())))
                    .map((row, ctx) -> found.put(ByteBuffer.wrap(row.getBytes(1)), row.getBytes(2)))
                    .list();
        }
        return found;
    }

    /**
     * Adds entries, in the order given.
     *
     * @return how many were added; fewer than given means that a label was taken, and no error says which
     */
    public int insert(List<Entry> entries) {
        PreparedBatch batch = handle.prepareBatch(
                "INSERT INTO search_index (label, value) VALUES (:label, :value) ON CONFLICT DO NOTHING");
        for (Entry entry : entries) {
            batch.bind("label", entry.label()).bind("value", entry.value()).add();
        }
        int added = 0;
        for (int one : batch.execute()) {
            added += one;
        }
        return added;
    }

    /** Puts new values at labels that exist; returns how many did. */
    public int replace(List<Entry> entries) {
        PreparedBatch batch = handle.prepareBatch("UPDATE search_index SET value = :value WHERE label = :label");
        for (Entry entry : entries) {
            batch.bind("label", entry.label()).bind("value", entry.value()).add();
        }
        int replaced = 0;
        for (int one : batch.execute()) {
            replaced += one;
        }
        return replaced;
    }

    /** How many entries there are. */
    public long count() {
        return handle.createQuery("SELECT count(*) FROM search_index")
                .mapTo(Long.class)
                .one();
    }
}
