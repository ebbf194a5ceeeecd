package org.patronvault.core.log;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.LatestEntryFacts;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.RingFreshnessCheck;
import org.patronvault.core.log.read.StoredTiles;
import org.patronvault.core.log.tree.VerifiedTree;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.table.AuthorityRows;
import org.patronvault.core.store.table.LogHead;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MerkleHash;

/**
 * The acts of one transaction. Runs each act by itself, and appends the leaves of all. For one thread, and one use.
 */
final class Batch {
    /** The facts that every batch reads. */
    static final List<String> FACTS = Stream.concat(LatestEntryFacts.FACTS.stream(), Stream.of(AuthorityDigest.FACT))
            .toList();

    /**
     * How one act ends, once the batch is committed.
     *
     * @param answer makes the answer, or throws the failure
     */
    record Ended<T>(PendingAct<T> waiting, Supplier<T> answer) {
        /** Answers the caller. */
        void complete() {
            try {
                waiting.caller().complete(answer.get());
            } catch (RuntimeException | Error e) {
                waiting.caller().completeExceptionally(e);
            }
        }

        private static <T> Ended<T> failed(PendingAct<T> waiting, RuntimeException failure) {
            return new Ended<>(waiting, () -> {
                throw failure;
            });
        }
    }

    /** The most time for decisions. Acts that are left go into the next batch. */
    private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** Fewer acts are decided together however long that takes, since each batch waits for the disk. */
    private static final int FEWEST = 16;

    /** The index in place of that of an entry that was only counted. */
    private static final long NO_ENTRY = -1;

    private final KeyCustody custody;
    private final VerifiedTree tree;
    private final AuthorityDigest digest;
    private final FloodGate gate;
    private final Optional<AtomicReference<String>> followed;
    private final BatchReads reads;
    private final Consumer<List<PendingAct<?>>> next;
    private final List<Ended<?>> ended = new ArrayList<>();
    private final List<LogReader.Entry> entries = new ArrayList<>();
    private final List<AuthorityRows.Change> changes = new ArrayList<>();
    private final List<byte[]> leaves = new ArrayList<>();
    private final LatestEntryFacts last = new LatestEntryFacts();
    private WriteTx tx;
    private long first;

    /**
     * Creates an empty batch.
     *
     * @param followed the last key event that this node followed; empty if no other node changes the ring
     * @param reads what was read for its acts before the lock
     * @param next takes the acts for which there is no time
     */
    Batch(
            KeyCustody custody,
            VerifiedTree tree,
            AuthorityDigest digest,
            FloodGate gate,
            Optional<AtomicReference<String>> followed,
            BatchReads reads,
            Consumer<List<PendingAct<?>>> next) {
        this.followed = followed;
        this.reads = reads;
        this.next = next;
        this.custody = custody;
        this.tree = tree;
        this.digest = digest;
        this.gate = gate;
    }

    /** Returns how the acts end. This, the entries and the changed rows are valid after COMMIT only. */
    List<Ended<?>> ended() {
        return ended;
    }

    List<LogReader.Entry> entries() {
        return entries;
    }

    List<AuthorityRows.Change> changes() {
        return changes;
    }

    /** Returns the index of the first entry. */
    long first() {
        return first;
    }

    /** Returns the index after the last entry. */
    long next() {
        return first + leaves.size();
    }

    /**
     * Runs the acts whose callers still wait, now that the lock is held. So no act takes effect after its caller learned
     * that nothing was done.
     *
     * @param waiting the acts, the longest-waiting first; those for which there is no time are removed
     * @throws StoreException if the transaction cannot go on
     */
    void run(WriteTx transaction, List<PendingAct<?>> waiting) {
        tx = transaction;
        LogHead head = tx.head().orElseThrow(() -> new IntegrityException("log head: missing"));
        Frontier frontier = tree.before(tx, head);
        Optional<UnsealedKeys> keys = tree.keys();
        first = head.size();
        last.begin(tx);
        followed.filter(known -> !custody.isSealed()).ifPresent(this::follow);
        digest.begin(tx);
        waiting.sort(Comparator.comparing(one -> !one.act().readsLog()));
        List<PendingAct<?>> left = waiting.subList(decide(waiting), waiting.size());
        next.accept(List.copyOf(left));
        left.clear();
        append(frontier, keys);
    }

    /** Decides acts as long as there is time. Returns the number of acts decided. */
    private int decide(List<PendingAct<?>> waiting) {
        long spent = 0;
        for (int i = 0; i < waiting.size(); i++) {
            if (i % reads.together() == 0) {
                // Not counted: what was read for an act that has to wait is read in vain.
                read(waiting.subList(i, Math.min(waiting.size(), i + reads.together())));
            }
            PendingAct<?> one = waiting.get(i);
            spent += one.decide(() -> run(one));
            if (i + 1 >= FEWEST && spent >= MOST_NANOS) {
                return i + 1;
            }
        }
        return waiting.size();
    }

