package org.patronvault.sip2;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * A scheduler that runs slow tasks in a few threads, with a limit for each client. Further tasks of a client wait
 * behind that client's own, and delay no other client. Safe for use by many threads.
 */
final class Lanes {
    private final Executor threads;
    private final int atOnce;
    private final int waiting;
    private final Map<String, Lane> lanes = new ConcurrentHashMap<>();

    /**
     * Creates a scheduler with no tasks.
     *
     * @param atOnce how many tasks of one client run
     * @param waiting how many tasks of one client may wait besides
     */
    Lanes(Executor threads, int atOnce, int waiting) {
        this.threads = threads;
        this.atOnce = atOnce;
        this.waiting = waiting;
    }

    /**
     * Runs a task for a client.
     *
     * @throws RejectedExecutionException if too many of its tasks wait already
     */
    void execute(String client, Runnable task) {
        lanes.computeIfAbsent(client, name -> new Lane()).take(task);
    }

    private final class Lane {
        private final Queue<Runnable> queue = new ArrayDeque<>();
        private int running;

        synchronized void take(Runnable task) {
            if (running < atOnce) {
                running++;
                begin(task);
            } else if (queue.size() < waiting) {
                queue.add(task);
            } else {
                throw new RejectedExecutionException("too many wait");
            }
        }

        private void begin(Runnable task) {
            try {
                threads.execute(() -> run(task));
            } catch (RejectedExecutionException e) {
                running--;
                throw e;
            }
        }

        private void run(Runnable task) {
            try {
                task.run();
            } finally {
                next();
            }
        }

        private synchronized void next() {
            Runnable task = queue.poll();
            if (task == null) {
                running--;
            } else {
                begin(task);
            }
        }
    }
}
