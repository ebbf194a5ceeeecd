package org.patronvault.web.page.log;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.patronvault.web.page.Texts;

/**
 * A chart of daily counts for one reader: one column a day, one piece for each series, and a sentence that describes
 * it.
 */
public final class DayChart {
    private static final int WIDTH = 10;
    private static final int HEIGHT = 100;

    private DayChart() {}

    /**
     * Draws the chart.
     *
     * @param summary key of the sentence, whose arguments are the total, the most on a day, and that day
     * @param days the counts of each day, in the order of the series
     */
    public static LogPageView.Chart of(Texts t, String summary, SortedMap<LocalDate, List<Long>> days) {
        LocalDate top = days.firstKey();
        long all = 0;
        for (LocalDate day : days.keySet()) {
            all += sum(days.get(day));
            top = sum(days.get(day)) > sum(days.get(top)) ? day : top;
        }
        long most = sum(days.get(top));
        List<LogPageView.Piece> pieces = new ArrayList<>();
        int x = 0;
        for (List<Long> stacked : days.values()) {
            long below = 0;
            for (int series = 0; series < stacked.size(); series++) {
                long to = below + stacked.get(series);
                int from = height(below, most);
                int high = Math.max(to > below ? 1 : 0, height(to, most) - from);
                if (high > 0) {
                    pieces.add(new LogPageView.Piece(x, HEIGHT - from - high, high, series));
                }
                below = to;
            }
            x += WIDTH;
        }
        return new LogPageView.Chart(
                most == 0 ? t.say("log.no-such") : t.say(summary, all, most, t.day(top)),
                t.day(days.firstKey()),
                t.day(days.lastKey()),
                pieces);
    }

    private static long sum(List<Long> counts) {
        return counts.stream().mapToLong(Long::longValue).sum();
    }

    /** The height in hundredths of the largest. */
    static int height(long count, long most) {
        return (int) (HEIGHT * count / Math.max(1, most));
    }
}
