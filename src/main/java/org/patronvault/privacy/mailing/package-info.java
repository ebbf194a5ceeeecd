/**
 * Mailings to patrons who agreed to them.
 *
 * <p>A member of staff asks for a {@code Mailing}. Above a certain size a second person must agree. {@code Mailings}
 * then writes the file of addresses, each with an {@code UnsubscribeLink}. When a patron follows the link,
 * {@code Unsubscribing} withdraws that consent and nothing else.
 */
package org.patronvault.privacy.mailing;
