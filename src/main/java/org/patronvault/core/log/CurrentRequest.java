package org.patronvault.core.log;

import org.patronvault.core.crypto.SecureBytes;

/**
 * The call that a thread serves. Its log entries and its answer carry one ID, so that a question about an answer leads
 * to its entries.
 */
public final class CurrentRequest {
    private static final int BYTES = 16;
    private static final ThreadLocal<byte[]> SERVED = new ThreadLocal<>();

    private CurrentRequest() {}

    /** Begins a call, and ends the thread's previous call. Returns its random ID. */
    public static byte[] begin() {
        byte[] id = SecureBytes.random(BYTES);
        SERVED.set(id);
        return id.clone();
    }

    /** Ends the call that this thread serves. */
    public static void end() {
        SERVED.remove();
    }

    /** Returns the ID of the call that this thread serves, or a new ID if it serves none. */
    static byte[] id() {
        byte[] served = SERVED.get();
        return served == null ? SecureBytes.random(BYTES) : served.clone();
    }
}
