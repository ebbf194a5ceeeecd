/**
 * The posted policy towards vendors, patrons and outsiders: vendors learn no more than "entitled" (P8), and a patron
 * may learn of each access.
 *
 * <p>Class {@link org.patronvault.privacy.entitlement.Entitlements} answers from data that is not personal and opens
 * nothing. Its checks are counted per client and minute and never kept with a patron. Class
 * {@link org.patronvault.log.report.AccessHistory} reads the log for one patron, and is itself in the log. Class
 * {@link org.patronvault.log.retention.LogRetention} makes the log forget the patrons of an old month, after its
 * current entries were logged again.
 */
package org.patronvault.privacy;
