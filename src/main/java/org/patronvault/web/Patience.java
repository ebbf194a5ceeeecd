package org.patronvault.web;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Ends connections that bring no request. From its beginning, or from the answer before, each has {@code usual} to bring a
 * whole one, and {@code hurried} while more than {@code crowd} are waited for; a byte of it now and then is no request. An
 * answer may take as long as it does.
 *
 * <p>It is a handler behind {@link WholeBodies}, and listens to the connections of each connector.
 */
final class Patience extends Handler.Wrapper implements Connection.Listener {
    private static final long LOOK_MILLIS = 500;

    private final Map<EndPoint, Long> waitedForSince = new ConcurrentHashMap<>();
    private final long usualNanos;
    private final long hurriedNanos;
    private final int crowd;
    private volatile Scheduler.Task next;

    Patience(Duration usual, Duration hurried, int crowd) {
        this.usualNanos = usual.toNanos();
        this.hurriedNanos = hurried.toNanos();
        this.crowd = crowd;
    }

    @Override
    public void onOpened(Connection connection) {
        // Under TLS there are two on top of each other, and what is asked is asked of this one.
        if (connection instanceof ConnectionMetaData) {
            waitFor(connection.getEndPoint());
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        EndPoint caller = request.getConnectionMetaData().getConnection().getEndPoint();
        waitedForSince.remove(caller);
        try {
            // Before the callback, since the next request may be read as soon as that is done.
            return super.handle(request, response, Callback.from(() -> waitFor(caller), callback));
        } finally {
            // From here on this thread serves others.
            Calls.left();
        }
    }

    private void waitFor(EndPoint caller) {
        waitedForSince.put(caller, System.nanoTime());
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
            long patience = waitedForSince.size() > crowd ? hurriedNanos : usualNanos;
            waitedForSince.forEach((caller, since) -> {
                boolean over = now - since > patience;
                if ((over || !caller.isOpen()) && waitedForSince.remove(caller, since)) {
                    caller.close();
                }
            });
        } finally {
            lookAgain();
        }
    }
}
