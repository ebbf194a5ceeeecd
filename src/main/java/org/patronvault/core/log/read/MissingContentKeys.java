package org.patronvault.core.log.read;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;

/**
 * The months whose content key is missing although the log never announced that it would be destroyed. Before such an
 * announcement, current facts of a month are logged again. Without it they are not, so nobody can tell which patrons
 * were written or erased in that month. For one thread.
 */
public final class MissingContentKeys {
    private static final Pattern FORGOTTEN = Pattern.compile(KeyName.LOG_CONTENT + " ([0-9]{6})");

    private final Map<Integer, Long> ends = new HashMap<>();

    /** Returns the {@code about} of an entry that a month (yyyymm) is, or is to be, forgotten. */
    public static String about(int month) {
        return KeyName.LOG_CONTENT + " " + month;
    }

    /** Returns the month that an entry says is to be forgotten. */
    static Optional<Integer> forgotten(AccessEvent said) {
        return said.about()
                .filter(about -> said.act() == ActKind.DESTROY && said.outcome() == Outcome.KEY)
                .map(FORGOTTEN::matcher)
                .filter(Matcher::matches)
                .map(found -> Integer.valueOf(found.group(1)));
    }

    /** Adds the next page of the log. */
    public void add(LogChanges page) {
        ends.putAll(page.unread());
    }

    /**
     * Returns the end (exclusive) of the entries with unknown patrons that were written or erased; 0 if all are known.
     */
    public long end() {
        return ends.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }
}
