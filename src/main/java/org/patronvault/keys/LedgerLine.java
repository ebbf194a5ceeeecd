package org.patronvault.keys;

import java.util.Locale;
import java.util.Optional;
import org.patronvault.model.PatronId;

/** A line of the ledger, without its MAC. */
public sealed interface LedgerLine {

    /** What became of a patron. */
    enum What {
        /** Erased. */
        ERASED,
        /** Took back the consent to the service. */
        WITHDRAWN,
        /** Gave it again. */
        GIVEN;

        String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * That it happened.
     *
     * @param entry of the log that says so; 0 where the ledger was begun later, out of the tombstones
     */
    record Note(What what, PatronId patron, long entry) implements LedgerLine {
        @Override
        public String text() {
            return what.wireName() + " " + patron + " " + entry;
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
        @Override
        public String text() {
            return (accepted ? "accepted " : "head ") + size + " " + root + " " + revision;
        }
    }

    /** As it is written. */
    String text();

    /** What {@link #text} wrote; empty if it is none. */
    static Optional<LedgerLine> parse(String text) {
        String[] words = text.split(" ", -1);
        try {
            if (words.length == 4 && (words[0].equals("head") || words[0].equals("accepted"))) {
                return Optional.of(new Head(
                        Long.parseLong(words[1]), words[2], Long.parseLong(words[3]), words[0].equals("accepted")));
            }
            for (What what : What.values()) {
                if (words.length == 3 && words[0].equals(what.wireName())) {
                    long entry = Long.parseLong(words[2]);
                    return PatronId.parse(words[1]).map(patron -> new Note(what, patron, entry));
                }
            }
            return Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
