package org.patronvault.audit;

import java.util.Optional;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.StoreException;

/** A database that does not answer for a while, as its failures tell: to whoever asked it is no fault, but to be tried again. */
public final class Outage {
    private static final int RETRY_SECONDS = 5;

    private Outage() {}

    /** What to say to whoever asked, if that failure passes by itself. */
    public static Optional<Refused> of(Exception failure) {
        boolean passes = failure instanceof StoreException store
                && (store.kind() == StoreException.Kind.UNKNOWN || store.kind() == StoreException.Kind.BUSY);
        return passes
                ? Optional.of(new Refused(
                        Problem.BUSY, "The database does not answer; try again in a moment.", RETRY_SECONDS))
                : Optional.empty();
    }
}
