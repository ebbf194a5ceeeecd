/**
 * Reading the log: entries, searches and the changes that entries describe.
 *
 * <p>The caller has asked the policy and logged its reading before. {@code LogReader} reads a range of leaves and
 * opens their subjects. {@code LogSearch} filters entries, and asks a {@code PatronEntryFinder} which of them may
 * name a patron. {@code LogChanges} tells which patron rows a range of entries wrote or erased. Full tiles of the tree
 * come from {@code StoredTiles}.
 */
package org.patronvault.core.log.read;
