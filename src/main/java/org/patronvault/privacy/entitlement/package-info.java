/**
 * Entitlement checks (P7, P8). {@link org.patronvault.privacy.entitlement.Entitlements} answers a vendor about a card
 * from the directory of data that is not personal, and opens no personal field. Checks are counted by client, service
 * and minute, and never with a patron. {@link org.patronvault.privacy.entitlement.Vendors} shows those numbers to the
 * library.
 */
package org.patronvault.privacy.entitlement;
