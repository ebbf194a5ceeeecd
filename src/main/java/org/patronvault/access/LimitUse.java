package org.patronvault.access;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/**
 * What one person or client used today, and in each of the last minutes.
 *
 * @param earlier other days on which something was used, in the order of use, the last before this one last
 */
record LimitUse(
        long day, int opened, int names, int erased, List<LimitUse.Minute> minutes, List<LimitUse.Day> earlier) {
    /** So many minutes are remembered one by one. */
    static final int WINDOW_MINUTES = 10;

    private static final int MINUTES_A_DAY = 24 * 60;

    /** More than a clock that is set comes by until it is right. */
    private static final int MOST_EARLIER = 3;

    /** What was used in one minute. */
    record Minute(long minute, int opened, int names, int searches) {}

    /** What was used on another day; nothing, if that was counted on since. */
    record Day(long day, int opened, int names, int erased) {}

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

    /**
     * The same by a clock that says that minute. On a new day nothing was used yet, but for the last minutes. Where the
     * clock is back from a later day, or comes back to one that it had left, all that was used since counts on, and what was
     * used in minutes still to come was used now: nobody gets anything anew by a clock that is set.
     */
    LimitUse at(long minute) {
        List<Minute> past = minutes.stream()
                .map(one ->
                        one.minute() <= minute ? one : new Minute(minute, one.opened(), one.names(), one.searches()))
                .toList();
        long today = day(minute);
        if (today == day) {
            return new LimitUse(day, opened, names, erased, past, earlier);
        }
        boolean isBack = today < day || earlier.stream().anyMatch(one -> one.day() == today);
        List<Day> days = Stream.concat(earlier.stream(), Stream.of(new Day(day, opened, names, erased)))
                .toList();
        List<Day> counted = days.stream()
                .filter(one -> isBack && (one.day() >= today || one.day() == day))
                .toList();
        List<Day> others = days.stream()
                .filter(one -> one.day() != today)
                .map(one -> counted.contains(one) ? new Day(one.day(), 0, 0, 0) : one)
                .toList();
        return new LimitUse(
                today,
                counted.stream().mapToInt(Day::opened).sum(),
                counted.stream().mapToInt(Day::names).sum(),
                counted.stream().mapToInt(Day::erased).sum(),
                past,
                others.subList(Math.max(0, others.size() - MOST_EARLIER), others.size()));
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

    /** Whether it was written by a clock that is ahead of that minute. */
    boolean isAheadOf(long minute) {
        return day > day(minute) || minutes.stream().anyMatch(one -> one.minute() > minute);
    }

    /** Whether nothing of it counts any more. */
    boolean isOver(long minute) {
        return day < day(minute) && minutes.stream().allMatch(one -> one.minute() < minute - WINDOW_MINUTES);
    }

    int sum(ToIntFunction<Minute> what) {
        return minutes.stream().mapToInt(what).sum();
    }
}
