package org.patronvault.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** Drives a server. Any answer but a right one ends the run: figures of a server that errs are of no use. */
final class Load implements ClosedLoop {
    private static final int DIGITS = 3;
    private static final double NANOS = 1e9;
    private static final double NANOS_A_MILLI = 1e6;
    private static final int PATIENCE_SECONDS = 60;

    /** What is asked over HTTP, and whether an answer is right whatever was asked. Used by many threads. */
    interface Asking {
        /** The request number {@code n} of this stream, whole. */
        byte[] request(long stream, long n);

        /** Fails unless the connection's last answer is right. */
        void check(HttpConnection answered, int status) throws IOException;
    }

    /** Somebody who asks over a connection that is kept open. For one thread. */
    interface Client extends AutoCloseable {
        /** Makes ready the request number {@code n} of that stream. */
        void prepare(long stream, long n);

        /** Sends it, and reads the whole answer. */
        void exchange() throws IOException;

        /** Fails unless that answer is right. */
        void check() throws IOException;

        @Override
        void close() throws IOException;
    }

    /** Makes connections. Used by many threads. */
    interface Connector {
        Client connect() throws IOException;
    }

    private final Connector connector;

    Load(Connector connector) {
        this.connector = connector;
    }

    /** One over HTTP. */
    Load(int port, Asking asking) {
        this(() -> new HttpAsking(new HttpConnection(port), asking));
    }

    /** One over HTTP of several servers that stand for one: each in turn is given a connection, as by a balancer. */
    static Load balanced(List<Integer> ports, Asking asking) {
        AtomicInteger next = new AtomicInteger();
        return new Load(() -> {
            int port = ports.get(next.getAndIncrement() % ports.size());
            return new HttpAsking(new HttpConnection(port), asking);
        });
    }

    private static final class HttpAsking implements Client {
        private final HttpConnection connection;
        private final Asking asking;
        private byte[] request = {};
        private int status;

        private HttpAsking(HttpConnection connection, Asking asking) {
            this.connection = connection;
            this.asking = asking;
        }

        @Override
        public void prepare(long stream, long n) {
            request = asking.request(stream, n);
        }

        @Override
        public void exchange() throws IOException {
            status = connection.exchange(request);
        }

        @Override
        public void check() throws IOException {
            asking.check(connection, status);
        }

        @Override
        public void close() throws IOException {
            connection.close();
        }
    }

    /** Closed loop: answers a second alone. */
    double throughput(int connections, double seconds, long stream) throws InterruptedException {
        return closed(connections, seconds, stream).rate();
    }

    /**
     * Answers a second are what the server can do. The waits leave out those of who did not get to ask meanwhile, and
     * compare two servers that are as busy as they can be, no more.
     */
    @Override
    public Result closed(int connections, double seconds, long stream) throws InterruptedException {
        CountDownLatch ready = new CountDownLatch(connections);
        CountDownLatch go = new CountDownLatch(1);
        AtomicLong start = new AtomicLong();
        AtomicLong answers = new AtomicLong();
        Histogram all = new Histogram(DIGITS);
        List<Callable<Void>> drivers = new ArrayList<>();
        for (int c = 0; c < connections; c++) {
            long own = stream * 1_000 + c;
            drivers.add(() -> {
                try (Client client = connector.connect()) {
                    ready.countDown();
                    go.await();
                    long end = start.get() + (long) (seconds * NANOS);
                    long answered = 0;
                    Histogram waits = new Histogram(DIGITS);
                    while (true) {
                        client.prepare(own, answered);
                        long sent = System.nanoTime();
                        client.exchange();
                        long now = System.nanoTime();
                        // One that is under way at the end waits too, and the longest are the likeliest to be.
                        waits.recordValue(now - sent);
                        if (now > end) {
                            break;
                        }
                        client.check();
                        answered++;
                    }
                    answers.addAndGet(answered);
                    synchronized (all) {
                        all.add(waits);
                    }
                    return null;
                }
            });
        }
        run(drivers, () -> {
            if (!ready.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("not every connection was made");
            }
            start.set(System.nanoTime());
            go.countDown();
        });
        return new Result(answers.get(), seconds, all.getValueAtPercentile(99) / NANOS_A_MILLI);
    }

    /**
     * Open loop: requests are due at a constant rate, whatever the server does, and latency counts from the moment a
     * request was due. A server that stalls pays for every request that became due meanwhile (no coordinated omission).
     *
     * @return nanoseconds
     */
    Histogram latency(int connections, double rate, double seconds, long stream) throws InterruptedException {
        AtomicLong next = new AtomicLong();
        AtomicLong start = new AtomicLong();
        long requests = (long) (rate * seconds);
        CountDownLatch ready = new CountDownLatch(connections);
        CountDownLatch go = new CountDownLatch(1);
        Histogram all = new Histogram(DIGITS);
        List<Callable<Void>> drivers = new ArrayList<>();
        for (int c = 0; c < connections; c++) {
            drivers.add(() -> {
                Histogram own = new Histogram(DIGITS);
                try (Client client = connector.connect()) {
                    ready.countDown();
                    go.await();
                    for (long n = next.getAndIncrement(); n < requests; n = next.getAndIncrement()) {
                        long due = start.get() + (long) (n * NANOS / rate);
                        client.prepare(stream, n);
                        waitUntil(due);
                        client.exchange();
                        own.recordValue(System.nanoTime() - due);
                        client.check();
                    }
                }
                synchronized (all) {
                    all.add(own);
                }
                return null;
            });
        }
        run(drivers, () -> {
            if (!ready.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("not every connection was made");
            }
            start.set(System.nanoTime());
            go.countDown();
        });
        return all;
    }

    /**
     * What one caller waits, who sends the next request once the last is answered, as a clerk does.
     *
     * @return nanoseconds
     */
    Histogram oneAfterAnother(double seconds, long stream) throws InterruptedException {
        Histogram all = new Histogram(DIGITS);
        run(
                List.of(() -> {
                    try (Client client = connector.connect()) {
                        long end = System.nanoTime() + (long) (seconds * NANOS);
                        for (long n = 0; System.nanoTime() < end; n++) {
                            client.prepare(stream, n);
                            long sent = System.nanoTime();
                            client.exchange();
                            all.recordValue(System.nanoTime() - sent);
                            client.check();
                        }
                    }
                    return null;
                }),
                () -> {});
        return all;
    }

    /** Which of {@code bound} that request draws: each as likely as the other, and the same ones for the same seed. */
    static int drawn(long seed, long stream, long n, int bound) {
        return new SplittableRandom(seed * 1_000_003 + stream * 7_919_333 + n).nextInt(bound);
    }

    private static void waitUntil(long due) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** What begins once all drivers are connected. */
    private interface Begin {
        void begin() throws InterruptedException;
    }

    private static void run(List<Callable<Void>> drivers, Begin begin) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(drivers.size());
        try {
            List<Future<Void>> ends = new ArrayList<>();
            drivers.forEach(driver -> ends.add(threads.submit(driver)));
            begin.begin();
            for (Future<Void> end : ends) {
                end.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("the server did not answer as it should", e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }
}
