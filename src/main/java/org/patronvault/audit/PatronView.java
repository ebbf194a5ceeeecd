package org.patronvault.audit;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.patronvault.crypto.Prf;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronId;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.store.ViewRows;

/**
 * The entries that name a patron: from the index of them as far as that is filled, and from the log itself for the
 * rest, so that a look shows at once. Safe for use by many threads.
 */
final class PatronView {
    private static final int FIRST_STEP = 4;
    private static final int LAST_STEP = 1_024;
    private static final long LEAVES_AT_ONCE = 1_000;

    /** A patron in one month. */
    record Of(int month, PatronId patron) {}

    /** What the index says, and from which entry on the log is to be asked. */
    private record Indexed(NavigableSet<Long> entries, long to) {}

    private final Store store;
    private final KeyCustody custody;

    PatronView(Store store, KeyCustody custody) {
        this.store = store;
        this.custody = custody;
    }

    /**
     * The indices of all entries that name that patron and can be opened, ascending. Reads what is not indexed a stretch
     * at a time, so that it is in nobody's way however much that is.
     */
    NavigableSet<Long> about(PatronId patron) {
        Indexed indexed = store.read(tx -> indexed(tx, patron));
        NavigableSet<Long> found = indexed.entries();
        long end = store.read(LogReader::size);
        for (long at = indexed.to(); at < end; at += LEAVES_AT_ONCE) {
            long from = at;
            store.read(tx -> {
                // After the log: whatever month its entries are of, the ring has the key.
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

    /** One that cannot be read names nobody until it can: `log verify` says that it was changed. */
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
            // A row that is none of the vault's: the filler makes the index anew, and the log has it all.
            return new Indexed(new TreeSet<>(), 0);
        }
    }

    /** The entries of a patron that the index has of that month, but of a piece that is being written. */
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
