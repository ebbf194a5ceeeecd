package org.patronvault.custody.rotate;

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
import org.patronvault.core.model.PatronId;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.patron.check.PatronReindexing;

/**
 * The patrons that a rebuild has still to index: first all in the order of their IDs, then repeatedly those changed
 * meanwhile. For one thread, except for {@link #again}.
 */
final class ReindexQueue {
    private final PatronReindexing reindexing;
    private final Deque<PatronVault.VerifiedPatron> due = new ArrayDeque<>();
    private final Set<PatronId> again = ConcurrentHashMap.newKeySet();
    private final Set<PatronId> unsound = new HashSet<>();
    private long[] order;
    private int at;

    /** Makes a queue of all present patrons, or an empty one. */
    ReindexQueue(PatronReindexing reindexing, boolean everybody) {
        this.reindexing = reindexing;
        this.order = everybody ? reindexing.everybody() : new long[0];
    }

    /** Logs the next patrons that are not in the new version; empty if there are none. */
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

    /** Puts back patrons that were changed before they could be written. For any thread. */
    void again(Collection<PatronId> patrons) {
        again.addAll(patrons);
    }

    /** Starts over with the patrons put back; returns whether there are any. */
    boolean beginAgain() {
        order = again.stream().mapToLong(PatronId::number).toArray();
        again.clear();
        at = 0;
        return order.length > 0;
    }

    /** Marks patrons that cannot be indexed. */
    void leaveOut(Collection<PatronId> patrons) {
        unsound.addAll(patrons);
    }

    /** Counts patrons that cannot be indexed. */
    int unsound() {
        return unsound.size();
    }
}
