/**
 * Limits on how much one person or client may do.
 *
 * <p>A use case reserves its amount in {@code Limits} inside the transaction of its log entry. {@code LimitUse} counts
 * what was used today and in the last hours. A repeated access to the same patron is free. If a limit is full, the
 * transaction logs a refusal and writes nothing else. {@code IdempotencyStore} returns the stored answer when a write
 * is sent again.
 */
package org.patronvault.access.limit;
