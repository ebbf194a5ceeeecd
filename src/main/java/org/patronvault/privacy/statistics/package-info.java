/**
 * Statistics that name nobody.
 *
 * <p>{@code Statistics} counts patrons by a {@code StatisticsDimension} and opens no field. {@code Suppression} hides
 * small counts, and each further count that would reveal one. The result is a {@code StatisticsTable}.
 */
package org.patronvault.privacy.statistics;
