/**
 * The SIP2 gateway (3M Standard Interchange Protocol 2.00), for entitlement checks alone. A connection cuts its input
 * into frames. A session answers each frame, and asks {@link org.patronvault.privacy.entitlement.Entitlements} about a
 * card. It reveals nothing of a patron except whether the patron is entitled.
 */
package org.patronvault.sip2;
