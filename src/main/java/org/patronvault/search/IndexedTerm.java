package org.patronvault.search;

/**
 * A term to write.
 *
 * @param former for a card that is no longer in use
 * @param hint what the posting says of a name beyond the term
 */
public record IndexedTerm(IndexTerm term, boolean former, NameHint hint) {

    /** A term that says all. */
    public IndexedTerm(IndexTerm term, boolean former) {
        this(term, former, NameHint.NONE);
    }

    /** A term of now. */
    public static IndexedTerm current(IndexTerm term) {
        return new IndexedTerm(term, false);
    }
}