    private void read(List<PendingAct<?>> some) {
        reads.begin(tx, last.write(), some);
        if (reads.isRemote()) {
            some.forEach(this::expect);
            tx.readExpected();
        }
    }

    private void expect(PendingAct<?> one) {
        try {
            one.act().expect(new Place(one.act().attempt()));
        } catch (IntegrityException | Refused e) {
            // Its decision meets the same.
        }
    }

    private void follow(AtomicReference<String> known) {
        String last = RingFreshnessCheck.lastKeyEntry(tx);
        if (!last.equals(known.get())) {
            RingFreshnessCheck.follow(tx, custody);
            known.set(last);
        }
    }

    private void append(Frontier frontier, Optional<UnsealedKeys> begunWith) {
        if (leaves.isEmpty()) {
            return;
        }
        mark();
        for (byte[] leaf : leaves) {
            frontier.append(MerkleHash.leaf(leaf));
        }
        tx.log().append(first, leaves, new LogHead(frontier.size(), frontier.encode()));
        last.end(tx);
        digest.write(tx);
        StoredTiles.complete(tx, first, frontier.size());
        // An entry that names a patron was sealed with open keys: the current ones, or those of the batch's start.
        tree.expect(frontier, tree.keys().or(() -> begunWith));
    }

    /**
     * Whether this batch is in the log, after a commit of unknown outcome. The batch has entries. Compares the whole last
     * leaf: if this batch was rolled back, another node may have logged an act of the same request at that index.
     */
    boolean isIn(WriteTx later) {
        byte[] end = leaves.get(leaves.size() - 1);
        return later.log()
                .leaf(next() - 1)
                .filter(leaf -> Arrays.equals(leaf, end))
                .isPresent();
    }

    /** Updates this process's state of the log. Called after the commit, and before any caller is answered. */
    void committed() {
        tree.committed();
        digest.committed(changes);
        entries.stream()
                .flatMap(entry -> entry.event().mark().stream())
                .reduce((before, mark) -> mark)
                .ifPresent(custody::logged);
    }

    /** Adds the state of rows that carry authority to the last entry, since it holds after the whole transaction. */
    private void mark() {
        changes.addAll(tx.authorityChanges());
        if (!changes.isEmpty()) {
            int end = leaves.size() - 1;
            AccessEvent marked = entries.get(end).event().marking(digest.take(changes));
            leaves.set(end, encode(marked));
            entries.set(end, new LogReader.Entry(first + end, marked));
        }
    }

    private <T> void run(PendingAct<T> waiting) {
        Act<T> act = waiting.act();
        tx.savepoint(act.writes());
        Decision<T> decision;
        List<AccessEvent> events;
        List<byte[]> encoded = new ArrayList<>();
        try {
            decision = act.decide(new Place(act.attempt()));
            events = decision.entries();
            for (AccessEvent one : events) {
                encoded.add(encode(one));
            }
        } catch (RuntimeException e) {
            undo(waiting, e);
            return;
        }
        boolean keeps = !(decision instanceof Decision.Refusal<T> refusal) || refusal.keeps();
        boolean touchesRows = keeps && (act.writes() || tx.touchesRows());
        if (keeps) {
            tx.release();
        } else {
            tx.rollbackToSavepoint();
        }
        if (act.writes()) {
            reads.written();
        }
        Set<Alert> alerts = decision.alerts();
        if (events.size() == 1 && !touchesRows && !gate.admits(events.get(0), alerts)) {
            end(waiting, decision, NO_ENTRY);
            return;
        }
        end(waiting, decision, first + leaves.size());
        for (int i = 0; i < events.size(); i++) {
            long unused = add(events.get(i), encoded.get(i));
        }
        alert(events.get(0), alerts, act.alerts());
        if (events.stream().anyMatch(Batch::storesPatrons)) {
            endCommissioning(events.get(0));
        }
    }

    /** The place of an act in the batch. */
    private final class Place implements Deciding {
        private final AccessEvent attempt;

        private Place(AccessEvent attempt) {
            this.attempt = attempt;
        }

        @Override
        public WriteTx tx() {
            return tx;
        }

        @Override
        public <K, V> List<V> read(Reads<K, V> wanted) {
            return reads.get(tx, wanted);
        }

        @Override
        public long entry() {
            try {
                // A new month's key has an entry of its own, which comes first.
                int unused = requireContentKey(attempt);
            } catch (Refused e) {
                if (e.problem() != Problem.KEYS_REFUSED) {
                    throw e;
                }
                // The ring cannot be read. An act that names no patron, such as sealing, needs no key of the month;
                // another
                // fails when its entry is encoded.
            }
            return first + leaves.size();
        }
    }

