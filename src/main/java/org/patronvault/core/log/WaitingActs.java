package org.patronvault.core.log;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The acts that wait for the engine. People at desks go first, then other systems, each client in its turn. An act of
 * the lane {@link Lane#BULK} goes alone when nobody else waits. It joins the acts of others after 20 batches without
 * one, or after a second, so that an import ends however busy the desks are. Safe for use by many threads; one takes.
 */
final class WaitingActs {
    static final int MAX_BATCH = 512;

    /** Acts that write take longer, and each needs a savepoint. */
    static final int MAX_WRITING = 32;

    static final int BATCHES_WITHOUT_BULK = 20;
    static final long NANOS_WITHOUT_BULK = TimeUnit.SECONDS.toNanos(1);

    /** The name under which all people at desks, or all bulk acts, wait in the order in which they came. */
    private static final String TOGETHER = "";

    private final LongSupplier nanoTime;
    private final Map<Lane, Map<String, Deque<PendingAct<?>>>> lanes = new EnumMap<>(Lane.class);
    private final Map<Lane, Integer> waiting = new EnumMap<>(Lane.class);
    private int batchesWithoutBulk;
    private long lastBulk;
    private boolean ended;

    /**
     * Creates empty lanes.
     *
     * @param nanoTime a monotonic clock, in nanoseconds
     */
    WaitingActs(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.lastBulk = nanoTime.getAsLong();
        for (Lane lane : Lane.values()) {
            lanes.put(lane, new LinkedHashMap<>());
            waiting.put(lane, 0);
        }
    }

    /** Adds an act to its lane. Returns false if that is full, or {@link #end} was called. */
    synchronized boolean offer(PendingAct<?> act) {
        if (ended || waiting.get(act.lane()) >= act.lane().places()) {
            return false;
        }
        queue(act).addLast(act);
        count(act.lane(), 1);
        notifyAll();
        return true;
    }

    /** Takes no more acts: {@link #take} returns what is left, then nothing. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** Waits for an act, and returns the acts of the next batch; none if no more will come. */
    synchronized List<PendingAct<?>> take() throws InterruptedException {
        while (isEmpty() && !ended) {
            wait();
        }
        List<PendingAct<?>> batch = new ArrayList<>();
        boolean othersWait = waiting.get(Lane.DESK) + waiting.get(Lane.SYSTEM) > 0;
        if (!othersWait || isBulkDue()) {
            poll(Lane.BULK).ifPresent(batch::add);
        }
        if (!batch.isEmpty() || waiting.get(Lane.BULK) == 0) {
            batchesWithoutBulk = 0;
            lastBulk = nanoTime.getAsLong();
        } else {
            batchesWithoutBulk++;
        }
        addOthers(batch);
        return batch;
    }

    private boolean isBulkDue() {
        return batchesWithoutBulk >= BATCHES_WITHOUT_BULK || nanoTime.getAsLong() - lastBulk >= NANOS_WITHOUT_BULK;
    }

    private void addOthers(List<PendingAct<?>> batch) {
        int writing = (int) batch.stream().filter(one -> one.act().writes()).count();
        for (Lane lane : List.of(Lane.DESK, Lane.SYSTEM)) {
            while (batch.size() < MAX_BATCH && writing < MAX_WRITING && waiting.get(lane) > 0) {
                PendingAct<?> next = poll(lane).orElseThrow();
                batch.add(next);
                writing += next.act().writes() ? 1 : 0;
            }
        }
    }

    /** Returns acts that a batch had no time for to the front of their lanes. They are in the order they were taken. */
    synchronized void putBack(List<PendingAct<?>> left) {
        List<PendingAct<?>> lastFirst = new ArrayList<>(left);
        Collections.reverse(lastFirst);
        for (PendingAct<?> act : lastFirst) {
            queue(act).addFirst(act);
            count(act.lane(), 1);
        }
    }

    private boolean isEmpty() {
        return waiting.values().stream().allMatch(n -> n == 0);
    }

    private Deque<PendingAct<?>> queue(PendingAct<?> act) {
        String turn = act.lane() == Lane.SYSTEM ? act.actor() : TOGETHER;
        return lanes.get(act.lane()).computeIfAbsent(turn, any -> new ArrayDeque<>());
    }

    /** Takes the first act of the actor whose turn it is. The next turn is another actor's. */
    private Optional<PendingAct<?>> poll(Lane lane) {
        Map<String, Deque<PendingAct<?>>> turns = lanes.get(lane);
        Iterator<Map.Entry<String, Deque<PendingAct<?>>>> first =
                turns.entrySet().iterator();
        if (!first.hasNext()) {
            return Optional.empty();
        }
        Map.Entry<String, Deque<PendingAct<?>>> turn = first.next();
        String whose = turn.getKey();
        Deque<PendingAct<?>> acts = turn.getValue();
        PendingAct<?> act = acts.removeFirst();
        first.remove();
        if (!acts.isEmpty()) {
            turns.put(whose, acts);
        }
        count(lane, -1);
        return Optional.of(act);
    }

    private void count(Lane lane, int more) {
        waiting.merge(lane, more, Integer::sum);
    }
}
