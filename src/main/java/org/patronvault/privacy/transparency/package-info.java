/**
 * The yearly report for the public.
 *
 * <p>{@code Transparency} adds up the monthly counts of the log and the counts of disclosure cases. It leaves out
 * small numbers and returns a {@code TransparencyReport}.
 */
package org.patronvault.privacy.transparency;
