package org.patronvault.core.model;

import java.util.Objects;

/**
 * A wrapper for a value that must not be printed. {@link #toString} returns {@code [REDACTED]}; {@link #reveal} has a
 * name that is easy to search for in the code.
 */
public final class Sensitive<T> {
    private final T value;

    private Sensitive(T value) {
        this.value = Objects.requireNonNull(value);
    }

    /** Wraps {@code value}, which must not be null. */
    public static <T> Sensitive<T> of(T value) {
        return new Sensitive<>(value);
    }

    /** The value itself. */
    public T reveal() {
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sensitive<?> that && value.equals(that.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
