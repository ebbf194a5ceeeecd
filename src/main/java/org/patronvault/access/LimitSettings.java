package org.patronvault.access;

/** The limits of a person, from {@code policy.yaml}. */
public record LimitSettings(
        int openedTenMinutes,
        int openedDay,
        int namesTenMinutes,
        int namesDay,
        int searchesTenMinutes,
        int failedVerifiesHour) {}
