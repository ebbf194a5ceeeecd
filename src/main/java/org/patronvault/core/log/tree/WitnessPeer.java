package org.patronvault.core.log.tree;

import java.net.URI;
import org.patronvault.core.tlog.VerifierKey;

/**
 * A witness that the vault asks for its signature.
 *
 * @param url submission prefix, http or https, without user and password
 * @param key of type {@code COSIGNATURE_V1}; its name is the witness's
 */
public record WitnessPeer(URI url, VerifierKey key) {

    /** Returns the witness's name. */
    public String name() {
        return key.name();
    }
}
