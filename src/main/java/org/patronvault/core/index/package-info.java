/**
 * The encrypted index of patrons, which tells a thief nothing (format.md, "Search index").
 *
 * <p>A search gives each word as an {@code IndexTerm}. {@code EncryptedIndex} turns it into pseudo-random labels,
 * counted from 0. It probes the store for them, and opens the values found there: each is a {@code Posting}. A copy of
 * the table shows the number of entries and nothing else. Every patron has the same number, no label ever repeats, and
 * no count is stored. A writer prepares {@code PatronEntries}, and {@code Numbering} gives each its number under the
 * lock of its term. {@code Staging} holds the entries of a rebuild or a first import until they are merged.
 */
package org.patronvault.core.index;
