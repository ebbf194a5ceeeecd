package org.patronvault.sip2;

import java.nio.charset.Charset;
import org.patronvault.core.model.Sensitive;

/**
 * An account of the gateway that a client signs in to.
 *
 * @param login its user name
 * @param client the client of the vault that it acts as
 * @param service the service it asks about
 * @param charset a charset that contains ASCII unchanged
 * @param endsWithLineFeed whether answers end with CR LF, otherwise with CR; input may end with CR LF, CR or LF
 * @param requiresErrorDetection whether a message without sequence number and checksum is asked for again
 * @param refusal how a patron is refused
 * @param requiresPin whether nobody is entitled without a PIN
 * @param message the text shown to a patron who is not entitled; may be empty
 */
public record Sip2Account(
        String login,
        Sensitive<byte[]> password,
        String client,
        String service,
        Charset charset,
        boolean endsWithLineFeed,
        boolean requiresErrorDetection,
        Refusal refusal,
        boolean requiresPin,
        String message) {

    /** Returns this account with another password, in the account's charset. */
    public Sip2Account withPassword(byte[] other) {
        return new Sip2Account(
                login,
                Sensitive.of(other),
                client,
                service,
                charset,
                endsWithLineFeed,
                requiresErrorDetection,
                refusal,
                requiresPin,
                message);
    }

    /** The form of a refusal of a patron. */
    public enum Refusal {
        /** {@code BLN}: no valid patron. */
        BLN,
        /** {@code BLY} and {@code CQN}: a patron with a wrong PIN, for clients that forget a patron at {@code BLN}. */
        BLY
    }
}
