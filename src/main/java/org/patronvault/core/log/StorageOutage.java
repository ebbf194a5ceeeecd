package org.patronvault.core.log;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreException;

/**
 * A temporary failure of the storage: a database that does not answer, or a full disk. The caller is asked to try
 * again.
 */
public final class StorageOutage {
    private static final int RETRY_SECONDS = 5;
    private static final int FULL_RETRY_SECONDS = 60;

    /** Failures that pass. After {@code BROKEN} this process ends, and the next process answers. */
    private static final Set<StoreException.Kind> PASSES = Collections.unmodifiableSet(
            EnumSet.of(StoreException.Kind.UNKNOWN, StoreException.Kind.BUSY, StoreException.Kind.BROKEN));

    private StorageOutage() {}

    /** Returns a failure's name for the operator. The message of another library's exception could hold a value. */
    public static String nameOf(Throwable failure) {
        String name = failure.getClass().getName();
        return failure instanceof StoreException ? name + " (" + failure.getMessage() + ")" : name;
    }

    /** Returns the refusal for the caller, if that failure is temporary. */
    public static Optional<Refused> of(Throwable failure) {
        if (failure instanceof DurableFile.SyncFailed) {
            return Optional.of(new Refused(
                    Problem.BUSY,
                    "A file of the home may not be on disk; whether this was done is not known yet. Look before doing it"
                            + " again.",
                    RETRY_SECONDS));
        }
        if (failure instanceof DurableFile.Unwritable) {
            return Optional.of(new Refused(
                    Problem.STORE_FULL,
                    "A file of the home cannot be written: make room on its disk, and see that it is writable.",
                    FULL_RETRY_SECONDS));
        }
        if (failure instanceof DurableFile.Unreadable) {
            return Optional.of(new Refused(
                    Problem.BUSY,
                    "A file of the home cannot be read just now; look what was done, and try again in a moment.",
                    RETRY_SECONDS));
        }
        if (!(failure instanceof StoreException store)) {
            return Optional.empty();
        }
        if (store.kind() == StoreException.Kind.FULL) {
            return Optional.of(full());
        }
        return PASSES.contains(store.kind())
                ? Optional.of(new Refused(
                        Problem.BUSY, "The database does not answer; try again in a moment.", RETRY_SECONDS))
                : Optional.empty();
    }

    /** Returns the refusal of an act that was not done because the disk is full. */
    static Refused full() {
        return new Refused(Problem.STORE_FULL, "The vault's disk is full; nothing was done.", FULL_RETRY_SECONDS);
    }
}
