package org.patronvault.core.policy;

import java.nio.file.Path;

/** The policy in force. It is replaced atomically. */
public final class CurrentPolicy {
    private volatile Policy policy;

    /** Begins with {@code policy}. */
    public CurrentPolicy(Policy policy) {
        this.policy = policy;
    }

    /**
     * Starts with the policy in that file, or the default if the file is invalid. It is only shown: nothing is decided
     * until the vault is unsealed.
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
