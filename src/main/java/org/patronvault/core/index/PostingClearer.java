package org.patronvault.core.index;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.patronvault.core.model.PatronId;

/**
 * The shared state for clearing many patrons in one act. A list that many patrons share is read once, not once for
 * each. Entries that are added meanwhile belong to no patron still to be cleared. For one thread.
 */
public final class PostingClearer {
    private static final int SHORT = 64;
    private static final long MOST = 2_000_000;

    private record Key(int version, IndexTerm term) {}

    private final Map<Key, Map<PatronId, List<byte[]>>> shared = new HashMap<>();
    private long kept;

    /** Returns the labels of the term's live entries of a patron. */
    List<byte[]> labels(int version, IndexTerm term, PatronId patron, Supplier<PostingList> lists) {
        Key key = new Key(version, term);
        Map<PatronId, List<byte[]>> labels = shared.get(key);
        if (labels == null) {
            PostingList list = lists.get();
            labels = byPatron(list);
            if (list.size() > SHORT && kept + list.size() <= MOST) {
                kept += list.size();
                shared.put(key, labels);
            }
        }
        return labels.getOrDefault(patron, List.of());
    }

    private static Map<PatronId, List<byte[]>> byPatron(PostingList list) {
        Map<PatronId, List<byte[]>> labels = new HashMap<>();
        for (int i = 0; i < list.size(); i++) {
            int n = i;
            list.get(n)
                    .ifPresent(posting -> labels.computeIfAbsent(posting.patron(), first -> new ArrayList<>())
                            .add(list.label(n)));
        }
        return labels;
    }
}
