package org.patronvault.sip2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * One connection of a SIP2 client: reads, has the session answer, writes, and reads on. It handles one message at a
 * time and reads nothing meanwhile, so no client can make the gateway hold more than one send. Each step hands over to
 * the next, in any thread, so there is no lock.
 */
final class Sip2Connection extends AbstractConnection {
    private static final int READ_BYTES = 1_024;
    private static final long FLOOD_MILLIS = 50;
    private static final int MOST_STEPS = 64;

    /** A listener called once at the begin and once at the end of each connection. */
    interface Doorkeeper {
        /** Returns whether there is room for one more. */
        boolean comes(Sip2Connection connection);

        void signsIn(Sip2Connection connection);

        void goes(Sip2Connection connection);
    }

    /**
     * The parts that all connections share.
     *
     * @param patience for a login, for the rest of a message that has begun, and for taking an answer
     */
    record Shared(Lanes outside, Scheduler scheduler, Doorkeeper door, Duration patience) {}

    private final Sip2Session session;
    private final Shared shared;
    private final Pace pace = new Pace(System::nanoTime);
    private final FrameCutter frames = new FrameCutter();
    private Optional<byte[]> held = Optional.empty();
    private long begunAt;
    private boolean hasBegun;
    private boolean waitsLong;
    private volatile boolean isCounted;

    Sip2Connection(EndPoint endPoint, Executor executor, Sip2Session session, Shared shared) {
        super(endPoint, executor);
        this.session = session;
        this.shared = shared;
    }

    @Override
    public void onOpen() {
        super.onOpen();
        isCounted = true;
        begunAt = System.nanoTime();
        if (shared.door().comes(this)) {
            fillInterested();
        } else {
            close();
        }
    }

    @Override
    public void onClose(Throwable cause) {
        session.end();
        if (isCounted) {
            isCounted = false;
            shared.door().goes(this);
        }
        super.onClose(cause);
    }

    @Override
    public void onFillInterestedFailed(Throwable cause) {
        close();
    }

    @Override
    public void onFillable() {
        go();
    }

    /** Forgets an answer that can no longer be repeated. */
    void forget() {
        session.forget();
    }

    /** Answers the messages that are there, then waits for more. */
    private void go() {
        try {
            for (int step = 0; step < MOST_STEPS; step++) {
                Optional<byte[]> message = held.or(frames::next);
                held = Optional.empty();
                if (message.isPresent() && !pace.take()) {
                    held = message;
                    shared.scheduler().schedule(this::goOn, FLOOD_MILLIS, TimeUnit.MILLISECONDS);
                    return;
                }
                if (message.isPresent() ? !answer(take(message.get())) : !read()) {
                    return;
                }
            }
            // Another connection's turn.
            goOn();
        } catch (IOException | RuntimeException e) {
            close();
        }
    }

    private Sip2Session.Result take(byte[] message) {
        boolean wasSignedIn = session.isSignedIn();
        Sip2Session.Result turn = session.take(message);
        Arrays.fill(message, (byte) 0);
        if (session.isSignedIn()) {
            begunAt = System.nanoTime();
        }
        if (!wasSignedIn && session.isSignedIn()) {
            shared.door().signsIn(this);
        }
        return turn;
    }

    private void goOn() {
        try {
            getExecutor().execute(this::go);
        } catch (RejectedExecutionException e) {
            close();
        }
    }

    /** Reads. Returns whether something came; if not, a later event calls again. */
    private boolean read() throws IOException {
        ByteBuffer in = BufferUtil.allocate(READ_BYTES);
        int count = getEndPoint().fill(in);
        if (count < 0 || !frames.take(in)) {
            close();
            return false;
        }
        long now = System.nanoTime();
        if (session.isSignedIn() && !hasBegun) {
            begunAt = now;
        } else if (now - begunAt > shared.patience().toNanos()) {
            close();
            return false;
        }
        hasBegun = frames.hasBegun();
        if (count == 0) {
            waitFor(session.isSignedIn() && !hasBegun);
            fillInterested();
        }
        return count > 0;
    }

    /** Waits for input. A signed-in client with nothing under way may be silent for days, any other only briefly. */
    private void waitFor(boolean mayBeLong) {
        if (waitsLong != mayBeLong) {
            waitsLong = mayBeLong;
            getEndPoint().setIdleTimeout(mayBeLong ? 0 : shared.patience().toMillis());
        }
    }

    /**
     * Sends an answer. Returns whether it is sent, so that the next can follow. If not, it goes on by itself or is
     * over.
     */
    private boolean answer(Sip2Session.Result turn) throws IOException {
        if (turn.outside().isPresent()) {
            ask(turn.outside().get());
            return false;
        }
        if (turn.answer().isEmpty()) {
            return !turn.ends() || over();
        }
        ByteBuffer out = ByteBuffer.wrap(turn.answer().get());
        if (getEndPoint().flush(out)) {
            return !turn.ends() || over();
        }
        waitFor(false);
        getEndPoint().write(Callback.from(turn.ends() ? this::close : this::goOn, failed -> close()), out);
        return false;
    }

    private boolean over() {
        close();
        return false;
    }

    private void ask(Supplier<Sip2Session.Result> outside) {
        // The outside call has a timeout of its own, and while it lasts this connection is not idle.
        waitFor(true);
        try {
            shared.outside().execute(session.client(), () -> {
                try {
                    Sip2Session.Result turn = outside.get();
                    // The delay was the gateway's, not the client's.
                    begunAt = System.nanoTime();
                    if (answer(turn)) {
                        goOn();
                    }
                } catch (IOException | RuntimeException e) {
                    close();
                }
            });
        } catch (RejectedExecutionException e) {
            outsideIsFull();
        }
    }

    /** Answers no, since too many outside calls wait, and keeps the connection. */
    private void outsideIsFull() {
        try {
            if (answer(session.unanswered())) {
                goOn();
            }
        } catch (IOException | RuntimeException e) {
            close();
        }
    }

    /**
     * A rate limit for one connection: a bucket of turns that refills. A client that floods is not cut off but waits,
     * since a well-meaning client may be behind it. For one thread at a time.
     */
    static final class Pace {
        private static final int MOST = 5_000;
        private static final int A_SECOND = 1_000;
        private static final long TURN_NANOS = TimeUnit.SECONDS.toNanos(1) / A_SECOND;

        private final LongSupplier nanoTime;
        private long filledAt;
        private long turns = MOST;

        Pace(LongSupplier nanoTime) {
            this.nanoTime = nanoTime;
            this.filledAt = nanoTime.getAsLong();
        }

        /** Takes a turn. Returns whether there was one. */
        boolean take() {
            long more = (nanoTime.getAsLong() - filledAt) / TURN_NANOS;
            turns = Math.min(MOST, turns + more);
            filledAt += more * TURN_NANOS;
            if (turns == 0) {
                return false;
            }
            turns--;
            return true;
        }
    }
}
