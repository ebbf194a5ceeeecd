package org.patronvault.access;

import java.nio.file.Path;

/** The policy in force. A new one takes the place of the old in one step. */
public final class CurrentPolicy {
    private volatile Policy policy;

    /** Begins with {@code policy}. */
    public CurrentPolicy(Policy policy) {
        this.policy = policy;
    }

    /**
     * Begins with what that file says, or, if it says nothing that can be, the default: to be shown, since nothing is
     * decided until the vault is unsealed.
     */
    public static CurrentPolicy shown(Path file) {
        return new CurrentPolicy(
                PolicyFile.check(file).policy().orElseGet(() -> PolicyFile.parse(PolicyFile.defaultText())));
    }

    /** The policy in force. */
    public Policy now() {
        return policy;
    }

    /** Puts another policy in force. */
    public void put(Policy next) {
        policy = next;
    }
}
