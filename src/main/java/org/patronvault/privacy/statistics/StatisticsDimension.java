package org.patronvault.privacy.statistics;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.patronvault.core.store.table.StatisticsRows.Count;

/** A dimension of statistics: an unencrypted attribute of a patron that identifies no person (P4). */
public enum StatisticsDimension {
    LIBRARY,
    CATEGORY,
    STATUS,
    /** The month of registration, such as {@code 2026-11}. */
    MONTH;

    /** The name in answers. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    String of(Count kind) {
        return switch (this) {
            case LIBRARY -> kind.library();
            case CATEGORY -> kind.category();
            case STATUS -> kind.status();
            case MONTH -> kind.month();
        };
    }

    /** The dimension of that name. */
    public static Optional<StatisticsDimension> ofWireName(String name) {
        return Arrays.stream(values())
                .filter(one -> one.wireName().equals(name))
                .findFirst();
    }
}
