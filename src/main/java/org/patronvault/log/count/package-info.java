/**
 * Counts of log entries by day and month, without any person.
 *
 * <p>{@code DayCounter} and {@code MonthCounter} follow the log in the background and read only what is not sealed.
 * {@code DayCounts} feeds the pictures of the log page, and {@code MonthCounts} feeds the transparency report.
 */
package org.patronvault.log.count;
