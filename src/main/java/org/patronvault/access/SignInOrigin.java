package org.patronvault.access;

import java.util.Optional;

/**
 * Where somebody signs in from. Wrong tries count for the network, or for a browser that has signed in to the account
 * before; the host's own command line is never locked or slowed.
 *
 * @param network as {@link ClientNetwork} has it; empty for the command line
 * @param browser what the browser has kept of earlier sign-ins, as it sent it
 */
public record SignInOrigin(Optional<String> network, Optional<String> browser) {
    /** The command line on this host, over its socket or in process. */
    public static final SignInOrigin HOST = new SignInOrigin(Optional.empty(), Optional.empty());

    /** A caller at that address that keeps nothing. */
    public static SignInOrigin of(String address) {
        return of(address, Optional.empty());
    }

    /**
     * A browser at that address.
     *
     * @param kept what {@link Access#remembering} had it keep
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
