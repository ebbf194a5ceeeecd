package org.patronvault.custody.slot;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.access.account.ClientNetwork;
import org.patronvault.access.account.TurnQueue;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The queue of passphrases that come over the network. One is tried at a time, and networks with the fewest wrong tries
 * go first. So a flood of wrong passphrases keeps no holder out. No thread waits.
 */
final class NetworkPassphrases {
    private static final int MOST_WAITING = 256;

    /** Less than the server's time limit for an answer. */
    private static final int LONGEST_SECONDS = 45;

    private final SealControl seal;
    private final OnePlace place;
    private final KeyCustody custody;
    private final PassphraseTries tries;
    private final TurnQueue turns = new TurnQueue(1, MOST_WAITING, LONGEST_SECONDS, SealControl::busy);
    private final Executor trying = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "vault-unseal");
        thread.setDaemon(true);
        return thread;
    });

    NetworkPassphrases(SealControl seal, OnePlace place, KeyCustody custody, LongSupplier nanoTime) {
        this.seal = seal;
        this.place = place;
        this.custody = custody;
        this.tries = new PassphraseTries(nanoTime);
    }

    /** Tries a passphrase as {@link SealControl#offer(byte[], String)} says. */
    CompletableFuture<Void> offer(byte[] passphrase, String address) {
        String network = ClientNetwork.of(address);
        try {
            tries.require(network);
        } catch (Refused e) {
            return CompletableFuture.failedFuture(e);
        }
        return turns.run(network, tries.wrongFrom(network), trying, () -> {
            // Other passphrases from there may have been tried while this one waited.
            tries.require(network);
            place.take();
            seal.finish(() -> opens(passphrase, network));
        });
    }

    /** A wrong passphrase is counted before anything else happens. */
    private boolean opens(byte[] passphrase, String network) {
        try {
            boolean opened = custody.unseal(passphrase);
            tries.right(network);
            return opened;
        } catch (Refused e) {
            if (e.problem() == Problem.INVALID_CREDENTIALS) {
                tries.wrong(network);
            }
            throw e;
        }
    }

    /**
     * The limit on wrong passphrases by network. Anyone may try, and each try takes a CPU-second and 256 MiB, in a
     * child process if the heap is small. After three wrong tries a network must wait, twice as long each time, a
     * minute at most. The counts are in memory, since a sealed vault cannot write, and expire after a quarter of an
     * hour. Thread-safe.
     */
    static final class PassphraseTries {
        static final int FREE = 3;
        static final int LONGEST_WAIT_SECONDS = 60;

        private static final int FIRST_WAIT_SECONDS = 4;
        private static final long REMEMBERED_SECONDS = 15 * 60;
        private static final int MOST_NETWORKS = 4_096;

        /** The number of wrong tries, and the time of the last. */
        private record Wrong(int times, long lastNanos) {
            private long waitSeconds() {
                int doublings = Math.min(times - FREE, LONGEST_WAIT_SECONDS);
                return doublings < 0
                        ? 0
                        : (long) Math.min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * Math.pow(2, doublings));
            }
        }

        private final LongSupplier nanoTime;
        private final Map<String, Wrong> wrong = new LinkedHashMap<>(16, 0.75f, true);

        PassphraseTries(LongSupplier nanoTime) {
            this.nanoTime = nanoTime;
        }

        /**
         * Requires that the next passphrase from there may be tried.
         *
         * @throws Refused with {@code too-many-attempts}, and how long to wait
         */
        synchronized void require(String network) {
            Wrong before = wrong.get(network);
            if (before != null) {
                long since = nanoTime.getAsLong() - before.lastNanos();
                long left = TimeUnit.SECONDS.toNanos(before.waitSeconds()) - since;
                if (left > 0) {
                    throw new Refused(
                            Problem.TOO_MANY_ATTEMPTS,
                            "Several wrong passphrases came from this address; wait a little before the next.",
                            (int) TimeUnit.NANOSECONDS.toSeconds(left) + 1);
                }
                if (since > TimeUnit.SECONDS.toNanos(REMEMBERED_SECONDS)) {
                    wrong.remove(network);
                }
            }
        }

        /** Returns how many recent tries from there were wrong. */
        synchronized int wrongFrom(String network) {
            Wrong before = wrong.get(network);
            return before == null ? 0 : before.times();
        }

        /** Counts a wrong try. */
        synchronized void wrong(String network) {
            Wrong before = wrong.get(network);
            wrong.put(network, new Wrong(before == null ? 1 : before.times() + 1, nanoTime.getAsLong()));
            if (wrong.size() > MOST_NETWORKS) {
                wrong.remove(wrong.keySet().iterator().next());
            }
        }

        /** Forgets earlier wrong tries from there: they were typing errors. */
        synchronized void right(String network) {
            wrong.remove(network);
        }
    }
}
