/**
 * Pages of the access log.
 *
 * <p>{@code LogPages} asks {@code AccessHistory} for entries, which logs the reading. {@code LogSearchViews} words the
 * results for one reader, and {@code LogPageFlow} shows alerts, witnesses and counts beside them.
 */
package org.patronvault.web.page.log;
