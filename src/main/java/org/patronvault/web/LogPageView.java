package org.patronvault.web;

import java.util.List;
import java.util.Optional;

/**
 * What the room of the log shows beside the search, ready to be written. Public because templates are compiled into a
 * package of their own.
 */
public record LogPageView(State state, Verification verification, Alerts alerts, Days days) {

    /**
     * How far the log is signed.
     *
     * @param witnessed how many witnesses signed the newest checkpoint, and when one did last
     */
    public record State(String entries, String signed, String witnessed, List<Witness> witnesses) {}

    /** One witness; {@code trouble} is empty if it is in none. */
    public record Witness(String name, String signed, String trouble) {}

    /**
     * How far it is verified.
     *
     * @param percent how far one is that is under way; empty if none is
     * @param text that, or what came out last; empty if none was made
     * @param wrong whether something is
     * @param findings what
     */
    public record Verification(Optional<Integer> percent, String text, boolean wrong, List<String> findings) {}

    /**
     * The queue.
     *
     * @param summary how many wait
     * @param all what {@code waiting} shows that this person may mark, with blanks between
     */
    public record Alerts(String summary, List<Alert> waiting, String all, List<Alert> lookedInto) {}

    /**
     * One alert.
     *
     * @param entry its number in the log
     * @param entries that and the act's, in words
     * @param below the number after it
     * @param times how many acts it stands for, if more than one; else empty
     * @param by who set it off, in which role, doing what, for what
     * @param reviewed who looked into it, and when; empty while it waits
     * @param markable whether this person may mark it
     */
    public record Alert(
            String entry,
            String entries,
            String below,
            String when,
            String name,
            String times,
            String meaning,
            String by,
            String reviewed,
            boolean markable) {}

    /**
     * The last thirty days.
     *
     * @param behind how much is to be counted yet; empty if nothing is
     * @param roles who reveals, in the order of the columns of {@code rows}
     */
    public record Days(
            String behind, Chart reveals, Chart refused, List<Role> roles, List<Row> rows, List<Purpose> purposes) {}

    /** A picture, from the {@code first} day to the {@code last}; {@code summary} says in a sentence what is to be seen. */
    public record Chart(String summary, String first, String last, List<Piece> pieces) {}

    /** A piece of a column, in hundredths of the height, 10 wide a day; {@code series} numbers its colour. */
    public record Piece(int x, int y, int height, int series) {}

    /** A role, what all others are, or whatever else is a part of columns; {@code series} numbers its colour. */
    public record Role(String name, int series) {}

    /** A day: how often each role revealed, and all together; and refusals. */
    public record Row(String day, List<String> reveals, String refused) {}

    /** What records were opened for; {@code share} in hundredths of the most frequent. */
    public record Purpose(String name, String count, int share) {}
}
