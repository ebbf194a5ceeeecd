/**
 * Small files that survive a crash.
 *
 * <p>{@code DurableFile} writes a whole file so that after a crash either the old or the new content is there.
 * {@code TwoSlotFile} overwrites one of two slots in turn. {@code SmallFile} reads with a size limit, and
 * {@code SharedLock} keeps two processes from changing a file at once.
 */
package org.patronvault.core.keys.file;
