package org.patronvault.audit;

/**
 * What a log entry says of all rows that carry authority, as they are after it.
 *
 * @param number counts the transactions that changed such rows
 * @param mac over that number and the running digest, 32 bytes; the digest itself would show which rows changed
 */
public record AuthorityMark(long number, byte[] mac) {}
