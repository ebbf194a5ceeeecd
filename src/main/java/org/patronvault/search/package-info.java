/**
 * The encrypted search for patrons, which tells a thief nothing (format.md, "Search index").
 *
 * <p>A clerk's input becomes {@link org.patronvault.search.IndexTerm}s in one canonical form, for example by
 * {@link org.patronvault.search.CardNumbers}, {@link org.patronvault.search.Phones} or
 * {@link org.patronvault.search.Emails}. {@link org.patronvault.search.EncryptedIndex} turns a term into pseudo-random
 * labels, counted from 0. It probes the store for them, and opens the values found there. A copy of its table shows the
 * number of entries and nothing else. Every patron has the same number, no label ever repeats, and no count is stored.
 *
 * <p>{@link org.patronvault.search.NameTerms} are the terms of a patron's name, each with a
 * {@link org.patronvault.search.NameHint}, as many as there is room for. {@link org.patronvault.search.NameQuery}
 * parses the typed name into {@link org.patronvault.search.PostingQuery}s for each
 * {@link org.patronvault.search.MatchRank}. The search runs them until a page is full.
 */
package org.patronvault.search;
