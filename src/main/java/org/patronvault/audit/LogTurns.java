package org.patronvault.audit;

import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.patronvault.keys.DurableFile;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.IntegrityException;
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
final class LogTurns {
    private static final Logger LOG = LoggerFactory.getLogger(LogTurns.class);
    private static final int TIDY_TURNS = 5;

    private final Store store;
    private final KeyCustody custody;
    private final CheckpointSigner signer;
    private final Purge purge;
    private final Consumer<String> onBroken;
    private int made;
    private volatile String said = "";

    LogTurns(Store store, KeyCustody custody, CheckpointSigner signer, Purge purge, Consumer<String> onBroken) {
        this.store = store;
        this.custody = custody;
        this.signer = signer;
        this.purge = purge;
        this.onBroken = onBroken;
    }

    void turn() {
        attempt(this::sign);
        attempt(purge::turn);
        if (++made % TIDY_TURNS == 0) {
            attempt(store::tidy);
        }
    }

    private void sign() {
        try {
            var unused = signer.sign();
        } catch (DurableFile.Unwritable e) {
            say("node/ of the home cannot be written");
            return;
        }
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
            // Sealed meanwhile: after the next opening.
        }
    }

    private void say(String what) {
        if (!what.equals(said)) {
            LOG.error(
                    "A file in {}, and the log is signed in the database alone until it can: see that its disk has room,"
                            + " and that it belongs to the user of this process (`doctor`).",
                    what);
        }
        said = what;
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
