package org.patronvault.core.dual;

import org.patronvault.access.limit.Limits;

/**
 * A validity period that starts at a stored instant, in Unix seconds. The clock may have been ahead when it was stored.
 * So a period that has not begun yet is over; it would otherwise last longer by the difference.
 */
public final class ValidityPeriod {
    /** How far the clock of another node may be ahead, as for {@link Limits}. */
    public static final long AHEAD_SECONDS = 600;

    private ValidityPeriod() {}

    /** Whether a period that began at {@code since} and lasts that many seconds is over. */
    public static boolean isOver(long since, long seconds, long now) {
        return isAhead(since, now) || now >= since + seconds;
    }

    /** Whether {@code since} was stored by a clock that was ahead. */
    public static boolean isAhead(long since, long now) {
        return since > now + AHEAD_SECONDS;
    }
}
