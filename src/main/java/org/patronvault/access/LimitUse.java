package org.patronvault.access;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.function.ToIntFunction;

/**
 * What one person or client used since the clock came to this day, and in each of the last minutes.
 *
 * @param earlier what was used on other days of the clock before that, in the order of use
 */
record LimitUse(
        long day, int opened, int names, int erased, List<LimitUse.Minute> minutes, List<LimitUse.Day> earlier) {
    /** So many minutes are remembered one by one. */
    static final int WINDOW_MINUTES = 10;

    private static final int MINUTES_A_DAY = 24 * 60;

    /** More than a clock that is set comes by until it is right; of more the first two are one. */
    private static final int MOST_EARLIER = 4;

    /** What was used in one minute. */
    record Minute(long minute, int opened, int names, int searches) {}

    /** What was used on another day. */
    record Day(long day, int opened, int names, int erased) {
        private Day and(Day next) {
            return new Day(Math.max(day, next.day), opened + next.opened, names + next.names, erased + next.erased);
        }
    }

    /** As stored; a row of before this was remembered has no earlier days. */
    LimitUse {
        earlier = earlier == null ? List.of() : earlier;
    }

    /** The day of a minute, both since 1970, UTC. */
    static long day(long minute) {
        return minute / MINUTES_A_DAY;
    }

    /** Nothing, by a clock that says that minute. */
    static LimitUse none(long minute) {
        return new LimitUse(day(minute), 0, 0, 0, List.of(), List.of());
    }

    /** The same by a clock that says that minute. What was used in minutes still to come was used now. */
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

    /** The same once a clock that says that minute is believed: whatever was used on a day still to come was used on this. */
    LimitUse settledAt(long minute) {
        LimitUse now = at(minute);
        if (now.earlier.stream().noneMatch(one -> one.day() > now.day)) {
            return now;
        }
        List<Day> before =
                now.earlier.stream().takeWhile(one -> one.day() < now.day).toList();
        return new LimitUse(now.day, now.openedToday(), now.namesToday(), now.erasedToday(), now.minutes, before);
    }

    /** How many patrons were opened that count on this day. */
    int openedToday() {
        return opened + counted(Day::opened);
    }

    /** How many names were shown that count on this day. */
    int namesToday() {
        return names + counted(Day::names);
    }

    /** How many were erased that count on this day. */
    int erasedToday() {
        return erased + counted(Day::erased);
    }

    /**
     * What was used before the clock came to this day and counts on it: once the clock has said this day, or a later one, all
     * that comes after, whatever it said then. Nobody gets anything anew by a clock that is set, and once it is right nothing
     * counts but what was used on this day.
     */
    private int counted(ToIntFunction<Day> what) {
        return earlier.stream().dropWhile(one -> one.day() < day).mapToInt(what).sum();
    }

    /** The same with that used too; minutes that are over the window are forgotten. */
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

    /** The same with one more erasure. */
    LimitUse withErasure() {
        return new LimitUse(day, opened, names, erased + 1, minutes, earlier);
    }

    /** Whether any of it was written by a clock that is ahead of that minute. */
    boolean isAheadOf(long minute) {
        return isAnyOf(one -> one > day(minute)) || minutes.stream().anyMatch(one -> one.minute() > minute);
    }

    /** Whether nothing of it counts any more. */
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
