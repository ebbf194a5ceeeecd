package org.patronvault.access.limit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.function.ToIntFunction;

/**
 * The use of one person or client since the clock reached this day, and in each of the last minutes.
 *
 * @param earlier use on earlier days by the clock, in the order of use
 */
record LimitUse(
        long day, int opened, int names, int erased, List<LimitUse.Minute> minutes, List<LimitUse.Day> earlier) {
    /** Minutes that are remembered one by one. */
    static final int WINDOW_MINUTES = 10;

    private static final int MINUTES_A_DAY = 24 * 60;

    /**
     * The most earlier days. A clock that is being set shows fewer days; if there are more, the first two are merged.
     */
    private static final int MOST_EARLIER = 4;

    /** Use in one minute. */
    record Minute(long minute, int opened, int names, int searches) {}

    /** Use on another day. */
    record Day(long day, int opened, int names, int erased) {
        private Day and(Day next) {
            return new Day(Math.max(day, next.day), opened + next.opened, names + next.names, erased + next.erased);
        }
    }

    /** Reads the stored form; rows from before earlier days were stored have none. */
    LimitUse {
        earlier = earlier == null ? List.of() : earlier;
    }

    /** Returns the day of a minute, both since 1970, UTC. */
    static long day(long minute) {
        return minute / MINUTES_A_DAY;
    }

    /** Returns no use, at that minute. */
    static LimitUse none(long minute) {
        return new LimitUse(day(minute), 0, 0, 0, List.of(), List.of());
    }

    /** Returns this use at that minute of the clock. Use in future minutes counts as use now. */
    LimitUse at(long minute) {
        List<Minute> past = minutes.stream()
                .map(one ->
                        one.minute() <= minute ? one : new Minute(minute, one.opened(), one.names(), one.searches()))
                .toList();
        return day(minute) == day
                ? new LimitUse(day, opened, names, erased, past, earlier)
                : new LimitUse(day(minute), 0, 0, 0, past, left());
    }

    private List<Day> left() {
        List<Day> left = new ArrayList<>(earlier);
        left.add(new Day(day, opened, names, erased));
        if (left.size() > MOST_EARLIER) {
            Day first = left.remove(0);
            left.set(0, first.and(left.get(0)));
        }
        return left;
    }

    /** Returns this use once that minute of the clock is trusted. Use on future days counts on this day. */
    LimitUse settledAt(long minute) {
        LimitUse now = at(minute);
        if (now.earlier.stream().noneMatch(one -> one.day() > now.day)) {
            return now;
        }
        List<Day> before =
                now.earlier.stream().takeWhile(one -> one.day() < now.day).toList();
        return new LimitUse(now.day, now.openedToday(), now.namesToday(), now.erasedToday(), now.minutes, before);
    }

    /** Returns how many opened patrons count on this day. */
    int openedToday() {
        return opened + counted(Day::opened);
    }

    /** Returns how many shown names count on this day. */
    int namesToday() {
        return names + counted(Day::names);
    }

    /** Returns how many erasures count on this day. */
    int erasedToday() {
        return erased + counted(Day::erased);
    }

    /**
     * Returns earlier use that counts on this day. Once the clock has shown this day or a later one, all use after
     * that counts. So setting the clock gives nobody a new allowance. Once the clock is right, only use on this day
     * counts.
     */
    private int counted(ToIntFunction<Day> what) {
        return earlier.stream().dropWhile(one -> one.day() < day).mapToInt(what).sum();
    }

    /** Returns this use plus that minute's; minutes outside the window are dropped. */
    LimitUse with(Minute now) {
        List<Minute> last = new ArrayList<>();
        Minute sum = now;
        for (Minute m : minutes) {
            if (m.minute() == now.minute()) {
                sum = new Minute(
                        m.minute(), m.opened() + sum.opened(), m.names() + sum.names(), m.searches() + sum.searches());
            } else if (m.minute() >= now.minute() - WINDOW_MINUTES) {
                last.add(m);
            }
        }
        last.add(sum);
        return new LimitUse(day, opened + now.opened(), names + now.names(), erased, last, earlier);
    }

    /** Returns this use with one more erasure. */
    LimitUse withErasure() {
        return new LimitUse(day, opened, names, erased + 1, minutes, earlier);
    }

    /** Whether any use was written by a clock ahead of that minute. */
    boolean isAheadOf(long minute) {
        return isAnyOf(one -> one > day(minute)) || minutes.stream().anyMatch(one -> one.minute() > minute);
    }

    /** Whether none of it counts any more. */
    boolean isOver(long minute) {
        return !isAnyOf(one -> one >= day(minute))
                && minutes.stream().allMatch(one -> one.minute() < minute - WINDOW_MINUTES);
    }

    private boolean isAnyOf(LongPredicate days) {
        return days.test(day) || earlier.stream().anyMatch(one -> days.test(one.day()));
    }

    int sum(ToIntFunction<Minute> what) {
        return minutes.stream().mapToInt(what).sum();
    }
}
