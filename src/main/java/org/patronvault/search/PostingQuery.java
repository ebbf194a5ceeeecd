package org.patronvault.search;

import java.util.function.Predicate;

/** A list of postings to read, with a filter. */
public record PostingQuery(IndexTerm term, Predicate<NameHint> taken) {

    static PostingQuery all(IndexTerm term) {
        return new PostingQuery(term, hint -> true);
    }
}
