package org.patronvault.search;

/** A term to write: {@code former} for a card that is no longer in use. */
public record IndexedTerm(Term term, boolean former) {

    /** A term of now. */
    public static IndexedTerm current(Term term) {
        return new IndexedTerm(term, false);
    }
}
