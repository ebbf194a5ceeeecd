package org.patronvault.search;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.index.IndexTerm.TermClass;
import org.patronvault.core.index.IndexedTerm;
import org.patronvault.core.index.NameHint;
import org.patronvault.core.model.Name;

/**
 * The terms by which a patron's name is found, the most valuable first (format.md, "Names in the index"). If there is
 * no room for all, the longest starts of the given name are dropped first. Then come starts of the family name, and
 * then sounds. Words, joined forms, and the joined family name with its digits and first initials always fit.
 */
public final class NameTerms {
    /** The shortest start that is indexed. */
    static final int MIN_START = 3;

    /** The longest start that has a term. The hint covers the letters that follow. */
    static final int MAX_START = 8;

    /** The longest start with a term together with an initial: such a list is short, and its hint covers both names. */
    static final int MAX_START_WITH_INITIAL = 5;

    private static final int LAST_DIGITS = 4;
    private static final Pattern NO_DIGIT = Pattern.compile("[^0-9]+");

    private final NameForm family;
    private final NameForm given;
    private final NameForm preferred;
    private final Set<String> digits;
    private final Set<IndexedTerm> terms = new LinkedHashSet<>();

    private NameTerms(Name name, Set<String> digits) {
        this.family = NameForm.of(name.family());
        this.given = NameForm.of(name.given());
        this.preferred = NameForm.of(name.preferred());
        this.digits = digits;
    }

    /**
     * Returns the terms of a name, with those of its cards and phone numbers.
     *
     * @param cards in their stored form, and {@code phones} too
     * @param room the most terms: the part of {@link EncryptedIndex#ENTRIES} that the patron's other terms leave
     */
    public static List<IndexedTerm> of(Name name, List<String> cards, List<String> phones, int room) {
        Set<String> digits = Stream.concat(cards.stream(), phones.stream().map(Phones::termOf))
                .map(number -> NO_DIGIT.matcher(number).replaceAll(""))
                .filter(number -> number.length() >= LAST_DIGITS)
                .map(number -> number.substring(number.length() - LAST_DIGITS))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return new NameTerms(name, digits).all().stream().limit(room).toList();
    }

    private Set<IndexedTerm> all() {
        Set<String> called = new LinkedHashSet<>(given.forms());
        called.addAll(preferred.forms());
        family.forms().forEach(form -> add(new IndexTerm(TermClass.FAMILY, form)));
        called.forEach(form -> add(new IndexTerm(TermClass.GIVEN, form)));
        Stream.of(family.joined()).filter(form -> !form.isEmpty()).forEach(form -> {
            withDigits(form);
            firsts().forEach(first -> withInitial(form, first));
        });

        family.forms().forEach(form -> called.forEach(first -> withInitial(form, first)));
        family.words().forEach(this::withDigits);

        Set<String> spoken = new LinkedHashSet<>(given.spoken());
        spoken.addAll(preferred.spoken());
        Stream.concat(family.spoken().stream(), spoken.stream())
                .flatMap(form -> PhoneticCode.codes(form).stream())
                .forEach(code -> add(new IndexTerm(TermClass.SOUND, code)));
        family.spoken().forEach(form -> spoken.forEach(first -> inSound(form, first)));

        for (int length = MIN_START; length <= MAX_START; length++) {
            starts(family.forms(), length, MAX_START).forEach(start -> terms.add(start.term(TermClass.FAMILY_START)));
            starts(family.forms(), length, MAX_START_WITH_INITIAL)
                    .forEach(start -> firsts().filter(first -> isLongest(first, called))
                            .forEach(first -> terms.add(start.with(first))));
        }
        for (int length = MIN_START; length <= MAX_START; length++) {
            starts(called, length, MAX_START).forEach(start -> terms.add(start.term(TermClass.GIVEN_START)));
        }
        return terms;
    }

    private Stream<String> firsts() {
        return Stream.of(given.joined(), preferred.joined()).filter(first -> !first.isEmpty());
    }

    private void add(IndexTerm term) {
        terms.add(IndexedTerm.current(term));
    }

    private void withInitial(String form, String first) {
        terms.add(named(
                IndexTerm.ofPair(TermClass.FAMILY_INITIAL, form, NameForm.initial(first)), NameHint.of(first, 1)));
    }

    private void withDigits(String form) {
        NameHint called = NameHint.of(given.joined(), 0);
        digits.forEach(four -> terms.add(named(IndexTerm.ofPair(TermClass.FAMILY_DIGITS, form, four), called)));
    }

    private void inSound(String form, String first) {
        for (String code : PhoneticCode.codes(form)) {
            add(IndexTerm.ofPair(TermClass.SOUND_INITIAL, code, NameForm.initial(first)));
            PhoneticCode.codes(first).forEach(sound -> add(IndexTerm.ofPair(TermClass.SOUND_PAIR, code, sound)));
        }
    }

    private static IndexedTerm named(IndexTerm term, NameHint hint) {
        return new IndexedTerm(term, false, hint);
    }

    /** The first letters of a longer form. */
    private record Start(String text, String form) {
        private IndexedTerm term(TermClass type) {
            return named(
                    new IndexTerm(type, text),
                    text.length() < MAX_START ? NameHint.NONE : NameHint.of(form, MAX_START));
        }

        private IndexedTerm with(String first) {
            return named(
                    IndexTerm.ofPair(TermClass.START_INITIAL, text, NameForm.initial(first)),
                    NameHint.ofBoth(form, text.length(), first));
        }
    }

    /**
     * Returns the starts of a length. Leaves out a start that is itself a form, unless it stands for longer forms too.
     */
    private static Stream<Start> starts(Set<String> forms, int length, int longest) {
        return length > longest
                ? Stream.empty()
                : forms.stream()
                        .filter(form -> form.length() > length)
                        .map(form -> new Start(form.substring(0, length), form))
                        .filter(start -> length == longest || !forms.contains(start.text()));
    }

    /** Whether no other form begins with this form, and so covers it. */
    private static boolean isLongest(String form, Set<String> forms) {
        return forms.stream().noneMatch(other -> other.length() > form.length() && other.startsWith(form));
    }
}
