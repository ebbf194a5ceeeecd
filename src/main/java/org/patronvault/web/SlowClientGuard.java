package org.patronvault.web;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Ends connections that bring no request. From its beginning, or from the answer before, each has {@code usual} to bring a
 * whole one, and {@code hurried} while its connector waits for a crowd; a byte of it now and then is no request. An answer
 * may take as long as it does to be made, and to be read while there is room. Where a connector has no room for more
 * connections, each new one ends that which is waited for longest, one that was never answered first, then one whose
 * answer was made and is being read for longer than {@code hurried}: so who asks at once is served, however many others
 * are there who do not. A request that was read to its end before its connection is ended is carried out, and no other.
 *
 * <p>It is a handler behind {@link BodyBuffering}, which tells it what has arrived, and listens to the connections of each
 * connector.
 */
final class SlowClientGuard extends Handler.Wrapper implements Connection.Listener {
    private static final long LOOK_MILLIS = 500;

    /** Whom a request is waited for from, since when, and whether one of his was answered before. */
    private record PendingRequest(Connector connector, long since, boolean answered) {}

    /** One that can be ended, among those waited for or those who read; the lowest rank first. */
    private record Endable(Map<EndPoint, PendingRequest> among, EndPoint caller, PendingRequest waited, int rank) {
        boolean isTaken() {
            return among.remove(caller, waited);
        }
    }

    /**
     * How many connections a connector may have, how many are a crowd, and those it has. Each is waited for before it is among them, so that
     * where they are too many there is one to end; Jetty's own count has those that it is only about to tell of, too.
     */
    private record ConnectionBudget(int most, int crowd, Set<EndPoint> open) {
        boolean isOver() {
            return open.size() > most;
        }
    }

    private final Map<EndPoint, PendingRequest> waitedFor = new ConcurrentHashMap<>();
    private final Map<EndPoint, PendingRequest> reading = new ConcurrentHashMap<>();
    private final Map<Connector, ConnectionBudget> rooms = new ConcurrentHashMap<>();
    private final long usualNanos;
    private final long hurriedNanos;
    private volatile Scheduler.Task next;

    SlowClientGuard(Duration usual, Duration hurried) {
        this.usualNanos = usual.toNanos();
        this.hurriedNanos = hurried.toNanos();
    }

    /**
     * Has that connector keep no more than {@code most} connections as long as others than those that are answered can end,
     * and hurry them while it waits for more than {@code crowd}. Before it is started.
     */
    void keepRoom(Connector connector, int most, int crowd) {
        rooms.put(connector, new ConnectionBudget(most, crowd, ConcurrentHashMap.newKeySet()));
    }

    @Override
    public void onOpened(Connection connection) {
        // Under TLS there are two on top of each other, and what is asked is asked of this one.
        if (connection instanceof ConnectionMetaData said) {
            EndPoint caller = connection.getEndPoint();
            waitedFor.put(caller, new PendingRequest(said.getConnector(), System.nanoTime(), false));
            ConnectionBudget room = rooms.get(said.getConnector());
            List<EndPoint> ended = new ArrayList<>();
            // Who makes room and who counts it is one at a time, so that of two neither is ended for both nor for none.
            synchronized (room) {
                room.open().add(caller);
                while (room.isOver()
                        && takeLongest(room, caller).map(ended::add).orElse(false)) {
                    room.open().remove(ended.get(ended.size() - 1));
                }
            }
            ended.forEach(EndPoint::close);
        }
    }

    @Override
    public void onClosed(Connection connection) {
        if (connection instanceof ConnectionMetaData said) {
            rooms.get(said.getConnector()).open().remove(connection.getEndPoint());
            reading.remove(connection.getEndPoint());
        }
    }

    /** Notes when all of an answer is made, and nothing is waited for but that it is read. */
    private final class Noted extends Response.Wrapper {
        private Noted(Request request, Response answer) {
            super(request, answer);
        }

        @Override
        public void write(boolean last, ByteBuffer content, Callback callback) {
            if (last) {
                Connector connector = getRequest().getConnectionMetaData().getConnector();
                reading.put(caller(getRequest()), new PendingRequest(connector, System.nanoTime(), true));
            }
            super.write(last, content, callback);
        }
    }

