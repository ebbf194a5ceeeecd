package org.patronvault.search;

import java.util.Set;
import org.patronvault.model.PatronField;

/** One canonical word a patron is found by, in its class. Prints {@code [REDACTED]}. */
public record IndexTerm(TermClass type, String text) {

    /** What sort of word; the name is part of what labels are made from. */
    public enum TermClass {
        CARD("card", PatronField.CARD),
        PHONE("phone", PatronField.PHONE),
        EMAIL("email", PatronField.EMAIL),
        /** A word of the family name, or all of it joined. */
        FAMILY("family", PatronField.NAME),
        /** The same of the given or the preferred name. */
        GIVEN("given", PatronField.NAME),
        /** A family name and the first letter of a given one. */
        FAMILY_INITIAL("family-initial", PatronField.NAME),
        /** A family name and the last four digits of a card or telephone number. */
        FAMILY_DIGITS("family-digits", PatronField.NAME),
        /** What a word of any part sounds like. */
        SOUND("sound", PatronField.NAME),
        /** What a family name sounds like, and the first letter of a given one. */
        SOUND_INITIAL("sound-initial", PatronField.NAME),
        /** What a family and a given name sound like. */
        SOUND_PAIR("sound-pair", PatronField.NAME),
        /** The first letters of a family name. */
        FAMILY_START("family-start", PatronField.NAME),
        /** The same and the first letter of a given name. */
        START_INITIAL("start-initial", PatronField.NAME),
        /** The first letters of a given or preferred name. */
        GIVEN_START("given-start", PatronField.NAME);

        private final String wireName;
        private final PatronField field;

        TermClass(String wireName, PatronField field) {
            this.wireName = wireName;
            this.field = field;
        }

        String wireName() {
            return wireName;
        }

        /** The fields whose values it comes from: whoever searches by it may open them. */
        public Set<PatronField> fields() {
            return this == FAMILY_DIGITS ? Set.of(field, PatronField.CARD, PatronField.PHONE) : Set.of(field);
        }
    }

    /** The term of two words, of which neither has a blank. */
    static IndexTerm ofPair(TermClass type, String first, String second) {
        return new IndexTerm(type, first + " " + second);
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
