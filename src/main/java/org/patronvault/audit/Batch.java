package org.patronvault.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.patronvault.crypto.SealedBox;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.model.Actor;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.LogHead;
import org.patronvault.store.StoreException;
import org.patronvault.store.WriteTx;
import org.patronvault.tlog.Frontier;
import org.patronvault.tlog.MalformedException;
import org.patronvault.tlog.MerkleHash;

/** The units of one transaction: runs each by itself, and appends the leaves of all. For one thread, and one use. */
final class Batch {
    /** The fact that says which entry is the last key event. */
    static final String KEY_ENTRY = "key-entry";

    /** How one unit ended, to be told after COMMIT; the index is -1 where not even that could be logged. */
    record Ended(Waiting waiting, AccessEvent event, long index, RuntimeException failure) {}

    private final KeyCustody custody;
    private final WriteTx tx;
    private final long first;
    private final List<byte[]> leaves = new ArrayList<>();
    private final List<Ended> ended = new ArrayList<>();
    private OptionalLong keyEntry = OptionalLong.empty();

    private Batch(KeyCustody custody, WriteTx tx, long first) {
        this.custody = custody;
        this.tx = tx;
        this.first = first;
    }

    /**
     * Runs all units whose callers still wait, now that the lock is held, so that none takes effect of which its caller
     * was told that nothing was done.
     *
     * @throws StoreException if the transaction cannot go on
     */
    static List<Ended> run(WriteTx tx, KeyCustody custody, List<Waiting> waiting) {
        LogHead head = tx.head().orElseThrow(() -> new IntegrityException("log head: missing"));
        Frontier frontier = decode(head);
        Batch batch = new Batch(custody, tx, head.size());
        for (Waiting one : waiting) {
            if (one.claim()) {
                batch.run(one);
            }
        }
        batch.append(frontier);
        return batch.ended;
    }

    private static Frontier decode(LogHead head) {
        try {
            Frontier frontier = Frontier.decode(head.frontier());
            if (frontier.size() != head.size()) {
                throw new IntegrityException("log head: size");
            }
            return frontier;
        } catch (MalformedException e) {
            throw new IntegrityException("log head: frontier", e);
        }
    }

    private void append(Frontier frontier) {
        if (leaves.isEmpty()) {
            return;
        }
        for (byte[] leaf : leaves) {
            frontier.append(MerkleHash.leaf(leaf));
        }
        tx.log().append(first, leaves, new LogHead(frontier.size(), frontier.encode()));
        keyEntry.ifPresent(index -> tx.setFact(KEY_ENTRY, Long.toString(index)));
        StoredTiles.complete(tx, first, frontier.size());
    }

    private void run(Waiting waiting) {
        Unit unit = waiting.unit();
        AccessEvent event = unit.event();
        if (unit.touchesRows()) {
            tx.savepoint();
        }
        List<byte[]> encoded = new ArrayList<>();
        try {
            unit.reservation().take(tx);
            List<AccessEvent> events = List.of(event);
            if (unit.work() != null) {
                // Before the work, which is told the index of its entry: a new month's key has an entry of its own.
                requireContentKey(event);
                events = unit.work().run(tx, first + leaves.size());
            }
            for (AccessEvent one : events) {
                encoded.add(encode(one));
            }
            event = events.get(0);
        } catch (RuntimeException e) {
            undo(waiting, e);
            return;
        }
        if (unit.touchesRows()) {
            tx.release();
        }
        end(waiting, event, encoded.get(0), null);
        for (byte[] more : encoded.subList(1, encoded.size())) {
            leaves.add(more);
        }
    }

    private void undo(Waiting waiting, RuntimeException thrown) {
        RuntimeException failure = tx.failureOf(thrown);
        if (failure instanceof StoreException store && store.kind() != StoreException.Kind.FAILED) {
            throw store;
        }
        Unit unit = waiting.unit();
        if (unit.touchesRows()) {
            tx.rollbackToSavepoint();
        }
        boolean isRefusal = failure instanceof Refused;
        AccessEvent event = isRefusal
                ? unit.event().refusedFor(((Refused) failure).problem())
                : unit.event().refusedFor(Problem.INVALID).ending(Outcome.FAILED);
        byte[] leaf;
        try {
            leaf = encode(event);
        } catch (RuntimeException unloggable) {
            // Sealed meanwhile, or an event that has no form: its caller is told, and the others go on.
            ended.add(new Ended(waiting, event, -1, failure));
            return;
        }
        end(waiting, event, leaf, isRefusal ? ((Refused) failure).logged() : failure);
    }

    private void end(Waiting waiting, AccessEvent event, byte[] leaf, RuntimeException failure) {
        ended.add(new Ended(waiting, event, add(event, leaf), failure));
    }

    private long add(AccessEvent event, byte[] leaf) {
        long index = first + leaves.size();
        leaves.add(leaf);
        if (event.mark().isPresent()) {
            keyEntry = OptionalLong.of(index);
        }
        return index;
    }

    /** The leaf of an event; where a new month begins, the entry of the month's new key goes before it. */
    private byte[] encode(AccessEvent event) {
        if (!Leaf.hasSubjects(event)) {
            return Leaf.encode(event, "", null);
        }
        requireContentKey(event);
        UnsealedKeys keys = custody.keys();
        SealedBox.Key content = keys.logContent(Leaf.monthOf(event.time()));
        return Leaf.encode(event, keys.vaultId(), content);
    }

    private void requireContentKey(AccessEvent event) {
        int month = Leaf.monthOf(event.time());
        if (custody.keys().hasContentKey(month)) {
            return;
        }
        custody.ensureContentKey(month);
        AccessEvent newKey = AccessEvent.of(event.time(), Actor.VAULT, Act.NEW_KEY, Outcome.KEY, event.request())
                .about("log-content")
                .marking(custody.mark());
        add(newKey, Leaf.encode(newKey, "", null));
    }
}
