package org.patronvault.search;

/** A term of a name, and what its posting says beyond it. */
public record NameTerm(Term term, Hint hint) {}
