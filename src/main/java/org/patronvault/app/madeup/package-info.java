/**
 * Made-up people in any number, equal for one seed on every Java platform. {@link
 * org.patronvault.app.madeup.MadeUpPatrons} gives the n-th patron independently of the others. It draws a household
 * first (its members, surname, address and telephone), then the person in it. Names are as frequent as in this
 * package's tables. Below a table's last rank the frequency keeps falling with the rank, and names are made of
 * syllables, so no size exhausts them. {@link org.patronvault.app.madeup.MadeUpFile} writes the patrons as import
 * files.
 *
 * <p>None of this data reaches a real person. Telephone numbers are those reserved for fiction and, beyond them, of
 * exchanges without subscribers. Email addresses use the example domains of RFC 2606. Towns and postal codes are real.
 * A real street address or name is a coincidence.
 */
package org.patronvault.app.madeup;
