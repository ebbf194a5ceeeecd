package org.patronvault.search;

import java.util.function.Predicate;

/** A list of postings to read, and which of them to take. */
public record Probe(Term term, Predicate<Hint> taken) {

    static Probe all(Term term) {
        return new Probe(term, hint -> true);
    }
}
