package org.patronvault.core.index;

import java.util.Set;
import org.patronvault.core.model.PatronField;

/** One canonical word, with its class, by which a patron is found. Prints {@code [REDACTED]}. */
public record IndexTerm(TermClass type, String text) {

    /** The class of a term. Its name is part of the input of labels. */
    public enum TermClass {
        CARD("card", PatronField.CARD),
        PHONE("phone", PatronField.PHONE),
        EMAIL("email", PatronField.EMAIL),
        /** A word of the family name, or all of it joined. */
        FAMILY("family", PatronField.NAME),
        /** A word of the given or the preferred name, or all of it joined. */
        GIVEN("given", PatronField.NAME),
        /** A family name and the first letter of a given name. */
        FAMILY_INITIAL("family-initial", PatronField.NAME),
        /** A family name and the last four digits of a card or telephone number. */
        FAMILY_DIGITS("family-digits", PatronField.NAME),
        /** The sound of a word of any part. */
        SOUND("sound", PatronField.NAME),
        /** The sound of a family name, and the first letter of a given name. */
        SOUND_INITIAL("sound-initial", PatronField.NAME),
        /** The sounds of a family name and a given name. */
        SOUND_PAIR("sound-pair", PatronField.NAME),
        /** The first letters of a family name. */
        FAMILY_START("family-start", PatronField.NAME),
        /** The first letters of a family name, and the first letter of a given name. */
        START_INITIAL("start-initial", PatronField.NAME),
        /** The first letters of a given or preferred name. */
        GIVEN_START("given-start", PatronField.NAME);

        private final String wireName;
        private final PatronField field;

        TermClass(String wireName, PatronField field) {
            this.wireName = wireName;
            this.field = field;
        }

        public String wireName() {
            return wireName;
        }

        /**
         * Returns the fields whose values the term comes from. A searcher by this term must be allowed to open them.
         */
        public Set<PatronField> fields() {
            return this == FAMILY_DIGITS ? Set.of(field, PatronField.CARD, PatronField.PHONE) : Set.of(field);
        }
    }

    /** Returns the term of two words, neither with a blank. */
    public static IndexTerm ofPair(TermClass type, String first, String second) {
        return new IndexTerm(type, first + " " + second);
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
