package org.patronvault.core.index;

import java.util.function.Predicate;

/** A list of postings to read, with a filter. */
public record PostingQuery(IndexTerm term, Predicate<NameHint> taken) {

    public static PostingQuery all(IndexTerm term) {
        return new PostingQuery(term, hint -> true);
    }
}
