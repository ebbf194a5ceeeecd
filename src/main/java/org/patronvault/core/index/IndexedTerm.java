package org.patronvault.core.index;

/**
 * A term to write to the index.
 *
 * @param former whether it is a card that is no longer in use
 * @param hint the posting's hint of the name beyond the term
 */
public record IndexedTerm(IndexTerm term, boolean former, NameHint hint) {

    /** Creates a term that says all, without a hint. */
    public IndexedTerm(IndexTerm term, boolean former) {
        this(term, former, NameHint.NONE);
    }

    /** Returns a term that is in use. */
    public static IndexedTerm current(IndexTerm term) {
        return new IndexedTerm(term, false);
    }
}
