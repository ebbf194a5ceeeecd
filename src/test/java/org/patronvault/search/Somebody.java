package org.patronvault.search;

import java.time.LocalDate;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.patronvault.app.madeup.MadeUpPatron;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.index.IndexedTerm;
import org.patronvault.core.model.Name;

/** A made-up patron to be found by name, and generators of such patrons and of unusual names. */
record Somebody(Name name, List<String> cards, List<String> phones, boolean isRare) {
    private static final long SEED = 1;
    private static final int RARE_EVERY = 5;
    private static final List<String> FAMILIES = List.of(
            "王",
            "欧阳",
            "李",
            "田中",
            "김",
            "박",
            "Иванова",
            "Щукин",
            "Παπαδόπουλος",
            "الخوري",
            "محمود",
            "כהן",
            "לוי",
            "O'Sullivan-Ng",
            "de la Cruz",
            "García-López",
            "García Márquez",
            "Ní Bhriain",
            "D’Angelo",
            "Ng",
            "Wu",
            "O",
            "X",
            "Van",
            "van der Berg",
            "St. John",
            "Saint-Pierre",
            "Smith Jr.",
            "Weiß",
            "Øster",
            "Þórsson",
            "Łukasik",
            "Yılmaz",
            "Đặng",
            "Nguyễn",
            "Ó Dálaigh",
            "Mac Giolla Bhríde",
            "de Souza e Silva Campos Pereira Lima",
            "Featherstonehaugh-Cholmondeley",
            "Al-Rashid",
            "bin Yusof",
            "ʻOkina",
            "Ka'ahumanu",
            "Smith",
            "Smyth",
            "Llanos Vázquez",
            "Jiménez",
            "Hernández",
            "Vásquez",
            "देशमुख",
            "გიორგაძე",
            "Հակոբյան");
    private static final List<String> GIVEN = List.of(
            "小明",
            "伟",
            "さくら",
            "민수",
            "Наталья",
            "Ἑλένη",
            "محمد",
            "משה",
            "J",
            "J.",
            "María José",
            "Mary Ann",
            "Jean-Luc",
            "José",
            "Søren",
            "Zoë",
            "Anne-Marie",
            "Nguyệt",
            "Katherine",
            "Catherine",
            "Stephen",
            "Li",
            "Bo",
            "Christopher",
            "Christina",
            "Alexandra",
            "Ana María del Carmen",
            "Yūki",
            "Đức",
            "");
    private static final List<String> PREFERRED = List.of("", "", "", "Kat", "Pepe", "Bo", "María", "小", "Chris");

    /** Returns a number of patrons, equal in every run. Each fifth has a rare name. */
    static List<Somebody> many(int size) {
        MadeUpPatrons patrons = new MadeUpPatrons(SEED, size, LocalDate.of(2026, 11, 24));
        Random random = new Random(SEED);
        return IntStream.rangeClosed(1, size)
                .mapToObj(number -> of(patrons.patron(number), number % RARE_EVERY == 0, random))
                .toList();
    }

    private static Somebody of(MadeUpPatron patron, boolean rare, Random random) {
        Name name = rare
                ? new Name(pick(FAMILIES, random), pick(GIVEN, random), "", "", pick(PREFERRED, random))
                : patron.name();
        return new Somebody(name, List.of(patron.card()), patron.canonicalPhones(), rare);
    }

    private static String pick(List<String> names, Random random) {
        return names.get(random.nextInt(names.size()));
    }

    /** Returns the patron's names, as written. */
    Stream<String> called() {
        return Stream.of(name.given(), name.preferred()).filter(text -> !text.isEmpty());
    }

    /** Returns the last four digits of each card and phone number. */
    Stream<String> digits() {
        return Stream.concat(cards.stream(), phones.stream().map(Phones::termOf))
                .map(number -> number.substring(number.length() - 4));
    }

    boolean hasDigits(String four) {
        return digits().anyMatch(four::equals);
    }

    /** Returns the number of entries other than of the name: cards, phone numbers and one email address. */
    int contacts() {
        return cards.size() + phones.size() + 1;
    }

    /** Returns the terms there is room for. */
    List<IndexedTerm> terms() {
        return NameTerms.of(name, cards, phones, EncryptedIndex.ENTRIES - contacts());
    }

    /** Returns the terms with unlimited room. */
    List<IndexedTerm> allTerms() {
        return NameTerms.of(name, cards, phones, Integer.MAX_VALUE);
    }
}
