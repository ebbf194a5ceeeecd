package org.patronvault.sip2;

import java.nio.charset.Charset;
import org.patronvault.model.Sensitive;

/**
 * Whom a client of the gateway signs in as.
 *
 * @param login its user name
 * @param client the client of the vault that it asks as
 * @param service what it asks about
 * @param charset one in which ASCII is itself
 * @param endsWithLineFeed whether answers end with CR LF, else with CR; of what comes in both are understood, and LF
 * @param requiresErrorDetection whether a message without sequence number and checksum is asked for again
 * @param refusal how a patron is refused
 * @param requiresPin whether nobody is entitled without a PIN
 * @param message what is shown to somebody who is not entitled; may be empty
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

    /** The same with that password, in the account's charset. */
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

    /** How a patron is refused. */
    public enum Refusal {
        /** {@code BLN}: no valid patron. */
        BLN,
        /** {@code BLY} and {@code CQN}: a patron whose PIN is wrong, for clients that forget a patron at {@code BLN}. */
        BLY
    }
}
