package org.patronvault.web.http;

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
 * A Jetty handler that closes connections without a request. A connection has {@code usual} time, from its start or its
 * last answer, to send a whole request. It has {@code hurried} while its connector has a crowd. A trickle of bytes is
 * no request. An answer may take any time to make, and any time to read while there is room.
 *
 * <p>If a connector is full, each newcomer ends the connection that has waited longest. Those never answered come
 * first. Next come those whose finished answer has been in reading for longer than {@code hurried}. A client that sends
 * its request at once is therefore served, however many idle clients there are. Only a request read to its end before
 * its connection ends is carried out.
 *
 * <p>The guard is a handler behind {@link BodyBuffering}, which reports arrived requests, and a listener to the
 * connections of each connector.
 */
public final class SlowClientGuard extends Handler.Wrapper implements Connection.Listener {
    private static final long LOOK_MILLIS = 500;

    /** A connection that owes a request, since when, and whether it had an answer before. */
    private record PendingRequest(Connector connector, long since, boolean answered) {}

    /** A connection that may be ended, which owes a request or reads an answer. The lowest rank goes first. */
    private record Endable(Map<EndPoint, PendingRequest> among, EndPoint caller, PendingRequest waited, int rank) {
        boolean isTaken() {
            return among.remove(caller, waited);
        }
    }

    /**
     * The limits of a connector's connections, and its open ones. A connection counts as waiting before it counts as
     * open, so a full connector always has one to end. Jetty's own count includes connections not yet reported.
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

    public SlowClientGuard(Duration usual, Duration hurried) {
        this.usualNanos = usual.toNanos();
        this.hurriedNanos = hurried.toNanos();
    }

    /**
     * Limits the connector to {@code most} connections, as long as connections outside an answer can be ended. Hurries
     * them while more than {@code crowd} owe a request. Call before the connector starts.
     */
    public void keepRoom(Connector connector, int most, int crowd) {
        rooms.put(connector, new ConnectionBudget(most, crowd, ConcurrentHashMap.newKeySet()));
    }

    @Override
    public void onOpened(Connection connection) {
        // TLS stacks two connections, and requests belong to this one.
        if (connection instanceof ConnectionMetaData said) {
            EndPoint caller = connection.getEndPoint();
            waitedFor.put(caller, new PendingRequest(said.getConnector(), System.nanoTime(), false));
            ConnectionBudget room = rooms.get(said.getConnector());
            List<EndPoint> ended = new ArrayList<>();
            // Room is made and counted under one lock, so two newcomers never end one connection for both, nor none.
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

    /** A response that notes when the whole answer is made and only its reading remains. */
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

    /** Takes the connection that has waited or read longest out of the waiting ones. */
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
            // Its request may have arrived, or its answer been read, meanwhile.
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

    /** Ends slow readers if the connector is full, when no newcomer arrives to end one. */
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

    /** Records that the request has arrived, and returns false if its connection was ended before. */
    public boolean arrived(Request request) {
        return waitedFor.remove(caller(request)) != null;
    }

    private static EndPoint caller(Request request) {
        return request.getConnectionMetaData().getConnection().getEndPoint();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        EndPoint caller = caller(request);
        Connector connector = request.getConnectionMetaData().getConnector();
        // Before the callback, because the next request may be read as soon as the callback ends.
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
            // A connection may close before its opening was reported.
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
