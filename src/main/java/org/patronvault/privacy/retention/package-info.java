/**
 * Erasure of patrons whose record is no longer kept.
 *
 * <p>{@code Retention} counts the patrons that match a rule of the policy and fixes them as a {@code RetentionReview}.
 * A person looks through the review. {@code RetentionRun} then erases the patrons, unless {@code SteadyClock} finds
 * that the clock of the machine is wrong.
 */
package org.patronvault.privacy.retention;
