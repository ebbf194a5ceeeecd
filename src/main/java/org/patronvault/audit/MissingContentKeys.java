package org.patronvault.audit;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.patronvault.keys.KeyName;

/**
 * Months whose content key is gone though the log does not say that they were to be forgotten. Before it says so, what is
 * current of a month is logged again; of these it is not, so that nobody can tell who was written or erased then. For one
 * thread.
 */
public final class MissingContentKeys {
    private static final Pattern FORGOTTEN = Pattern.compile(KeyName.LOG_CONTENT + " ([0-9]{6})");

    private final Map<Integer, Long> ends = new HashMap<>();

    /** What an entry that a month (yyyymm) is to be forgotten, or is forgotten, is about. */
    public static String about(int month) {
        return KeyName.LOG_CONTENT + " " + month;
    }

    /** The month that an entry says is to be forgotten. */
    static Optional<Integer> forgotten(AccessEvent said) {
        return said.about()
                .filter(about -> said.act() == Act.DESTROY && said.outcome() == Outcome.KEY)
                .map(FORGOTTEN::matcher)
                .filter(Matcher::matches)
                .map(found -> Integer.valueOf(found.group(1)));
    }

    /** Takes the next page of the log. */
    public void add(LogChanges page) {
        ends.putAll(page.unread());
    }

    /** Up to which entry, exclusive, somebody was written or erased and nobody can tell who; 0 if that is known of all. */
    public long end() {
        return ends.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }
}
