package org.patronvault.audit;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.patronvault.crypto.Prf;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.model.PatronId;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;

/**
 * The entries that name a patron: from the index of them as far as that is filled, and from the log itself for the
 * rest, so that a look shows at once. Safe for use by many threads.
 */
final class PatronView {
    private static final int FIRST_STEP = 16;
    private static final int LAST_STEP = 1_024;

    private final Store store;
    private final KeyCustody custody;

    PatronView(Store store, KeyCustody custody) {
        this.store = store;
        this.custody = custody;
    }

    /** The indices of all entries that name that patron and can still be opened, ascending. */
    NavigableSet<Long> about(PatronId patron) {
        return store.read(tx -> {
            long end = LogReader.size(tx);
            // After the log: whatever month its entries are of, the ring has the key.
            UnsealedKeys keys = custody.keys();
            ViewState state = ViewState.read(tx, keys).orElse(ViewState.NOTHING);
            NavigableSet<Long> found = new TreeSet<>();
            for (int month : state.withoutDead(keys).rows().keySet()) {
                found.addAll(places(tx, ViewCipher.of(keys, month), patron));
            }
            tx.log().forEachLeaf(state.to(), end, (index, leaf) -> {
                if (LogReader.open(keys, leaf).subjects().stream()
                        .anyMatch(subject -> subject.patron().equals(patron))) {
                    found.add(index);
                }
            });
            return found;
        });
    }

    /** The entries of a patron that the index has of that month. */
    static List<Long> places(Tx tx, ViewCipher cipher, PatronId patron) {
        Prf labels = cipher.of(patron);
        List<Long> places = new ArrayList<>();
        int step = FIRST_STEP;
        while (true) {
            List<byte[]> asked = new ArrayList<>(step);
            for (int i = 0; i < step; i++) {
                asked.add(ViewCipher.label(labels, places.size() + i));
            }
            var found = tx.view().find(cipher.month(), asked);
            for (byte[] label : asked) {
                byte[] value = found.get(ByteBuffer.wrap(label));
                if (value == null) {
                    return places;
                }
                places.add(cipher.index(label, value));
            }
            step = Math.min(step * 2, LAST_STEP);
        }
    }
}
