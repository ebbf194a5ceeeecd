package org.patronvault.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Waits until processes rest that are not asked, so that what one round left to be done is not done in another's time, on
 * the cores and the disk that the other has to itself.
 */
final class Quiet {
    private static final int LOOK_MILLIS = 250;
    private static final int QUIET_LOOKS = 4;
    private static final int MOST_LOOKS = 480;

    /** The most that is quiet, in parts of a core. */
    private static final double REST = 0.1;

    private Quiet() {}

    /**
     * Returns once all of them together have kept less than a tenth of a core busy for a second, or, which it tells, after
     * two minutes, and everything is on the disk that was written.
     */
    static void await(List<JavaProcess> processes) throws IOException, InterruptedException {
        awaitRest(processes);
        // Whoever waits for a disk needs no core.
        if (new ProcessBuilder("sync").inheritIO().start().waitFor() != 0) {
            throw new IllegalStateException("sync failed");
        }
    }

    private static void awaitRest(List<JavaProcess> processes) throws IOException, InterruptedException {
        int quiet = 0;
        Duration before = all(processes);
        for (int look = 0; look < MOST_LOOKS; look++) {
            Thread.sleep(LOOK_MILLIS);
            Duration now = all(processes);
            quiet = now.minus(before).toNanos() < REST * LOOK_MILLIS * 1e6 ? quiet + 1 : 0;
            before = now;
            if (quiet == QUIET_LOOKS) {
                return;
            }
        }
        Bench.tell("not quiet: the servers are busy though nobody asks");
    }

    private static Duration all(List<JavaProcess> processes) throws IOException {
        Duration all = Duration.ZERO;
        for (JavaProcess process : processes) {
            process.requireAlive();
            all = all.plus(process.processorTime());
        }
        return all;
    }
}
