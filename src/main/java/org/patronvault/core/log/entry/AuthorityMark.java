package org.patronvault.core.log.entry;

/**
 * The state of all rows that carry authority, as one log entry states it.
 *
 * @param number counts the transactions that changed such rows
 * @param mac over that number and the running digest, 32 bytes; the digest itself would show which rows changed
 */
public record AuthorityMark(long number, byte[] mac) {}
