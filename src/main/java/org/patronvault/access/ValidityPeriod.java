package org.patronvault.access;

/**
 * For how long something holds that was written down with the time of its beginning, in Unix seconds. The clock may have
 * been ahead then and be right now: what has not begun yet is over, or it would hold for as much longer.
 */
public final class ValidityPeriod {
    /** How far the clock of another node may be ahead, as for {@link Limits}. */
    static final long AHEAD_SECONDS = 600;

    private ValidityPeriod() {}

    /** Whether what began at {@code since} and lasts so many seconds is over. */
    public static boolean isOver(long since, long seconds, long now) {
        return isAhead(since, now) || now >= since + seconds;
    }

    /** Whether that was written by a clock that was ahead. */
    public static boolean isAhead(long since, long now) {
        return since > now + AHEAD_SECONDS;
    }
}
