package org.patronvault.audit;

import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.patronvault.keys.DurableFile;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done for the log again and again while it is written: it is signed, deleted bytes are cleared out of the
 * database's files, and its write-ahead log is moved on. What keeps one of these from being done keeps no other. For one
 * thread, but for {@link #publish}.
 */
final class LogMaintenance {
    private static final Logger LOG = LoggerFactory.getLogger(LogMaintenance.class);
    private static final int TIDY_TURNS = 5;

    private final Store store;
    private final KeyCustody custody;
    private final CheckpointSigner signer;
    private final DeletedDataPurge purge;
    private final Consumer<String> onBroken;
    private int made;
    private volatile String said = "";

    LogMaintenance(Store store, KeyCustody custody, CheckpointSigner signer, Consumer<String> onBroken) {
        this.store = store;
        this.custody = custody;
        this.signer = signer;
        this.purge = new DeletedDataPurge(store);
        this.onBroken = onBroken;
    }

    void turn() {
        attempt(this::sign);
        attempt(purge::turn);
        if (++made % TIDY_TURNS == 0) {
            attempt(store::tidy);
        }
    }

    /** Clears what was deleted out of the files, as {@link DeletedDataPurge#begin} does. */
    void purge(long patienceMillis) {
        purge.begin(patienceMillis);
    }

    private void sign() {
        var unused = signer.sign();
        publish();
    }

    /** Has others find what was signed, if that can be done; if it cannot, that is said once. */
    void publish() {
        try {
            signer.publish();
            said = "";
        } catch (DurableFile.SyncFailed e) {
            // Of which the whole home was told.
            throw e;
        } catch (DurableFile.Unreadable e) {
            say("published/ of the home cannot be read");
        } catch (UncheckedIOException e) {
            say("published/ of the home cannot be written");
        } catch (Refused e) {
            // Else sealed meanwhile: after the next opening.
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

    /** Whatever goes wrong, there is a next turn, and somebody notices. */
    void attempt(Runnable step) {
        try {
            step.run();
        } catch (IntegrityException e) {
            onBroken.accept(e.getMessage());
        } catch (StoreException | Refused | UncheckedIOException e) {
            // Sealed meanwhile, or the store is full or busy: the next turn does what this one could not.
        } catch (RuntimeException | Error e) {
            // Keys that were just wiped are no failure.
            if (!custody.isSealed()) {
                onBroken.accept("the signer of the log failed (" + e.getClass().getName() + ")");
            }
        }
    }
}
