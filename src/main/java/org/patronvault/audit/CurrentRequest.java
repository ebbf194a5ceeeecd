package org.patronvault.audit;

import org.patronvault.crypto.SecureBytes;

/**
 * The call that a thread serves. What it logs until the call ends carries one id, and so does the answer, so that who asks
 * about an answer can name its entries.
 */
public final class CurrentRequest {
    private static final int BYTES = 16;
    private static final ThreadLocal<byte[]> SERVED = new ThreadLocal<>();

    private CurrentRequest() {}

    /** Begins one, and ends what this thread served before; its random id. */
    public static byte[] begin() {
        byte[] id = SecureBytes.random(BYTES);
        SERVED.set(id);
        return id.clone();
    }

    /** Ends the one that this thread serves. */
    public static void end() {
        SERVED.remove();
    }

    /** The id of the one that this thread serves; of one more if it serves none. */
    static byte[] id() {
        byte[] served = SERVED.get();
        return served == null ? SecureBytes.random(BYTES) : served.clone();
    }
}