    /** Whoever is waited for longest there, or reads for longest, and is not any more from now on. */
    private Optional<EndPoint> takeLongest(ConnectionBudget room, EndPoint but) {
        while (true) {
            long now = System.nanoTime();
            Stream<Endable> waited = waitedFor.entrySet().stream()
                    .map(one -> new Endable(
                            waitedFor,
                            one.getKey(),
                            one.getValue(),
                            one.getValue().answered() ? 2 : 0));
            Optional<Endable> longest = Stream.concat(waited, slowReaders(now))
                    .filter(one -> one.caller() != but && room.open().contains(one.caller()))
                    .min(Comparator.comparingInt(Endable::rank)
                            .thenComparing(one -> one.waited().since() - now));
            // All of what is asked may have come, or been read, meanwhile.
            if (longest.isEmpty() || longest.get().isTaken()) {
                return longest.map(Endable::caller);
            }
        }
    }

    private Stream<Endable> slowReaders(long now) {
        return reading.entrySet().stream()
                .filter(one -> now - one.getValue().since() > hurriedNanos)
                .map(one -> new Endable(reading, one.getKey(), one.getValue(), 1));
    }

    /** Where all places are taken nobody new comes who would end one. */
    private void endSlowReaders(ConnectionBudget room) {
        long now = System.nanoTime();
        List<Endable> ended = new ArrayList<>();
        synchronized (room) {
            slowReaders(now)
                    .filter(one -> room.open().contains(one.caller()))
                    .sorted(Comparator.comparing(one -> one.waited().since() - now))
                    .takeWhile(one -> room.isOver())
                    .filter(Endable::isTaken)
                    .forEach(one -> {
                        room.open().remove(one.caller());
                        ended.add(one);
                    });
        }
        ended.forEach(one -> one.caller().close());
    }

    /** All of that request is here, and from now on nobody waits for it; false if its connection was ended before. */
    boolean arrived(Request request) {
        return waitedFor.remove(caller(request)) != null;
    }

    private static EndPoint caller(Request request) {
        return request.getConnectionMetaData().getConnection().getEndPoint();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        EndPoint caller = caller(request);
        Connector connector = request.getConnectionMetaData().getConnector();
        // Before the callback, since the next request may be read as soon as that is done.
        AtomicBoolean answered = new AtomicBoolean();
        Callback again = Callback.from(
                () -> {
                    if (!answered.getAndSet(true)) {
                        reading.remove(caller);
                        waitedFor.put(caller, new PendingRequest(connector, System.nanoTime(), true));
                    }
                },
                callback);
        try {
            if (!super.handle(request, new Noted(request, response), again)) {
                Response.writeError(request, response, again, HttpStatus.NOT_FOUND_404);
            }
        } catch (Throwable e) {
            Response.writeError(request, response, again, e);
        } finally {
            // From here on this thread serves others.
            RequestTracing.left();
        }
        return true;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        lookAgain();
    }

    @Override
    protected void doStop() throws Exception {
        if (next != null) {
            next.cancel();
        }
        super.doStop();
    }

    private void lookAgain() {
        next = getServer().getScheduler().schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            // What was closed before it was told to be open.
            rooms.values().forEach(room -> room.open().removeIf(caller -> !caller.isOpen()));
            rooms.values().forEach(this::endSlowReaders);
            long now = System.nanoTime();
            Map<Connector, Long> crowds = waitedFor.entrySet().stream()
                    .filter(one -> one.getKey().isOpen())
                    .collect(Collectors.groupingBy(one -> one.getValue().connector(), Collectors.counting()));
            waitedFor.forEach((caller, waited) -> {
                boolean hurry = crowds.getOrDefault(waited.connector(), 0L)
                        > rooms.get(waited.connector()).crowd();
                boolean over = now - waited.since() > (hurry ? hurriedNanos : usualNanos);
                if ((over || !caller.isOpen()) && waitedFor.remove(caller, waited)) {
                    caller.close();
                }
            });
        } finally {
            lookAgain();
        }
    }
}
