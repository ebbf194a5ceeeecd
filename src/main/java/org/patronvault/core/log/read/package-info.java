/**
 * Reading the log: entries, searches and the changes that entries describe.
 *
 * <p>The caller has asked the policy and logged its reading before. {@code LogReader} reads a range of leaves and
 * opens their subjects. {@code LogSearch} combines the view by patron with a filter on entries. {@code LogChanges}
 * tells which patron rows a range of entries wrote or erased. Full tiles of the tree come from {@code StoredTiles}.
 */
package org.patronvault.core.log.read;
