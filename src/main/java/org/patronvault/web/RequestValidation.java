package org.patronvault.web;

import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.model.Refused;

/**
 * Reads the members of a request one by one and keeps the first fault, so that the policy can be asked about what is
 * readable before the caller is told what is not: 403 comes before 422.
 */
final class RequestValidation {
    private Optional<Refused> first = Optional.empty();

    /** What {@code member} reads; empty if it cannot be read. */
    <T> Optional<T> read(Supplier<T> member) {
        try {
            return Optional.of(member.get());
        } catch (Refused fault) {
            first = first.or(() -> Optional.of(fault));
            return Optional.empty();
        }
    }

    /** Passes, or keeps the fault that {@code check} throws. */
    void check(Runnable check) {
        read(() -> {
            check.run();
            return true;
        });
    }

    /** What was wrong first, if anything was. */
    Optional<Refused> first() {
        return first;
    }
}
