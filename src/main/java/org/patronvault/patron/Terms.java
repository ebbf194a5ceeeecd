package org.patronvault.patron;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.patronvault.search.Emails;
import org.patronvault.search.IndexedTerm;
import org.patronvault.search.Phones;
import org.patronvault.search.Term;
import org.patronvault.search.Term.TermClass;

/** The terms a patron is found by. */
final class Terms {
    private Terms() {}

    /** Of a patron with these cards (the one in use first), phones and e-mail addresses, all in their stored form. */
    static List<IndexedTerm> of(List<String> cards, List<String> phone, List<String> email) {
        List<IndexedTerm> terms = new ArrayList<>();
        for (int i = 0; i < cards.size(); i++) {
            terms.add(new IndexedTerm(new Term(TermClass.CARD, cards.get(i)), i > 0));
        }
        // Two numbers that differ only in the extension are one term.
        Set<Term> unique = new LinkedHashSet<>();
        phone.forEach(number -> unique.add(new Term(TermClass.PHONE, Phones.termOf(number))));
        email.forEach(address -> unique.add(new Term(TermClass.EMAIL, Emails.canonicalTerm(address))));
        unique.forEach(term -> terms.add(IndexedTerm.current(term)));
        return terms;
    }
}
