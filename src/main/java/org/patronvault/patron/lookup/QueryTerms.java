package org.patronvault.patron.lookup;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.index.IndexTerm.TermClass;
import org.patronvault.core.index.Posting;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.search.CardNumbers;
import org.patronvault.search.Emails;
import org.patronvault.search.IndexReading;
import org.patronvault.search.MatchRank;
import org.patronvault.search.NameQuery;
import org.patronvault.search.Phones;

/**
 * The terms of a query. With named fields all must match. The one box is read in several ways, and the first way that
 * finds a patron counts. A text that cannot be a value of its field finds nothing.
 */
final class QueryTerms {
    private static final int MIN_PHONE_DIGITS = 7;
    private static final int MAX_INTERSECTED = 10_000;

    /** One typed text: either terms of which any may match, or a name. */
    private record TypedTerms(List<IndexTerm> terms, Optional<NameQuery> name) {
        private static Optional<TypedTerms> of(List<IndexTerm> terms) {
            return terms.isEmpty() ? Optional.empty() : Optional.of(new TypedTerms(terms, Optional.empty()));
        }

        private static Optional<TypedTerms> called(String typed) {
            return NameQuery.of(typed).map(name -> new TypedTerms(List.of(), Optional.of(name)));
        }

        private Set<PatronField> fields() {
            return name.map(NameQuery::fields)
                    .orElseGet(() -> terms.stream()
                            .flatMap(term -> term.type().fields().stream())
                            .collect(Collectors.toSet()));
        }

        /** Searches, and returns whether more matches may remain. */
        private boolean find(IndexReading index, IndexReading.PostingConsumer taker) {
            if (name.isPresent()) {
                return index.find(name.get(), NameQuery.MAX_READS, taker);
            }
            index.find(terms, taker);
            return false;
        }
    }

    /** A consumer of matches, with the fields each was found by. */
    interface MatchConsumer {
        /** Takes a posting of a patron not found before; returns whether more is wanted. */
        boolean take(Posting posting, MatchRank rank, Set<PatronField> by);

        /** How many of the taken matches are shown. */
        int countShown();
    }

    private final List<TypedTerms> all;
    private final Set<PatronField> fields;
    private final boolean readsTypes;
    private final Optional<String> hint;

    private QueryTerms(List<TypedTerms> all, Set<PatronField> fields, boolean readsTypes, Optional<String> hint) {
        this.all = List.copyOf(all);
        this.fields = Set.copyOf(fields);
        this.readsTypes = readsTypes;
        this.hint = hint;
    }

    /** The term that is searched first, if it is not a name. */
    Optional<IndexTerm> first() {
        return all.stream()
                .findFirst()
                .flatMap(sought -> sought.terms().stream().findFirst());
    }

    /** The card, if the query is one card and nothing else. */
    Optional<IndexTerm> cardAlone() {
        return all.size() == 1 ? first().filter(term -> term.type() == TermClass.CARD) : Optional.empty();
    }

    static QueryTerms of(SearchQuery query, Phones phones) {
        if (query.q().isPresent()) {
            return ofBox(query.q().get().strip(), phones);
        }
        List<Optional<TypedTerms>> asked = new ArrayList<>();
        query.card().ifPresent(text -> asked.add(TypedTerms.of(card(text))));
        query.phone().ifPresent(text -> asked.add(TypedTerms.of(phone(phones, text))));
        query.email().ifPresent(text -> asked.add(TypedTerms.of(email(text))));
        query.name().ifPresent(text -> asked.add(TypedTerms.called(text)));
        Set<PatronField> fields = query.named();
        List<TypedTerms> all = asked.stream().flatMap(Optional::stream).toList();
        all.forEach(sought -> fields.addAll(sought.fields()));
        // A field that can hold no such text matches nothing, and neither does the whole query.
        return new QueryTerms(all.size() < asked.size() ? List.of() : all, fields, false, Optional.empty());
    }

    /** Reads a scan, a phone number, an email address or a name; its form decides which. */
    private static QueryTerms ofBox(String typed, Phones phones) {
        long digits = typed.chars().filter(c -> c >= '0' && c <= '9').count();
        List<TypedTerms> all = (typed.contains("@")
                        ? Stream.of(TypedTerms.of(email(typed)))
                        : Stream.of(
                                TypedTerms.of(card(typed)),
                                TypedTerms.of(digits >= MIN_PHONE_DIGITS ? phone(phones, typed) : List.of()),
                                TypedTerms.called(typed)))
                .flatMap(Optional::stream)
                .toList();
        if (all.isEmpty()) {
            throw new Refused(
                    Problem.INVALID, "The box takes a name, a card, a telephone number or an e-mail address.");
        }
        Set<PatronField> fields = EnumSet.noneOf(PatronField.class);
        all.forEach(sought -> fields.addAll(sought.fields()));
        return new QueryTerms(all, fields, true, hintOf(typed));
    }

