package org.patronvault.search;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.index.IndexTerm.TermClass;
import org.patronvault.core.index.NameHint;
import org.patronvault.core.index.PostingQuery;

/**
 * One way to split a typed name into family and given name. Prints {@code [REDACTED]}.
 *
 * @param family joined
 * @param familyFirst the first word of {@code family} that identifies a name
 * @param given joined, without initials behind it; empty if only one name was typed
 * @param first the first word of {@code given}; the words behind it may be a middle name, which has no term
 * @param orGiven whether the only name may also be a given name
 * @param isParted whether the only name was typed with blanks, and so is likelier two names
 * @param digits four digits of a card or phone number
 */
record NameReading(
        String family,
        String familyFirst,
        String given,
        String first,
        boolean orGiven,
        boolean isParted,
        Optional<String> digits) {

    static NameReading ofOne(List<String> name, boolean orGiven, boolean isParted, Optional<String> digits) {
        return new NameReading(String.join("", name), naming(name), "", "", orGiven, isParted, digits);
    }

    private static String naming(List<String> family) {
        return family.stream()
                .filter(word -> !NameForm.isParticle(word))
                .findFirst()
                .orElseGet(() -> String.join("", family));
    }

    static NameReading ofTwo(List<String> family, List<String> given, Optional<String> digits) {
        int named = given.size();
        while (named > 1 && given.get(named - 1).length() == 1) {
            named--;
        }
        return new NameReading(
                String.join("", family),
                naming(family),
                String.join("", given.subList(0, named)),
                given.get(0),
                false,
                false,
                digits);
    }

    Stream<PostingQuery> probes(MatchRank rank) {
        return switch (rank) {
            case EXACT -> exact();
            case PREFIX -> prefix();
            case PHONETIC -> isLikeANumber() ? Stream.empty() : phonetic();
            case TYPO -> isLikeANumber() ? Stream.empty() : typo();
        };
    }

    /** Whether it may be a card that nobody has. Names that are only similar are then not meant, and not disclosed. */
    private boolean isLikeANumber() {
        return Stream.of(family, given).anyMatch(name -> name.chars().anyMatch(Character::isDigit));
    }

    private Stream<PostingQuery> exact() {
        if (digits.isPresent()) {
            return withDigits(given);
        }
        return given.isEmpty() ? oneName(TermClass.FAMILY, TermClass.GIVEN, family) : Stream.of(called(given));
    }

    private Stream<PostingQuery> withDigits(String called) {
        return Stream.of(new PostingQuery(
                IndexTerm.ofPair(TermClass.FAMILY_DIGITS, family, digits.orElseThrow()),
                hint -> hint.begins(called, 0)));
    }

    /** Returns the query for patrons with the whole family name and this given name or initial. */
    private PostingQuery called(String name) {
        NameHint whole = NameHint.of(name, 1);
        return new PostingQuery(
                initialled(TermClass.FAMILY_INITIAL, family, name), isInitial(name) ? h -> true : whole::equals);
    }

    private Stream<PostingQuery> prefix() {
        if (digits.isPresent()) {
            return Stream.empty();
        }
        boolean starts = family.length() >= NameTerms.MIN_START;
        if (given.isEmpty()) {
            // For "Papadopoulos Chris", a hint does not tell that the name ends before the second word.
            boolean isTold = !isParted || family.length() <= NameTerms.MAX_START + NameHint.LETTERS;
            return starts && isTold
                    ? oneName(TermClass.FAMILY_START, TermClass.GIVEN_START, start(NameTerms.MAX_START))
                            .map(probe -> new PostingQuery(probe.term(), h -> h.begins(family, NameTerms.MAX_START)))
                    : Stream.empty();
        }
        Stream.Builder<PostingQuery> probes = Stream.builder();
        if (!isInitial(given)) {
            probes.add(new PostingQuery(initialled(TermClass.FAMILY_INITIAL, family, given), h -> h.begins(given, 1)));
        }
        if (starts) {
            String start = start(NameTerms.MAX_START_WITH_INITIAL);
            probes.add(new PostingQuery(
                    initialled(TermClass.START_INITIAL, start, given),
                    h -> h.beginsBoth(family, start.length(), given)));
        }
        if (!first.equals(given)) {
            probes.add(called(first));
        }
        return probes.build();
    }

    private String start(int longest) {
        return family.substring(0, Math.min(family.length(), longest));
    }

    /**
     * Returns the queries by sound: the whole name and, beside a given name, its first word. A name of several words is
     * indexed by the sound of each.
     */
    private Stream<PostingQuery> phonetic() {
        if (digits.isPresent() || family.length() < NameTerms.MIN_START) {
            return Stream.empty();
        }
        if (given.isEmpty()) {
            return PhoneticCode.codesHeard(family).stream()
                    .map(code -> PostingQuery.all(new IndexTerm(TermClass.SOUND, code)));
        }
        Set<String> codes = heard(family, familyFirst.length() < NameTerms.MIN_START ? family : familyFirst);
        Set<String> initials = Stream.of(given, first)
                .filter(NameReading::isInitial)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        Set<String> sounds = isInitial(given) ? Set.of() : heard(given, first);
        return codes.stream()
                .flatMap(code -> Stream.concat(
                        sounds.stream().map(sound -> IndexTerm.ofPair(TermClass.SOUND_PAIR, code, sound)),
                        initials.stream().map(initial -> IndexTerm.ofPair(TermClass.SOUND_INITIAL, code, initial))))
                .map(PostingQuery::all);
    }

    private static Set<String> heard(String whole, String word) {
        Set<String> codes = new LinkedHashSet<>(PhoneticCode.codesHeard(whole));
        codes.addAll(PhoneticCode.codesHeard(word));
        return codes;
    }

    private Stream<PostingQuery> typo() {
        Set<String> families = TypoVariants.of(family);
        if (digits.isPresent()) {
            // The preferred name is not in the hint, and four digits are more reliable than a name.
            return Stream.concat(
                    withDigits(""),
                    families.stream()
                            .map(meant ->
                                    PostingQuery.all(IndexTerm.ofPair(TermClass.FAMILY_DIGITS, meant, digits.get()))));
        }
        if (given.isEmpty()) {
            return Stream.concat(
                    families.stream().map(meant -> PostingQuery.all(new IndexTerm(TermClass.FAMILY, meant))),
                    families.stream()
                            .filter(meant -> orGiven)
                            .map(meant -> PostingQuery.all(new IndexTerm(TermClass.GIVEN, meant))));
        }
        return Stream.concat(
                families.stream()
                        .map(meant -> new PostingQuery(
                                initialled(TermClass.FAMILY_INITIAL, meant, given), h -> h.begins(given, 1))),
                givenTypo());
    }

    /** Returns one list for each initial, that of the typed word first: the first letter is seldom wrong. */
    private Stream<PostingQuery> givenTypo() {
        Map<String, Set<NameHint>> meant = new LinkedHashMap<>();
        meant.put(NameForm.initial(given), new HashSet<>());
        TypoVariants.of(given)
                .forEach(name -> meant.computeIfAbsent(NameForm.initial(name), initial -> new HashSet<>())
                        .add(NameHint.of(name, 1)));
        return meant.entrySet().stream()
                .filter(hints -> !hints.getValue().isEmpty())
                .map(hints -> new PostingQuery(
                        IndexTerm.ofPair(TermClass.FAMILY_INITIAL, family, hints.getKey()),
                        hints.getValue()::contains));
    }

    private Stream<PostingQuery> oneName(TermClass family, TermClass given, String text) {
        Stream<TermClass> classes = orGiven ? Stream.of(family, given) : Stream.of(family);
        return classes.map(type -> PostingQuery.all(new IndexTerm(type, text)));
    }

    private static IndexTerm initialled(TermClass type, String family, String name) {
        return IndexTerm.ofPair(type, family, NameForm.initial(name));
    }

    private static boolean isInitial(String name) {
        return name.equals(NameForm.initial(name));
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
