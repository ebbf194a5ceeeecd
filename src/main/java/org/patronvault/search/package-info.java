/**
 * Names, cards, phone numbers and email addresses in the form in which the index holds them, and the search by name.
 *
 * <p>A clerk's input becomes {@link org.patronvault.core.index.IndexTerm}s in one canonical form, for example by
 * {@link org.patronvault.search.CardNumbers}, {@link org.patronvault.search.Phones} or
 * {@link org.patronvault.search.Emails}. {@link org.patronvault.search.NameForm} removes case, accents and scripts
 * through {@link org.patronvault.search.Transliteration}. {@link org.patronvault.search.NameTerms} lists the terms of a
 * patron's name, each with a {@link org.patronvault.core.index.NameHint}, as many as there is room for.
 *
 * <p>At a search, {@link org.patronvault.search.NameReading} reads the typed name, and
 * {@link org.patronvault.search.NameQuery} gives the {@link org.patronvault.core.index.PostingQuery} list of each
 * {@link org.patronvault.search.MatchRank}. {@link org.patronvault.search.IndexReading} asks the encrypted index for
 * them in one snapshot, best rank first, until a page is full.
 */
package org.patronvault.search;
