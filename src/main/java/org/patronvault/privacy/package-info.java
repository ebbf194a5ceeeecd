/**
 * The library's policy towards others: vendors learn no more than "entitled" (P8), and a patron may learn who looked.
 *
 * <p>{@link org.patronvault.privacy.entitlement.Entitlements} answers from what is not personal and opens nothing; what it was asked
 * is counted per client and minute and never kept with a patron. {@link org.patronvault.privacy.AccessHistory} reads the
 * log for one patron, and is itself in the log. {@link org.patronvault.privacy.LogRetention} has the log forget whom a
 * month that is over was about, after what is still current of it was said again.
 */
package org.patronvault.privacy;
