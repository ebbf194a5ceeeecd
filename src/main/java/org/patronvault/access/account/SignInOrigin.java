package org.patronvault.access.account;

import java.util.Optional;
import org.patronvault.access.Access;

/**
 * The origin of a sign-in. Wrong tries count for the network, or for a browser that has signed in to the account
 * before. The host's own command line is never locked or slowed.
 *
 * @param network as {@link ClientNetwork} returns it; empty for the command line
 * @param browser the cookie of earlier sign-ins, as the browser sent it
 */
public record SignInOrigin(Optional<String> network, Optional<String> browser) {
    /** The command line on this host, over its socket or in process. */
    public static final SignInOrigin HOST = new SignInOrigin(Optional.empty(), Optional.empty());

    /** Returns a caller at that address without a cookie. */
    public static SignInOrigin of(String address) {
        return of(address, Optional.empty());
    }

    /**
     * Returns a browser at that address.
     *
     * @param kept the cookie that {@link Access#remembering} returned
     */
    public static SignInOrigin of(String address, Optional<String> kept) {
        return new SignInOrigin(Optional.of(ClientNetwork.of(address)), kept);
    }

    boolean isHost() {
        return network.isEmpty();
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
