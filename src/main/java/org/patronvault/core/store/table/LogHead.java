package org.patronvault.core.store.table;

/**
 * The end of the log.
 *
 * @param size number of entries
 * @param frontier the encoded compact range of the tree over them
 */
public record LogHead(long size, byte[] frontier) {}
