package org.patronvault.core.keys;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;

/** A line of the ledger, without its MAC. */
public sealed interface LedgerLine {

    /** An event. */
    sealed interface Note extends LedgerLine {}

    /** An event that a log entry records. */
    sealed interface LoggedNote extends Note {
        /** Returns the entry's number. */
        long entry();
    }

    /**
     * The erasure of a patron.
     *
     * @param entry 0 if the ledger was started later, from the tombstones
     */
    record Erased(PatronId patron, long entry) implements LoggedNote {
        private static final String WORD = "erased";

        @Override
        public String text() {
            return WORD + " " + patron + " " + entry;
        }
    }

    /** The erasure of one field of a patron, who stays. */
    record Emptied(PatronField field, PatronId patron, long entry) implements LoggedNote {
        private static final String WORD = "emptied";

        @Override
        public String text() {
            return WORD + " " + field.wireName() + " " + patron + " " + entry;
        }
    }

    /** The merge of a patron into another: later events of the other concern both. */
    record Merged(PatronId patron, PatronId into, long entry) implements LoggedNote {
        private static final String WORD = "merged";

        @Override
        public String text() {
            return WORD + " " + patron + " " + into + " " + entry;
        }
    }

    /**
     * A patron's withdrawal or grant of consent.
     *
     * @param purpose one of {@link Consent#PURPOSES}
     */
    record Consented(String purpose, boolean given, PatronId patron, long entry) implements LoggedNote {
        private static final String GIVEN = "given";
        private static final String WITHDRAWN = "withdrawn";

        @Override
        public String text() {
            return (given ? GIVEN : WITHDRAWN) + " " + purpose + " " + patron + " " + entry;
        }
    }

    /**
     * A coming erasure of a patron at a vendor. Its log entry is not known yet, and the line does not show the vendor.
     *
     * @param where the vendor, sealed, in Base64
     */
    record ForgottenAt(PatronId patron, String where) implements Note {
        private static final String WORD = "forgotten";
        private static final Pattern SEALED = Pattern.compile("[A-Za-z0-9+/]+=*");

        @Override
        public String text() {
            return WORD + " " + patron + " " + where;
        }
    }

    /** A revocation from the account, or a change of the client, of that canonical name. */
    record Revoked(Owner whose, String name, long entry) implements LoggedNote {
        private static final String WORD = "revoked";

        /** The owner of the name. */
        public enum Owner {
            /** A member of staff. */
            STAFF,
            /** A client. */
            CLIENT
        }

        @Override
        public String text() {
            return WORD + " " + whose.name().toLowerCase(Locale.ROOT) + " " + name + " " + entry;
        }
    }

    /**
     * The head of the log when the lines above were added.
     *
     * @param size entries
     * @param root of the tree of that size, in Base64
     * @param revision of the key ring
     * @param accepted whether people accepted this log in place of the one above; the lines above must then be repeated
     *     in it
     */
    record Head(long size, String root, long revision, boolean accepted) implements LedgerLine {
        private static final String WORD = "head";
        private static final String ACCEPTED = "accepted";

        @Override
        public String text() {
            return (accepted ? ACCEPTED : WORD) + " " + size + " " + root + " " + revision;
        }
    }

    /** Returns the line as written. */
    String text();

    /** Whether a text, with or without its MAC, is that of a {@link Head}. */
    static boolean isHead(String text) {
        return text.startsWith(Head.WORD + " ") || text.startsWith(Head.ACCEPTED + " ");
    }

    /** Parses a text of {@link #text}; empty if it is invalid. */
    static Optional<LedgerLine> parse(String text) {
        String[] words = text.split(" ", -1);
        try {
            return switch (words[0]) {
                case Erased.WORD -> words.length == 3 ? erased(words) : Optional.empty();
                case Emptied.WORD -> words.length == 4 ? emptied(words) : Optional.empty();
                case Merged.WORD -> words.length == 4 ? merged(words) : Optional.empty();
                case Consented.GIVEN, Consented.WITHDRAWN -> words.length == 4 ? consented(words) : Optional.empty();
                case ForgottenAt.WORD -> words.length == 3 ? forgotten(words) : Optional.empty();
                case Revoked.WORD -> words.length == 4 ? revoked(words) : Optional.empty();
                case Head.WORD, Head.ACCEPTED -> words.length == 4 ? Optional.of(head(words)) : Optional.empty();
                default -> Optional.empty();
            };
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Optional<LedgerLine> erased(String[] words) {
        long entry = Long.parseLong(words[2]);
        return PatronId.parse(words[1]).map(patron -> new Erased(patron, entry));
    }

    private static Optional<LedgerLine> emptied(String[] words) {
        long entry = Long.parseLong(words[3]);
        return PatronField.ofWireName(words[1])
                .flatMap(field -> PatronId.parse(words[2]).map(patron -> new Emptied(field, patron, entry)));
    }

    private static Optional<LedgerLine> merged(String[] words) {
        long entry = Long.parseLong(words[3]);
        return PatronId.parse(words[1])
                .flatMap(patron -> PatronId.parse(words[2]).map(into -> new Merged(patron, into, entry)));
    }

    private static Optional<LedgerLine> consented(String[] words) {
        long entry = Long.parseLong(words[3]);
        return PatronId.parse(words[2])
                .filter(patron -> Consent.PURPOSES.contains(words[1]))
                .map(patron -> new Consented(words[1], words[0].equals(Consented.GIVEN), patron, entry));
    }

    private static Optional<LedgerLine> forgotten(String[] words) {
        return PatronId.parse(words[1])
                .filter(patron -> ForgottenAt.SEALED.matcher(words[2]).matches())
                .map(patron -> new ForgottenAt(patron, words[2]));
    }

    private static Optional<LedgerLine> revoked(String[] words) {
        long entry = Long.parseLong(words[3]);
        return Arrays.stream(Revoked.Owner.values())
                .filter(whose -> whose.name().toLowerCase(Locale.ROOT).equals(words[1]))
                .findFirst()
                .map(whose -> new Revoked(whose, words[2], entry));
    }

    private static Head head(String[] words) {
        return new Head(Long.parseLong(words[1]), words[2], Long.parseLong(words[3]), words[0].equals(Head.ACCEPTED));
    }
}
