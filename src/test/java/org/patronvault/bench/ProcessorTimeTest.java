package org.patronvault.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Exchanger;
import org.junit.jupiter.api.Test;
import org.patronvault.bench.ProcessorTime.Work;

final class ProcessorTimeTest {
    private static final long BUSY_NANOS = 200_000_000;

    private static ProcessorTime now() throws IOException {
        return ProcessorTime.of(ProcessHandle.current().pid());
    }

    @Test
    void timeOfAThreadIsItsWorksAndEndsWithIt() throws Exception {
        long start = System.nanoTime();
        ProcessorTime before = now();
        CountDownLatch end = new CountDownLatch(1);
        Exchanger<Long> busy = new Exchanger<>();
        Thread thread = new Thread(
                () -> {
                    long taken = 0;
                    while (taken < BUSY_NANOS) {
                        taken = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
                    }
                    try {
                        busy.exchange(taken);
                        end.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "vault-view");
        thread.start();
        double least = busy.exchange(0L) / 1e3;
        ProcessorTime whileAlive = now();
        double most = (System.nanoTime() - start) / 1e3 * Runtime.getRuntime().availableProcessors();

        assertThat(whileAlive.since(before, Work.VIEW)).isBetween(least, most);
        assertThat(whileAlive.since(whileAlive, Work.VIEW)).isZero();

        end.countDown();
        thread.join();
        assertThat(now().since(whileAlive, Work.VIEW))
                .as("a thread that has ended takes nothing off")
                .isNotNegative();
    }
}
