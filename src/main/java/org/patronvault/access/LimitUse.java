package org.patronvault.access;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/** What one person or client used today, and in each of the last minutes. */
record LimitUse(long day, int opened, int names, int erased, List<LimitUse.Minute> minutes) {
    /** So many minutes are remembered one by one. */
    static final int WINDOW_MINUTES = 10;

    /** What was used in one minute. */
    record Minute(long minute, int opened, int names, int searches) {}

    static LimitUse none(long day) {
        return new LimitUse(day, 0, 0, 0, List.of());
    }

    /** On a new day nothing was used yet, but for the last minutes. */
    LimitUse on(long today) {
        return day == today ? this : new LimitUse(today, 0, 0, 0, minutes);
    }

    /** The same with that used too; minutes that are over the window, or of a clock that was ahead, are forgotten. */
    LimitUse with(Minute now) {
        List<Minute> last = new ArrayList<>();
        Minute sum = now;
        for (Minute m : minutes) {
            if (m.minute() == now.minute()) {
                sum = new Minute(
                        m.minute(), m.opened() + now.opened(), m.names() + now.names(), m.searches() + now.searches());
            } else if (m.minute() >= now.minute() - WINDOW_MINUTES && m.minute() < now.minute()) {
                last.add(m);
            }
        }
        last.add(sum);
        return new LimitUse(day, opened + now.opened(), names + now.names(), erased, last);
    }

    int sum(ToIntFunction<Minute> what) {
        return minutes.stream().mapToInt(what).sum();
    }
}
