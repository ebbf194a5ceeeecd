package org.patronvault.web;

import org.patronvault.access.Policy;

/** The policy in force, in words for the public: which roles and which systems there are. */
final class PolicyText {
    private PolicyText() {}

    static String of(Policy policy) {
        return "Records that identify a patron are confidential. They are opened field by field, for a stated purpose,"
                + " by these roles of the library's staff only as far as each needs: "
                + String.join(", ", policy.roleNames())
                + ". Other systems get no more than their scope says: "
                + String.join(", ", policy.scopeNames())
                + ". Each opening is logged, and a patron may ask who looked.";
    }
}
