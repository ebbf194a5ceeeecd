package org.patronvault.web.page.log;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.patronvault.log.count.DayCounter;
import org.patronvault.log.count.DayCounts;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.Texts;

/** The last thirty days as charts and as tables, for one reader. */
final class LogDays {
    private static final int ROLES = 4;
    private static final int PURPOSES = 8;

    private final Texts t;
    private final Map<LocalDate, DayCounts> days;
    private final DayCounts sum;
    private final long behind;
    private final List<String> roles;
    private final boolean others;

    LogDays(Texts t, DayCounter.Result counted) {
        this.t = t;
        this.days = counted.days();
        this.sum = counted.sum();
        this.behind = counted.behind();
        List<String> all = most(sum.reveals()).map(Map.Entry::getKey).toList();
        this.roles = all.subList(0, Math.min(ROLES, all.size()));
        this.others = all.size() > ROLES;
    }

    private static Stream<Map.Entry<String, Long>> most(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()));
    }

    LogPageView.Days view() {
        return new LogPageView.Days(
                behind == 0 ? "" : t.say("log.counting", behind),
                chart("log.reveals-summary", this::parts),
                chart("log.refused-summary", day -> List.of(day.refused())),
                columns(),
                rows(),
                purposes());
    }

    private List<LogPageView.Role> columns() {
        List<LogPageView.Role> columns = new ArrayList<>();
        for (String role : roles) {
            columns.add(new LogPageView.Role(role.isEmpty() ? t.say("log.the-vault") : role, columns.size()));
        }
        if (others) {
            columns.add(new LogPageView.Role(t.say("log.others"), columns.size()));
        }
        return columns;
    }

    /** Counts by role, in the order of the columns. */
    private List<Long> parts(DayCounts day) {
        List<Long> parts = new ArrayList<>();
        roles.forEach(role -> parts.add(day.reveals().getOrDefault(role, 0L)));
        if (others) {
            parts.add(day.revealed() - parts.stream().mapToLong(Long::longValue).sum());
        }
        return parts;
    }

    private LogPageView.Chart chart(String summary, Function<DayCounts, List<Long>> parts) {
        SortedMap<LocalDate, List<Long>> counts = new TreeMap<>();
        days.forEach((day, count) -> counts.put(day, parts.apply(count)));
        return DayChart.of(t, summary, counts);
    }

    /** Rows, newest day first. */
    private List<LogPageView.Row> rows() {
        List<LogPageView.Row> rows = new ArrayList<>();
        days.forEach((day, counts) -> rows.add(new LogPageView.Row(
                t.day(day),
                Stream.concat(parts(counts).stream(), Stream.of(counts.revealed()))
                        .map(t::number)
                        .toList(),
                t.number(counts.refused()))));
        Collections.reverse(rows);
        return rows;
    }

    private List<LogPageView.Purpose> purposes() {
        List<Map.Entry<String, Long>> top = most(sum.opened()).limit(PURPOSES).toList();
        return IntStream.range(0, top.size())
                .mapToObj(i -> new LogPageView.Purpose(
                        DeskViews.words(top.get(i).getKey()),
                        t.number(top.get(i).getValue()),
                        Math.max(
                                1,
                                DayChart.height(
                                        top.get(i).getValue(), top.get(0).getValue()))))
                .toList();
    }
}
