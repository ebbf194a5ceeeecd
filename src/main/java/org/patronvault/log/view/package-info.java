/**
 * The view by patron: which log entries name a patron.
 *
 * <p>{@code ViewFiller} follows the log in the background. It opens the subjects of new entries and writes one
 * {@code ViewPiece} of sealed rows at a time, in random order. {@code PatronView} reads the rows of one patron, and
 * reads {@code Unindexed} entries from the log itself. {@code ViewState} says how far the view is. {@code ViewCheck}
 * compares its rows with what was written, and a damaged view is made again from the log.
 */
package org.patronvault.log.view;
