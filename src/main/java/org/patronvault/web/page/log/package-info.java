/**
 * Pages of the access log.
 *
 * <p>{@code LogPages} asks {@code AccessHistory} for entries, which logs the reading. {@code LogSearchViews} words the
 * results for one reader. {@code LogPageViews} words alerts and witnesses beside them, and {@code LogDays} the counts.
 */
package org.patronvault.web.page.log;
