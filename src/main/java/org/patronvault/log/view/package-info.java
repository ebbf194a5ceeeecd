/**
 * The view by patron: which log entries may name a patron.
 *
 * <p>{@code ViewFiller} follows the log in the background. It opens the subjects of new entries and gathers them in a
 * {@code LogStretch}. It seals each complete stretch in the pages of a {@code ViewBlock}, and writes them. {@code
 * PatronView} reads one or two pages of each block, then the stretch in memory, then the log itself up to its head.
 */
package org.patronvault.log.view;
