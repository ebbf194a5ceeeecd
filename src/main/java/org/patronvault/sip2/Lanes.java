package org.patronvault.sip2;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Hands what takes long to a few threads, of one client a part of them at a time; what is more waits behind its own, and
 * nobody else's. Safe for use by many threads.
 */
final class Lanes {
    private final Executor threads;
    private final int atOnce;
    private final int waiting;
    private final Map<String, Lane> lanes = new ConcurrentHashMap<>();

    /**
     * All empty.
     *
     * @param atOnce how many of one client run
     * @param waiting how many of one client may wait besides
     */
    Lanes(Executor threads, int atOnce, int waiting) {
        this.threads = threads;
        this.atOnce = atOnce;
        this.waiting = waiting;
    }

    /**
     * Has that done for that client.
     *
     * @throws RejectedExecutionException if too many of its wait already
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
