package org.patronvault.web.http;

import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.core.model.Refused;

/**
 * A reader of a request's members that keeps the first fault. The policy can thus judge the readable members before the
 * caller learns the fault: 403 comes before 422.
 */
public final class RequestValidation {
    private Optional<Refused> first = Optional.empty();

    /** Returns the result of {@code member}, or empty if it cannot be read. */
    public <T> Optional<T> read(Supplier<T> member) {
        try {
            return Optional.of(member.get());
        } catch (Refused fault) {
            first = first.or(() -> Optional.of(fault));
            return Optional.empty();
        }
    }

    /** Runs {@code check} and keeps its fault. */
    public void check(Runnable check) {
        read(() -> {
            check.run();
            return true;
        });
    }

    /** Returns the first fault, if any. */
    public Optional<Refused> first() {
        return first;
    }
}
