package org.patronvault.core.tlog;

/**
 * A failure to verify a well-formed note, checkpoint or proof. No known key signed it, or a known key's signature or
 * the inclusion path is wrong. Nothing in it may be trusted. Malformed input fails earlier, with
 * {@link MalformedException}.
 */
public final class UnverifiedException extends Exception {
    private static final long serialVersionUID = 1L;

    UnverifiedException(String fault) {
        super(fault);
    }
}