    /** Used only when nothing was found: whether a card exists comes before whether it could. */
    private static Optional<String> hintOf(String typed) {
        if (CardNumbers.isItemBarcode(typed)) {
            return Optional.of("item-barcode");
        }
        if (CardNumbers.isPatronBarcode(typed) && !CardNumbers.checkDigitHolds(typed)) {
            return Optional.of("mis-scan");
        }
        return typed.matches("[0-9]{4}") ? Optional.of("digits-alone") : Optional.empty();
    }

    private static List<IndexTerm> card(String text) {
        try {
            return List.of(new IndexTerm(TermClass.CARD, CardNumbers.canonical(text)));
        } catch (Refused e) {
            return List.of();
        }
    }

    private static List<IndexTerm> phone(Phones phones, String text) {
        try {
            return phones.terms(text).stream()
                    .map(term -> new IndexTerm(TermClass.PHONE, term))
                    .toList();
        } catch (Refused e) {
            return List.of();
        }
    }

    private static List<IndexTerm> email(String text) {
        return Emails.isWellFormed(text.strip())
                ? List.of(new IndexTerm(TermClass.EMAIL, Emails.canonicalTerm(text)))
                : List.of();
    }

    /** Whether the fields follow from the typed text, so that only fields the caller may search by are tried. */
    boolean readsTypes() {
        return readsTypes;
    }

    /** The searched fields. */
    Set<PatronField> fields() {
        return fields;
    }

    /** The ways of reading that are allowed; all of them if none is, so that the policy refuses. */
    QueryTerms allowed(Predicate<Set<PatronField>> may) {
        List<TypedTerms> allowed =
                all.stream().filter(sought -> may.test(sought.fields())).toList();
        Set<PatronField> by =
                allowed.stream().flatMap(sought -> sought.fields().stream()).collect(Collectors.toSet());
        return allowed.isEmpty() ? this : new QueryTerms(allowed, by, readsTypes, hint);
    }

    /** The searched card, if a whole card is searched for. */
    Optional<String> card() {
        return all.stream()
                .flatMap(sought -> sought.terms().stream())
                .filter(term -> term.type() == TermClass.CARD)
                .map(IndexTerm::text)
                .findFirst();
    }

    /** A hint on the typed text, for when nothing was found. */
    Optional<String> hint() {
        return hint;
    }

    /**
     * Passes the matches, the best first, to {@code taker}, each patron once, as long as it takes more.
     *
     * @return whether more matches may remain that were not searched for
     */
    boolean find(IndexReading index, MatchConsumer taker) {
        if (readsTypes || all.size() == 1) {
            return findFirst(index, taker);
        }
        if (!all.isEmpty()) {
            findBoth(index, taker);
        }
        return false;
    }

    private boolean findFirst(IndexReading index, MatchConsumer taker) {
        boolean others = false;
        boolean isFound = false;
        for (Iterator<TypedTerms> ways = all.iterator(); ways.hasNext() && !isFound; ) {
            TypedTerms sought = ways.next();
            others = sought.find(index, of(taker, sought.fields()));
            // After the last way the count is not needed, and the rows can be read with the end of the transaction.
            isFound = ways.hasNext() && taker.countShown() > 0;
        }
        return others;
    }

    private static IndexReading.PostingConsumer of(MatchConsumer taker, Set<PatronField> by) {
        return new IndexReading.PostingConsumer() {
            @Override
            public boolean take(Posting posting, MatchRank rank) {
                return taker.take(posting, rank, by);
            }

            @Override
            public OptionalInt shown() {
                return OptionalInt.of(taker.countShown());
            }
        };
    }

    /** Finds the patrons that match everything. Names come last, and are searched only among the others' matches. */
    private void findBoth(IndexReading index, MatchConsumer taker) {
        Map<PatronId, Posting> left = null;
        for (TypedTerms sought : all) {
            if (sought.name().isPresent()) {
                Map<PatronId, Posting> these = left;
                boolean unused = index.find(
                        sought.name().get(),
                        Integer.MAX_VALUE,
                        (posting, rank) -> !these.isEmpty()
                                && (!these.containsKey(posting.patron())
                                        || (taker.take(these.remove(posting.patron()), rank, fields)
                                                && !these.isEmpty())));
                return;
            }
            Map<PatronId, Posting> matches = new LinkedHashMap<>();
            // If two lists were cut before the intersection, a patron in both could be missed.
            sought.find(index, (posting, rank) -> {
                matches.put(posting.patron(), posting);
                return matches.size() < MAX_INTERSECTED;
            });
            if (left == null) {
                left = matches;
            } else {
                left.keySet().retainAll(matches.keySet());
            }
        }
        for (Posting posting : left.values()) {
            if (!taker.take(posting, MatchRank.EXACT, fields)) {
                return;
            }
        }
    }
}
