package org.patronvault.search;

/**
 * A term to write.
 *
 * @param former for a card that is no longer in use
 * @param hint what the posting says of a name beyond the term
 */
public record IndexedTerm(Term term, boolean former, Hint hint) {

    /** A term that says all. */
    public IndexedTerm(Term term, boolean former) {
        this(term, former, Hint.NONE);
    }

    /** A term of now. */
    public static IndexedTerm current(Term term) {
        return new IndexedTerm(term, false);
    }
}
