package org.patronvault.audit;

/**
 * A signed checkpoint of the log (C2SP tlog-checkpoint).
 *
 * @param size number of entries it speaks of
 * @param note the whole signed note
 */
public record SignedCheckpoint(long size, String note) {}
