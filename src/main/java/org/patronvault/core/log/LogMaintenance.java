package org.patronvault.core.log;

import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.log.tree.CheckpointSigner;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The recurring work on a log in use: it signs checkpoints, and clears deleted bytes from the database's files. A
 * failure of one step does not stop the others. For one thread; {@link #publish} may be
 * called by any.
 */
final class LogMaintenance {
    private static final Logger LOG = LoggerFactory.getLogger(LogMaintenance.class);

    private final KeyCustody custody;
    private final CheckpointSigner signer;
    private final DeletedDataPurge purge;
    private final Consumer<String> onBroken;
    private volatile String said = "";

    LogMaintenance(Store store, KeyCustody custody, CheckpointSigner signer, Consumer<String> onBroken) {
        this.custody = custody;
        this.signer = signer;
        this.purge = new DeletedDataPurge(store::purge);
        this.onBroken = onBroken;
    }

    void turn() {
        attempt(this::sign);
        attempt(purge::turn);
    }

    /** Clears deleted data from the files, as {@link DeletedDataPurge#begin} does. */
    void purge(long patienceMillis) {
        purge.begin(patienceMillis);
    }

    private void sign() {
        var unused = signer.sign();
        publish();
    }

    /** Publishes the last checkpoint, if possible. A failure is reported once. */
    void publish() {
        try {
            signer.publish();
            said = "";
        } catch (DurableFile.SyncFailed e) {
            // The whole home was informed of it.
            throw e;
        } catch (DurableFile.Unreadable e) {
            say("published/ of the home cannot be read");
        } catch (UncheckedIOException e) {
            say("published/ of the home cannot be written");
        } catch (Refused e) {
            // Otherwise sealed meanwhile: the next opening retries.
            if (e.problem() == Problem.KEYS_REFUSED) {
                sayOnce(e.getMessage());
            }
        }
    }

    private void say(String what) {
        sayOnce("A file in " + what
                + ", and the log is signed in the database alone until it can: see that its disk has"
                + " room, and that it belongs to the user of this process (`doctor`).");
    }

    private void sayOnce(String sentence) {
        if (!sentence.equals(said)) {
            LOG.error("{}", sentence);
        }
        said = sentence;
    }

    /** Runs a step. After any failure there is a next turn, and the failure is reported. */
    void attempt(Runnable step) {
        try {
            step.run();
        } catch (IntegrityException e) {
            onBroken.accept(e.getMessage());
        } catch (StoreException | Refused | UncheckedIOException e) {
            // Sealed meanwhile, or the store is full or busy: the next turn does the rest.
        } catch (RuntimeException | Error e) {
            // Keys that were just wiped are no failure.
            if (!custody.isSealed()) {
                onBroken.accept("the signer of the log failed (" + e.getClass().getName() + ")");
            }
        }
    }

    /**
     * A background task that clears deleted data from the database's files. It repeats until it succeeds, also after a
     * restart.
     */
    static final class DeletedDataPurge {
        private final LongPredicate purge;

        /** The number of requests, and the last request that is done. */
        private final AtomicLong asked = new AtomicLong(1);

        private final AtomicLong done = new AtomicLong();

        /**
         * Makes the task.
         *
         * @param purge clears for so many milliseconds at most, and returns whether all is clear
         */
        DeletedDataPurge(LongPredicate purge) {
            this.purge = purge;
        }

        /** Clears now if no reader holds the database for that long, otherwise at a later {@link #turn}. */
        void begin(long patienceMillis) {
            asked.incrementAndGet();
            purge(patienceMillis);
        }

        private void purge(long patienceMillis) {
            // Another request may come from a change that this clearing did not see. That request stays open.
            long until = asked.get();
            try {
                if (purge.test(patienceMillis)) {
                    done.accumulateAndGet(until, Math::max);
                }
            } catch (StoreException e) {
                // The store reports a failure that matters. The next turn tries again.
            }
        }

        /** Clears again, if a request is open. */
        void turn() {
            if (done.get() < asked.get()) {
                purge(0);
            }
        }
    }
}
