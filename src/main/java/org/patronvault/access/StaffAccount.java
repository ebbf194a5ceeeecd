package org.patronvault.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * A member of staff, as stored.
 *
 * @param library their own library, or empty
 * @param activation whether the password is a one-time activation code that only buys the right to set one
 * @param epoch raised whenever every session must end
 * @param created Unix seconds
 * @param signOn a MAC of who a provider says the person is, in hex: then nobody signs in by password; or empty
 */
record StaffAccount(
        List<String> roles,
        String library,
        Passwords.Hash password,
        boolean activation,
        boolean disabled,
        int epoch,
        long created,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) String signOn) {

    static final String KIND = "staff";

    StaffAccount {
        // Rows of before say nothing of it.
        signOn = signOn == null ? "" : signOn;
    }

    /** Of somebody who signs in by password, or will. */
    StaffAccount(
            List<String> roles,
            String library,
            Passwords.Hash password,
            boolean activation,
            boolean disabled,
            int epoch,
            long created) {
        this(roles, library, password, activation, disabled, epoch, created, "");
    }

    /** This account, if its roles and password are given here. */
    StaffAccount requireLocal() {
        if (!signOn.isEmpty()) {
            throw new Refused(
                    Problem.NOT_ALLOWED,
                    "That account is the sign-on provider's: its roles come from the groups there, and it has no"
                            + " password. `staff unlink NAME` makes it a local one.");
        }
        return this;
    }

    /** The same with a provider's person as the one way in, or none; {@code by} is what nobody's password hashes to. */
    StaffAccount withSignOn(String person, Passwords.Hash by) {
        return new StaffAccount(roles, library, by, false, disabled, epoch + 1, created, person);
    }

    /** The same with what the provider says now. */
    StaffAccount withSaid(List<String> newRoles, String newLibrary) {
        return new StaffAccount(newRoles, newLibrary, password, activation, disabled, epoch + 1, created, signOn);
    }

    StaffAccount withRoles(List<String> newRoles) {
        return new StaffAccount(newRoles, library, password, activation, disabled, epoch + 1, created, signOn);
    }

    StaffAccount withPassword(Passwords.Hash newPassword, boolean asActivation) {
        return new StaffAccount(roles, library, newPassword, asActivation, disabled, epoch + 1, created, signOn);
    }

    StaffAccount withDisabled(boolean off) {
        return new StaffAccount(roles, library, password, activation, off, epoch + 1, created, signOn);
    }
}
