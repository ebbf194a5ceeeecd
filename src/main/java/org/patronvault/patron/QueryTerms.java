package org.patronvault.patron;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.search.Cards;
import org.patronvault.search.Emails;
import org.patronvault.search.Phones;
import org.patronvault.search.Posting;
import org.patronvault.search.Term;
import org.patronvault.search.Term.TermClass;

/**
 * The terms of a query: all must match where fields were named; the first that finds something where the one box was
 * used. A text that cannot be a value of its field finds nothing.
 */
final class QueryTerms {
    private static final int MIN_PHONE_DIGITS = 7;
    private static final int MAX_INTERSECTED = 10_000;

    private final List<Term> terms;
    private final Set<PatronField> asked;
    private final boolean readsTypes;
    private final Optional<String> hint;

    private QueryTerms(List<Term> terms, Set<PatronField> asked, boolean readsTypes, Optional<String> hint) {
        this.terms = List.copyOf(terms);
        this.asked = Set.copyOf(asked);
        this.readsTypes = readsTypes;
        this.hint = hint;
    }

    static QueryTerms of(SearchQuery query, Phones phones) {
        if (query.q().isPresent()) {
            return ofBox(query.q().get().strip(), phones);
        }
        List<Term> terms = new ArrayList<>();
        Set<PatronField> asked = EnumSet.noneOf(PatronField.class);
        query.card().ifPresent(text -> add(terms, asked, PatronField.CARD, card(text)));
        query.phone().ifPresent(text -> add(terms, asked, PatronField.PHONE, phone(phones, text)));
        query.email().ifPresent(text -> add(terms, asked, PatronField.EMAIL, email(text)));
        // A field that can hold no such text matches nothing, and neither does the whole query.
        boolean impossible = terms.size() < asked.size();
        return new QueryTerms(impossible ? List.of() : terms, asked, false, Optional.empty());
    }

    private static void add(List<Term> terms, Set<PatronField> asked, PatronField field, Optional<Term> term) {
        asked.add(field);
        term.ifPresent(terms::add);
    }

    /** A scan, an e-mail address or a phone number; what it is follows from its form. */
    private static QueryTerms ofBox(String typed, Phones phones) {
        List<Term> terms = new ArrayList<>();
        if (typed.contains("@")) {
            email(typed).ifPresent(terms::add);
        } else {
            card(typed).ifPresent(terms::add);
            long digits = typed.chars().filter(c -> c >= '0' && c <= '9').count();
            if (digits >= MIN_PHONE_DIGITS) {
                phone(phones, typed).ifPresent(terms::add);
            }
        }
        if (terms.isEmpty()) {
            throw new Refused(
                    Problem.INVALID,
                    "The box takes a card, a telephone number or an e-mail address; names are not"
                            + " searched in this version.");
        }
        Set<PatronField> asked = EnumSet.noneOf(PatronField.class);
        terms.forEach(term -> asked.add(term.type().field()));
        return new QueryTerms(terms, asked, true, hintOf(typed));
    }

    /** Told only when nothing was found: whether a card exists comes before whether it could. */
    private static Optional<String> hintOf(String typed) {
        if (Cards.isItemBarcode(typed)) {
            return Optional.of("item-barcode");
        }
        if (Cards.isPatronBarcode(typed) && !Cards.checkDigitHolds(typed)) {
            return Optional.of("mis-scan");
        }
        return Optional.empty();
    }

    private static Optional<Term> card(String text) {
        try {
            return Optional.of(new Term(TermClass.CARD, Cards.canonical(text)));
        } catch (Refused e) {
            return Optional.empty();
        }
    }

    private static Optional<Term> phone(Phones phones, String text) {
        try {
            return Optional.of(new Term(TermClass.PHONE, phones.term(text)));
        } catch (Refused e) {
            return Optional.empty();
        }
    }

    private static Optional<Term> email(String text) {
        return Emails.isWellFormed(text.strip())
                ? Optional.of(new Term(TermClass.EMAIL, Emails.canonicalTerm(text)))
                : Optional.empty();
    }

    /** Whether the fields follow from what was typed, so that only those the caller may search by are tried. */
    boolean readsTypes() {
        return readsTypes;
    }

    /** The fields that are searched by. */
    Set<PatronField> fields() {
        return asked;
    }

    /** Those that may be searched by; all if none may, so that the policy says no. */
    Set<PatronField> allowed(Predicate<PatronField> may) {
        Set<PatronField> allowed = EnumSet.noneOf(PatronField.class);
        asked.stream().filter(may).forEach(allowed::add);
        return allowed.isEmpty() ? asked : allowed;
    }

    /** The whole card that is searched by, if one is. */
    Optional<String> card() {
        return terms.stream()
                .filter(term -> term.type() == TermClass.CARD)
                .map(Term::text)
                .findFirst();
    }

    /** A word on what was typed, for when nothing was found. */
    Optional<String> hint() {
        return hint;
    }

    /** What was found, each patron once, and the fields by which. */
    record Found(List<Posting> postings, Set<PatronField> by) {}

    /** Postings that match. */
    Found search(Set<PatronField> searched, BiFunction<Term, Integer, List<Posting>> probe) {
        Map<PatronId, Posting> found = new LinkedHashMap<>();
        // Cut before they are intersected, two lists could miss what both hold.
        int limit = readsTypes || terms.size() == 1 ? Lookup.MAX_RESULTS + 1 : MAX_INTERSECTED;
        boolean first = true;
        for (Term term : terms) {
            if (!searched.contains(term.type().field())) {
                continue;
            }
            Map<PatronId, Posting> matches = new LinkedHashMap<>();
            probe.apply(term, limit).forEach(p -> matches.putIfAbsent(p.patron(), p));
            if (readsTypes) {
                if (!matches.isEmpty()) {
                    return new Found(
                            List.copyOf(matches.values()), Set.of(term.type().field()));
                }
            } else if (first) {
                found.putAll(matches);
            } else {
                found.keySet().retainAll(matches.keySet());
            }
            first = false;
        }
        return new Found(List.copyOf(found.values()), searched);
    }
}
