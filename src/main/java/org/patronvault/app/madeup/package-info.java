/**
 * People who do not exist, as many as wanted, the same ones for the same seed on every Java platform.
 * {@link org.patronvault.app.madeup.MadeUpPatrons} gives the n-th patron whatever came before: a household (who lives
 * together, its surname, address and telephone) is drawn first, then the person in it. Names are as frequent as in the
 * tables of this package's resources; below the tables' last rank the frequency goes on falling with the rank, and
 * names are put together from syllables, so that no size exhausts them.
 * {@link org.patronvault.app.madeup.MadeUpFile} writes them as import files.
 *
 * <p>Nobody is to be reached by what stands here: telephone numbers are those kept for fiction and, when they are used
 * up, of exchanges that are given to no subscriber; e-mail addresses are under the example domains of RFC 2606. Towns
 * and their postal codes are real; a street and number that exist, or a name that someone has, are there by chance.
 */
package org.patronvault.app.madeup;
