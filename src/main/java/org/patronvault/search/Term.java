package org.patronvault.search;

import org.patronvault.model.PatronField;

/** One canonical word a patron is found by, in its class. Prints {@code [REDACTED]}. */
public record Term(TermClass type, String text) {

    /** What sort of word; the name is part of what labels are made from. */
    public enum TermClass {
        CARD("card", PatronField.CARD),
        PHONE("phone", PatronField.PHONE),
        EMAIL("email", PatronField.EMAIL);

        private final String wireName;
        private final PatronField field;

        TermClass(String wireName, PatronField field) {
            this.wireName = wireName;
            this.field = field;
        }

        String wireName() {
            return wireName;
        }

        /** The field whose values it comes from: whoever searches by it may open that. */
        public PatronField field() {
            return field;
        }
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
