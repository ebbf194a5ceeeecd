package org.patronvault.audit;

/**
 * A signed checkpoint of the log (C2SP tlog-checkpoint).
 *
 * @param size number of entries it speaks of
 * @param note the whole signed note
 */
public record SignedCheckpoint(long size, String note) {

    /** Whether the key that signed until then hands the log over to another with it. */
    public boolean handsOver() {
        return note.contains("\n" + LogKeys.HAND_OVER);
    }
}
