package org.patronvault.access;

import java.util.List;

/**
 * A member of staff, as stored.
 *
 * @param library their own library, or empty
 * @param activation whether the password is a one-time activation code that only buys the right to set one
 * @param epoch raised whenever every session must end
 * @param created Unix seconds
 */
record StaffAccount(
        List<String> roles,
        String library,
        Passwords.Hash password,
        boolean activation,
        boolean disabled,
        int epoch,
        long created) {

    static final String KIND = "staff";

    StaffAccount withRoles(List<String> newRoles) {
        return new StaffAccount(newRoles, library, password, activation, disabled, epoch + 1, created);
    }

    StaffAccount withPassword(Passwords.Hash newPassword, boolean asActivation) {
        return new StaffAccount(roles, library, newPassword, asActivation, disabled, epoch + 1, created);
    }

    StaffAccount withDisabled(boolean off) {
        return new StaffAccount(roles, library, password, activation, off, epoch + 1, created);
    }
}
