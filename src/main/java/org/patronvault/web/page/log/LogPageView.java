package org.patronvault.web.page.log;

import java.util.List;
import java.util.Optional;

/** The model of the log page beside the search. Public because templates are compiled into their own package. */
public record LogPageView(State state, Verification verification, Alerts alerts, Days days) {

    /**
     * How far the log is signed.
     *
     * @param witnessed how many witnesses signed the newest checkpoint, and when the last did
     */
    public record State(String entries, String signed, String witnessed, List<Witness> witnesses) {}

    /** One witness. {@code trouble} is empty if it has none. */
    public record Witness(String name, String signed, String trouble) {}

    /**
     * How far the log is verified.
     *
     * @param percent progress of a running verification, or empty if none runs
     * @param text the progress or the last result, or empty if there is none
     * @param wrong whether it found a fault
     * @param findings the faults
     */
    public record Verification(Optional<Integer> percent, String text, boolean wrong, List<String> findings) {}

    /**
     * The queue of alerts.
     *
     * @param summary how many wait
     * @param all the entries of {@code waiting} that this person may mark, separated by blanks
     */
    public record Alerts(String summary, List<Alert> waiting, String all, List<Alert> lookedInto) {}

    /**
     * One alert.
     *
     * @param entry its number in the log
     * @param entries the numbers of the alert and of the act, in words
     * @param below the next number
     * @param times how many acts it stands for if more than one, or empty
     * @param by the person, role, act and purpose that raised it
     * @param reviewed reviewer and time, or empty while it waits
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
     * @param behind how much is still uncounted, or empty
     * @param roles the revealing roles, in the order of the columns of {@code rows}
     */
    public record Days(
            String behind, Chart reveals, Chart refused, List<Role> roles, List<Row> rows, List<Purpose> purposes) {}

    /** A chart from the {@code first} to the {@code last} day. {@code summary} describes it in a sentence. */
    public record Chart(String summary, String first, String last, List<Piece> pieces) {}

    /** A piece of a column: height in hundredths, width 10 a day. {@code series} numbers its color. */
    public record Piece(int x, int y, int height, int series) {}

    /** A role, the sum of other roles, or another series of the columns. {@code series} numbers its color. */
    public record Role(String name, int series) {}

    /** A day: reveals by role and in total, and refusals. */
    public record Row(String day, List<String> reveals, String refused) {}

    /** A purpose of reveals. {@code share} is in hundredths of the most frequent purpose. */
    public record Purpose(String name, String count, int share) {}
}
