package org.patronvault.log.view;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.ViewRows;

/**
 * The log entries that name one patron. It reads them from the index up to its end, and from the log itself after that,
 * so a new access shows at once. Safe for use by many threads.
 */
public final class PatronView {
    private static final int FIRST_STEP = 4;
    private static final int LAST_STEP = 1_024;
    private static final long LEAVES_AT_ONCE = 1_000;

    /** A patron in one month. */
    record Of(int month, PatronId patron) {}

    /** The entries in the index, and the first entry that only the log has. */
    private record Indexed(NavigableSet<Long> entries, long to) {}

    private final Store store;
    private final KeyCustody custody;

    public PatronView(Store store, KeyCustody custody) {
        this.store = store;
        this.custody = custody;
    }

    /**
     * Returns the indices of all entries that name a patron and can be opened, ascending. Reads the unindexed part a
     * stretch at a time, so it never blocks others for long.
     */
    public NavigableSet<Long> about(PatronId patron) {
        Indexed indexed = store.read(tx -> indexed(tx, patron));
        NavigableSet<Long> found = indexed.entries();
        long end = store.read(LogReader::size);
        for (long at = indexed.to(); at < end; at += LEAVES_AT_ONCE) {
            long from = at;
            store.read(tx -> {
                // After the log: the ring then has the key of every month in it.
                LogReader.size(tx);
                UnsealedKeys keys = custody.keys();
                tx.log().forEachLeaf(from, Math.min(from + LEAVES_AT_ONCE, end), (index, leaf) -> {
                    if (names(keys, leaf, patron)) {
                        found.add(index);
                    }
                });
                return found;
            });
        }
        return found;
    }

    /**
     * Whether an entry names a patron. An unreadable entry names nobody until it can be read: `log verify` reports it.
     */
    private static boolean names(UnsealedKeys keys, byte[] leaf, PatronId patron) {
        try {
            return LogReader.open(keys, leaf).subjects().stream()
                    .anyMatch(subject -> subject.patron().equals(patron));
        } catch (IntegrityException e) {
            return false;
        }
    }

    private Indexed indexed(Tx tx, PatronId patron) {
        LogReader.size(tx);
        UnsealedKeys keys = custody.keys();
        ViewState state = ViewState.read(tx, keys).orElse(ViewState.NOTHING);
        try {
            NavigableSet<Long> found = new TreeSet<>();
            for (int month : state.withoutDead(keys).months().keySet()) {
                found.addAll(places(tx, ViewCipher.of(keys, month), patron, state.to()));
            }
            return new Indexed(found, state.to());
        } catch (IntegrityException e) {
            // The vault did not write this row. The filler re-creates the index, and the log has every entry.
            return new Indexed(new TreeSet<>(), 0);
        }
    }

    /** Returns the indexed entries of a patron in a month, without those of a piece that is being written. */
    private static List<Long> places(Tx tx, ViewCipher cipher, PatronId patron, long before) {
        Prf labels = cipher.of(patron);
        List<Long> places = new ArrayList<>();
        int step = FIRST_STEP;
        while (true) {
            List<byte[]> asked = new ArrayList<>(step);
            for (int i = 0; i < step; i++) {
                asked.add(ViewCipher.label(labels, places.size() + i));
            }
            Map<ByteBuffer, byte[]> found = tx.view().find(cipher.month(), together(asked));
            for (byte[] label : asked) {
                byte[] value = found.get(ByteBuffer.wrap(label));
                long index = value == null ? before : cipher.index(label, value);
                if (index >= before) {
                    return places;
                }
                places.add(index);
            }
            step = Math.min(step * 4, LAST_STEP);
        }
    }

    static byte[] together(List<byte[]> labels) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(labels.size() * ViewRows.LABEL_BYTES);
        labels.forEach(all::writeBytes);
        return all.toByteArray();
    }
}
