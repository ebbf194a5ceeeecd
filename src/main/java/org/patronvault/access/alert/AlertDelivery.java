package org.patronvault.access.alert;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Purpose;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A queue with its own thread that delivers alerts to one receiver. Adding an alert never waits. Alerts of one kind and
 * actor are sent once in ten minutes. The alerts held back meanwhile become one further message with their number. A
 * receiver that rejects a message is tried a few times. While it rejects all, each further message is tried once.
 */
final class AlertDelivery implements AutoCloseable {
    static final List<Duration> PAUSES = List.of(Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ofSeconds(9));

    private static final Logger LOG = LoggerFactory.getLogger(AlertDelivery.class);
    private static final long ALIKE_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final int MAX_WAITING = 256;
    private static final int MAX_ALIKE = 1_000;
    private static final int CLOSE_SECONDS = 6;

    /** The outcomes of messages. */
    enum Outcome {
        DELIVERED,
        FAILED,
        DROPPED
    }

    private record AlertKey(String alert, Actor.Kind kind, String actor) {}

    /** The time of the last message of a kind and actor, and the number held back since. */
    private static final class LastSent {
        private long atNanos;
        private LogReader.Entry newest;
        private long heldBack;

        private LastSent(long atNanos) {
            this.atNanos = atNanos;
        }
    }

    private final AlertReceiver receiver;
    private final String vaultId;
    private final LongSupplier nanoTime;
    private final List<Duration> pauses;
    private final BlockingQueue<Optional<LogReader.Entry>> queue = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Map<AlertKey, LastSent> told = new HashMap<>();
    private final Map<Outcome, LongAdder> ends = Map.of(
            Outcome.DELIVERED, new LongAdder(), Outcome.FAILED, new LongAdder(), Outcome.DROPPED, new LongAdder());
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;
    private volatile Optional<String> fault = Optional.empty();

    /**
     * Starts to deliver to that receiver.
     *
     * @param nanoTime a monotonic clock, in nanoseconds
     * @param pauses the pauses between tries
     */
    AlertDelivery(AlertReceiver receiver, String vaultId, LongSupplier nanoTime, List<Duration> pauses) {
        this.receiver = receiver;
        this.vaultId = vaultId;
        this.nanoTime = nanoTime;
        this.pauses = pauses;
        this.thread = new Thread(this::run, "vault-alerts-" + receiver.name());
        thread.setDaemon(true);
        thread.start();
    }

    String receiver() {
        return receiver.name();
    }

    long count(Outcome end) {
        return ends.get(end).sum();
    }

    /** Returns why the last message did not arrive; empty if it did, or there was none. */
    Optional<String> fault() {
        return fault;
    }

    /** Queues an alert; if the queue is full, it is counted as dropped. */
    void take(LogReader.Entry alert) {
        if (!queue.offer(Optional.of(alert))) {
            ends.get(Outcome.DROPPED).increment();
        }
    }

    private void run() {
        try {
            boolean more = true;
            while (more || !queue.isEmpty()) {
                Optional<LogReader.Entry> next = queue.poll(1, TimeUnit.SECONDS);
                if (next != null && next.isPresent()) {
                    consider(next.get());
                }
                more = stopping.getCount() > 0;
                tellOfHeldBack(!more && queue.isEmpty());
            }
        } catch (InterruptedException e) {
            // Closed while the receiver was slow: the undelivered alerts are in the log.
            Thread.currentThread().interrupt();
        }
    }

    private void consider(LogReader.Entry alert) throws InterruptedException {
        AccessEvent event = alert.event();
        AlertKey alike = new AlertKey(
                event.about().orElse(""), event.actor().kind(), event.actor().name());
        LastSent before = told.get(alike);
        if (before != null) {
            before.newest = alert;
            before.heldBack += event.count().orElse(1);
        } else if (told.size() == MAX_ALIKE) {
            ends.get(Outcome.DROPPED).increment();
        } else {
            told.put(alike, new LastSent(nanoTime.getAsLong()));
            deliver(alert, event.count().orElse(1));
        }
    }

    private void tellOfHeldBack(boolean atOnce) throws InterruptedException {
        for (AlertKey alike : List.copyOf(told.keySet())) {
            LastSent one = told.get(alike);
            boolean due = atOnce || nanoTime.getAsLong() - one.atNanos >= ALIKE_NANOS;
            if (due && one.heldBack == 0) {
                told.remove(alike);
            } else if (due) {
                long count = one.heldBack;
                one.heldBack = 0;
                one.atNanos = nanoTime.getAsLong();
                deliver(one.newest, count);
            }
        }
    }

    private void deliver(LogReader.Entry alert, long count) throws InterruptedException {
        byte[] json = json(alert, count);
        int tries = fault.isPresent() ? 1 : 1 + pauses.size();
        for (int tried = 1; ; tried++) {
            try {
                receiver.deliver(json);
                if (fault.isPresent()) {
                    LOG.info("The {} takes alerts again.", receiver.name());
                }
                fault = Optional.empty();
                ends.get(Outcome.DELIVERED).increment();
                return;
            } catch (AlertReceiver.Undelivered | RuntimeException e) {
                if (tried == tries || stopping.await(pauses.get(tried - 1).toMillis(), TimeUnit.MILLISECONDS)) {
                    giveUp(e);
                    return;
                }
            }
        }
    }

    /** An unexpected failure must not end the thread, such as no free file descriptors. */
    private void giveUp(Exception of) {
        String why = of instanceof AlertReceiver.Undelivered undelivered
                ? undelivered.getMessage()
                : "the try failed (" + of.getClass().getSimpleName() + ")";
        if (fault.isEmpty()) {
            LOG.warn("The {} named in vault.yaml takes no alerts: {}. They are in the log.", receiver.name(), why);
        }
        fault = Optional.of(why);
        ends.get(Outcome.FAILED).increment();
    }

    /** The message holds no patron, field or value: only the event, the actor and the place in the log. */
    private byte[] json(LogReader.Entry alert, long count) {
        AccessEvent event = alert.event();
        return JsonNodeFactory.instance
                .objectNode()
                .put("vault", vaultId)
                .put("entry", alert.index())
                .put("time", event.time().toString())
                .put("alert", event.about().orElse(""))
                .put("actor", event.actor().name())
                .put("role", event.actor().role())
                .put("purpose", event.purpose().map(Purpose::name).orElse(""))
                .put("count", count)
                .toString()
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Delivers the queued alerts, for a few seconds at most. */
    @Override
    public void close() {
        stopping.countDown();
        // Only to wake it.
        boolean unused = queue.offer(Optional.empty());
        try {
            thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}
