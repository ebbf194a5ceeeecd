package org.patronvault.access;

/** The policy in force. A new one takes the place of the old in one step. */
public final class PolicyHolder {
    private volatile Policy policy;

    /** Begins with {@code policy}. */
    public PolicyHolder(Policy policy) {
        this.policy = policy;
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
