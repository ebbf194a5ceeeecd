package org.patronvault.tlog;

/**
 * A well-formed note, checkpoint or proof that nobody whose key is known vouches for, or in which a known key's
 * signature or the inclusion path is wrong. Nothing in it may be believed. Malformed input fails earlier, with
 * {@link MalformedException}.
 */
public final class UnverifiedException extends Exception {
    private static final long serialVersionUID = 1L;

    UnverifiedException(String fault) {
        super(fault);
    }
}
