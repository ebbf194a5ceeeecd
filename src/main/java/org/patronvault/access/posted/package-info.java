/**
 * Versions of the privacy policy that the library posts for its patrons.
 *
 * <p>The director posts a text with {@code PolicyVersions}, which fills in its {@code Placeholders} and numbers it.
 * {@code PostedFiles} reads and writes the versions in the directory {@code policies}. A posted version never changes.
 * {@code PolicyReview} reminds staff before and after the date of the next review.
 */
package org.patronvault.access.posted;
