/**
 * Forgetting the subjects of old log entries.
 *
 * <p>{@code LogRetention} finds months that the policy no longer keeps. {@code RowHashRelog} first logs again each row
 * hash that is still current. Then {@code LogRetention} destroys the content key of the month.
 */
package org.patronvault.log.retention;
