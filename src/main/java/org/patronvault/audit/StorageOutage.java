package org.patronvault.audit;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.patronvault.keys.DurableFile;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.StoreException;

/**
 * A database that does not answer for a while, or a disk that takes nothing, as their failures tell: to whoever asked it is no
 * fault, but to be tried again.
 */
public final class StorageOutage {
    private static final int RETRY_SECONDS = 5;
    private static final int FULL_RETRY_SECONDS = 60;

    /** Where it is broken this process ends, and the next one answers. */
    private static final Set<StoreException.Kind> PASSES = Collections.unmodifiableSet(
            EnumSet.of(StoreException.Kind.UNKNOWN, StoreException.Kind.BUSY, StoreException.Kind.BROKEN));

    private StorageOutage() {}

    /** What to tell the operator of a failure; the message of another's exception could hold a value. */
    public static String nameOf(Throwable failure) {
        String name = failure.getClass().getName();
        return failure instanceof StoreException ? name + " (" + failure.getMessage() + ")" : name;
    }

    /** What to say to whoever asked, if that failure passes by itself. */
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

    /** What to say where nothing was done for want of room. */
    static Refused full() {
        return new Refused(Problem.STORE_FULL, "The vault's disk is full; nothing was done.", FULL_RETRY_SECONDS);
    }
}
