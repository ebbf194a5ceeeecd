/**
 * The SIP2 gateway (3M Standard Interchange Protocol 2.00), for entitlement and nothing else: a connection cuts what comes
 * in into frames, a session answers each, and asks {@link org.patronvault.privacy.entitlement.Entitlements} about a card.
 * It never says anything of a patron but whether he or she is entitled.
 */
package org.patronvault.sip2;
