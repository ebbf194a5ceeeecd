package org.patronvault.web;

import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
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
 * whole one, and {@code hurried} while more than {@code crowd} are waited for; a byte of it now and then is no request. An
 * answer may take as long as it does. Where a connector has no room for more connections, each new one ends that which is
 * waited for longest: so who asks at once is served, however many others are there who do not.
 *
 * <p>It is a handler behind {@link WholeBodies}, and listens to the connections of each connector.
 */
final class Patience extends Handler.Wrapper implements Connection.Listener {
    private static final long LOOK_MILLIS = 500;

    /** Whom a request is waited for from, and since when. */
    private record Waited(Connector connector, long since) {}

    private final Map<EndPoint, Waited> waitedFor = new ConcurrentHashMap<>();
    private final Map<Connector, Integer> rooms = new ConcurrentHashMap<>();
    private final long usualNanos;
    private final long hurriedNanos;
    private final int crowd;
    private volatile Scheduler.Task next;

    Patience(Duration usual, Duration hurried, int crowd) {
        this.usualNanos = usual.toNanos();
        this.hurriedNanos = hurried.toNanos();
        this.crowd = crowd;
    }

    /** Has that connector keep no more than so many connections as long as others than those that are answered can end. */
    void keepRoom(Connector connector, int most) {
        rooms.put(connector, most);
    }

    @Override
    public void onOpened(Connection connection) {
        // Under TLS there are two on top of each other, and what is asked is asked of this one.
        if (connection instanceof ConnectionMetaData said) {
            Connector connector = said.getConnector();
            if (connector.getConnectedEndPoints().size() > rooms.getOrDefault(connector, Integer.MAX_VALUE)) {
                endLongest(connector);
            }
            waitFor(connector, connection.getEndPoint());
        }
    }

    private void endLongest(Connector connector) {
        waitedFor.entrySet().stream()
                .filter(one -> one.getValue().connector() == connector)
                .min(Comparator.comparingLong(one -> one.getValue().since() - System.nanoTime()))
                .filter(one -> waitedFor.remove(one.getKey(), one.getValue()))
                .ifPresent(one -> one.getKey().close());
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        EndPoint caller = request.getConnectionMetaData().getConnection().getEndPoint();
        Connector connector = request.getConnectionMetaData().getConnector();
        waitedFor.remove(caller);
        try {
            // Before the callback, since the next request may be read as soon as that is done.
            return super.handle(request, response, Callback.from(() -> waitFor(connector, caller), callback));
        } finally {
            // From here on this thread serves others.
            Calls.left();
        }
    }

    private void waitFor(Connector connector, EndPoint caller) {
        waitedFor.put(caller, new Waited(connector, System.nanoTime()));
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        lookAgain();
    }

    @Override
    protected void doStop() throws Exception {
        next.cancel();
        super.doStop();
    }

    private void lookAgain() {
        next = getServer().getScheduler().schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            long now = System.nanoTime();
            long patience = waitedFor.size() > crowd ? hurriedNanos : usualNanos;
            waitedFor.forEach((caller, waited) -> {
                boolean over = now - waited.since() > patience;
                if ((over || !caller.isOpen()) && waitedFor.remove(caller, waited)) {
                    caller.close();
                }
            });
        } finally {
            lookAgain();
        }
    }
}
