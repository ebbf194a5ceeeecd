package org.patronvault.custody;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.patronvault.model.PatronId;
import org.patronvault.patron.PatronReindexing;
import org.patronvault.patron.PatronVault;

/**
 * Whom a rebuild has still to index: everybody in the order of their ids, then those who were changed meanwhile, again and
 * again. For one thread, but for {@link #again}.
 */
final class ReindexQueue {
    private final PatronReindexing reindexing;
    private final Deque<PatronVault.VerifiedPatron> due = new ArrayDeque<>();
    private final Set<PatronId> again = ConcurrentHashMap.newKeySet();
    private final Set<PatronId> unsound = new HashSet<>();
    private long[] order;
    private int at;

    /** Everybody there is now, or nobody. */
    ReindexQueue(PatronReindexing reindexing, boolean everybody) {
        this.reindexing = reindexing;
        this.order = everybody ? reindexing.everybody() : new long[0];
    }

    /** Has the log told of the next who are not in the version that is built; empty if there are no more. */
    Optional<PatronReindexing.AnnouncedBatch> announce(int atMost) {
        while (due.isEmpty() && at < order.length) {
            look();
        }
        List<PatronVault.VerifiedPatron> patrons = new ArrayList<>();
        while (patrons.size() < Math.min(atMost, PatronReindexing.BATCH) && !due.isEmpty()) {
            patrons.add(due.remove());
        }
        return patrons.isEmpty() ? Optional.empty() : Optional.of(reindexing.announce(patrons));
    }

    private void look() {
        int to = Math.min(at + PatronReindexing.BATCH, order.length);
        PatronReindexing.PendingBatch found = reindexing.due(Arrays.stream(order, at, to)
                .mapToObj(PatronId::new)
                .filter(id -> !unsound.contains(id))
                .toList());
        due.addAll(found.patrons());
        leaveOut(found.unsound());
        at = to;
    }

    /** Those could not be written, since they were changed meanwhile. For any thread. */
    void again(Collection<PatronId> patrons) {
        again.addAll(patrons);
    }

    /** Goes on with those; whether there are any. */
    boolean beginAgain() {
        order = again.stream().mapToLong(PatronId::number).toArray();
        again.clear();
        at = 0;
        return order.length > 0;
    }

    /** Those cannot be indexed. */
    void leaveOut(Collection<PatronId> patrons) {
        unsound.addAll(patrons);
    }

    /** How many cannot. */
    int unsound() {
        return unsound.size();
    }
}
