package org.patronvault.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LoadTest {
    private static final byte[] QUESTION = HttpConnection.request("POST", "/", "token", "{}");
    private static final int STALL_MILLIS = 500;

    private final AtomicInteger answered = new AtomicInteger();
    private ServerSocket server;
    private volatile int stallsAt = -1;
    private volatile String status = "200 OK";

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        thread(() -> {
            while (true) {
                Socket socket = server.accept();
                thread(() -> serve(socket));
            }
        });
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private static void thread(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException | InterruptedException e) {
                // The test is over, or the client went away.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void serve(Socket socket) throws IOException, InterruptedException {
        InputStream in = socket.getInputStream();
        while (in.readNBytes(QUESTION.length).length == QUESTION.length) {
            if (answered.getAndIncrement() == stallsAt) {
                new CountDownLatch(1).await(STALL_MILLIS, TimeUnit.MILLISECONDS);
            }
            String answer = "HTTP/1.1 " + status + "\r\nContent-Length: 2\r\n\r\n{}";
            socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        }
    }

    private Load load() {
        return new Load(server.getLocalPort(), new Load.Asking() {
            @Override
            public byte[] request(long stream, long n) {
                return QUESTION;
            }

            @Override
            public void check(HttpConnection connection, int seen) throws IOException {
                if (seen != 200) {
                    throw new IOException("status " + seen);
                }
            }
        });
    }

    @Test
    void stalledServerPaysForEveryRequestThatWasDueMeanwhile() throws InterruptedException {
        stallsAt = 20;

        Histogram seen = load().latency(1, 200, 1, 0);

        assertThat(seen.getTotalCount()).isEqualTo(200);
        assertThat(seen.getMaxValue()).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(STALL_MILLIS));
        // 80 of the 200 were due within the last 400 ms of the stall; a loop that waits for answers would count one.
        long hundredMillis = TimeUnit.MILLISECONDS.toNanos(100);
        assertThat(seen.getCountBetweenValues(hundredMillis, seen.getMaxValue()))
                .isGreaterThanOrEqualTo(75);
    }

    @Test
    void everyRequestOfAnOpenLoopIsSentOnceWhateverTheConnections() throws InterruptedException {
        Histogram seen = load().latency(8, 500, 0.5, 0);

        assertThat(seen.getTotalCount()).isEqualTo(250);
        assertThat(answered).hasValue(250);
    }

    @Test
    void throughputCountsAnswersOfAllConnections() throws InterruptedException {
        double rate = load().throughput(4, 0.5, 0);

        // Each connection may have had one more under way when time was up, which does not count.
        assertThat(answered.get() - rate * 0.5).isBetween(0.0, 4.0);
        assertThat(rate).isPositive();
    }

    @Test
    void wrongAnswerEndsTheRun() {
        status = "503 Service Unavailable";

        assertThatThrownBy(() -> load().throughput(2, 0.5, 0)).hasRootCauseMessage("status 503");
        assertThatThrownBy(() -> load().latency(1, 100, 0.1, 0)).hasRootCauseMessage("status 503");
    }
}