    private <T> void end(PendingAct<T> waiting, Decision<T> decision, long index) {
        ended.add(
                decision instanceof Decision.Done<T> done
                        ? new Ended<>(waiting, () -> done.finish().with(receipts(done.entries(), index)))
                        : Ended.failed(
                                waiting, ((Decision.Refusal<T>) decision).why().logged()));
    }

    /** Makes the receipts of an act, whose entries follow each other; called after COMMIT. */
    private static Decision.Receipts receipts(List<AccessEvent> entries, long index) {
        return new Decision.Receipts(IntStream.range(0, entries.size())
                .mapToObj(i -> new AuditReceipt(index == NO_ENTRY ? NO_ENTRY : index + i, entries.get(i)))
                .toList());
    }

    /** The failure of an act. Damage that a look met is, like a value that does not authenticate, of that look alone. */
    private RuntimeException failureOf(PendingAct<?> waiting, RuntimeException thrown) {
        RuntimeException failure = tx.failureOf(thrown);
        return !waiting.act().writes() && tx.isDamageOfReadAlone(thrown)
                ? new IntegrityException(failure.getMessage())
                : failure;
    }

    private <T> void undo(PendingAct<T> waiting, RuntimeException thrown) {
        RuntimeException failure = failureOf(waiting, thrown);
        if (failure instanceof StoreException store && !tx.goesOnAfter(store)) {
            throw store;
        }
        Act<T> act = waiting.act();
        tx.rollbackToSavepoint();
        Refused refused = failure instanceof Refused r ? r : null;
        AccessEvent event = refused != null
                ? act.attempt().refusedFor(refused.problem())
                : act.attempt().refusedFor(Problem.INVALID).ending(Outcome.FAILED);
        byte[] leaf;
        try {
            leaf = encode(event);
        } catch (RuntimeException unloggable) {
            // The vault was sealed meanwhile, or the event cannot be encoded: its caller learns it, and other acts
            // continue.
            ended.add(Ended.failed(waiting, failure));
            return;
        }
        ended.add(Ended.failed(waiting, refused != null ? refused.logged() : failure));
        // An alert for a look at bytes that are not as written. A refused authority row has an alert of its own.
        Set<Alert> refusal = refused != null
                ? refused.alert().map(Set::of).orElse(Set.of())
                : failure instanceof IntegrityException && !act.writes() ? Set.of(Alert.NOT_AS_WRITTEN) : Set.of();
        if (gate.admits(event, refusal.isEmpty() ? act.alerts() : refusal)) {
            long unused = add(event, leaf);
            alert(event, act.alerts(), refusal);
        }
    }

    /** Adds the alerts of both sets, each once, in enum order. */
    private void alert(AccessEvent act, Set<Alert> some, Set<Alert> others) {
        for (Alert alert : Alert.values()) {
            if (some.contains(alert) || others.contains(alert)) {
                AccessEvent event = act.alerting(alert);
                add(event, encode(event));
            }
        }
    }

    private long add(AccessEvent event, byte[] leaf) {
        long index = first + leaves.size();
        leaves.add(leaf);
        entries.add(new LogReader.Entry(index, event));
        last.take(index, event);
        return index;
    }

    /** Returns the leaf of an event. When a new month begins, the entry of the month's new key precedes it. */
    private byte[] encode(AccessEvent event) {
        if (!Leaf.hasSubjects(event)) {
            return Leaf.encode(event);
        }
        int month = requireContentKey(event);
        UnsealedKeys keys = custody.keys();
        return Leaf.encode(event, keys.vaultId(), month, keys.logContent(month));
    }

    /** Returns the month whose key seals the subjects of an event, and makes sure that the key exists. */
    private int requireContentKey(AccessEvent event) {
        int month = custody.keys().contentMonth(Leaf.monthOf(event.time()));
        if (!custody.keys().hasContentKey(month)) {
            custody.ensureContentKey(month);
            AccessEvent newKey = AccessEvent.of(
                            event.time(), Actor.VAULT, ActKind.NEW_KEY, Outcome.KEY, event.request())
                    .about("log-content")
                    .under(event.policy())
                    .marking(custody.mark());
            add(newKey, Leaf.encode(newKey));
        }
        return month;
    }

    private static boolean storesPatrons(AccessEvent event) {
        return event.outcome() == Outcome.WRITTEN && (event.act() == ActKind.REGISTER || event.act() == ActKind.IMPORT);
    }

    /**
     * Ends commissioning for good with the first stored patron. The ring remembers it, so an emptied database cannot
     * bring commissioning back. If this transaction is rolled back, commissioning has ended a moment early.
     */
    private void endCommissioning(AccessEvent first) {
        if (custody.keys().isCommissioned()) {
            return;
        }
        custody.endCommissioning();
        AccessEvent over = AccessEvent.of(
                        first.time(), Actor.VAULT, ActKind.COMMISSIONED, Outcome.CONFIGURATION, first.request())
                .under(first.policy())
                .marking(custody.mark());
        add(over, Leaf.encode(over));
    }
}
