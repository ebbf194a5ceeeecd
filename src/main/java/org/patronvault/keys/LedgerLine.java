package org.patronvault.keys;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.patronvault.model.Consent;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;

/** A line of the ledger, without its MAC. */
public sealed interface LedgerLine {

    /** What happened. */
    sealed interface Note extends LedgerLine {}

    /** What happened, and which entry of the log says so. */
    sealed interface LoggedNote extends Note {
        /** The entry. */
        long entry();
    }

    /**
     * A patron was erased.
     *
     * @param entry 0 where the ledger was begun later, out of the tombstones
     */
    record Erased(PatronId patron, long entry) implements LoggedNote {
        private static final String WORD = "erased";

        @Override
        public String text() {
            return WORD + " " + patron + " " + entry;
        }
    }

    /** One field of a patron was erased, who stays. */
    record Emptied(PatronField field, PatronId patron, long entry) implements LoggedNote {
        private static final String WORD = "emptied";

        @Override
        public String text() {
            return WORD + " " + field.wireName() + " " + patron + " " + entry;
        }
    }

    /** A patron was merged into another: what is said of the other from then on is said of both. */
    record Merged(PatronId patron, PatronId into, long entry) implements LoggedNote {
        private static final String WORD = "merged";

        @Override
        public String text() {
            return WORD + " " + patron + " " + into + " " + entry;
        }
    }

    /**
     * A patron took back the consent to something, or gave it.
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
     * A patron is about to be forgotten at a vendor. Which entry says so is not known yet, and it does not say where.
     *
     * @param where sealed, in base64
     */
    record ForgottenAt(PatronId patron, String where) implements Note {
        private static final String WORD = "forgotten";
        private static final Pattern SEALED = Pattern.compile("[A-Za-z0-9+/]+=*");

        @Override
        public String text() {
            return WORD + " " + patron + " " + where;
        }
    }

    /** Something was taken away from the account, or changed of the client, of that canonical name. */
    record Revoked(Owner whose, String name, long entry) implements LoggedNote {
        private static final String WORD = "revoked";

        /** What the name is of. */
        public enum Owner {
            /** A member of staff. */
            STAFF,
            /** Another system. */
            CLIENT
        }

        @Override
        public String text() {
            return WORD + " " + whose.name().toLowerCase(Locale.ROOT) + " " + name + " " + entry;
        }
    }

    /**
     * How far the log had come when what is above was added.
     *
     * @param size entries
     * @param root of the tree of that size, in Base64
     * @param revision of the key ring
     * @param accepted whether it is a log that people took in place of the one above: what is above is yet to be made
     *     good in it
     */
    record Head(long size, String root, long revision, boolean accepted) implements LedgerLine {
        private static final String WORD = "head";
        private static final String ACCEPTED = "accepted";

        @Override
        public String text() {
            return (accepted ? ACCEPTED : WORD) + " " + size + " " + root + " " + revision;
        }
    }

    /** As it is written. */
    String text();

    /** Whether a text, with or without its MAC, is that of a {@link Head}. */
    static boolean isHead(String text) {
        return text.startsWith(Head.WORD + " ") || text.startsWith(Head.ACCEPTED + " ");
    }

    /** What {@link #text} wrote; empty if it is none. */
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
