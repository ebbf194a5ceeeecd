package org.patronvault.access.account;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.dual.Signatories;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.SignOnPolicy;

/**
 * A stored staff account.
 *
 * @param library the person's own library, or empty
 * @param activation whether the password is a one-time activation code, which gives only the right to set one
 * @param epoch raised whenever every session must end
 * @param created Unix seconds
 * @param signOn a MAC of the person's identity at a provider, in hex, which rules out a password; or empty
 * @param maker the administrator who made it after commissioning; empty for an account of commissioning or of a
 *     provider
 * @param alone the administrator who made it, or gave it its password, after commissioning and without a second person;
 *     otherwise empty
 */
public record StaffAccount(
        List<String> roles,
        String library,
        Passwords.Hash password,
        boolean activation,
        boolean disabled,
        int epoch,
        long created,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) String signOn,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) String maker,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) String alone) {

    public static final String KIND = "staff";

    public StaffAccount {
        // Rows of earlier versions lack these members.
        signOn = signOn == null ? "" : signOn;
        maker = maker == null ? "" : maker;
        alone = alone == null ? "" : alone;
    }

    /** Makes an account of commissioning, for a person who signs in by password. */
    public StaffAccount(
            List<String> roles,
            String library,
            Passwords.Hash password,
            boolean activation,
            boolean disabled,
            int epoch,
            long created) {
        this(roles, library, password, activation, disabled, epoch, created, "", "", "");
    }

    /** Returns this account, if its roles and password are managed here. */
    public StaffAccount requireLocal() {
        if (!signOn.isEmpty()) {
            throw new Refused(
                    Problem.NOT_ALLOWED,
                    "That account is the sign-on provider's: its roles come from the groups there, and it has no"
                            + " password. `staff unlink NAME` makes it a local one.");
        }
        return this;
    }

    /**
     * Whether its owner can be the second person of an act. One administrator alone must not be behind it, unless two
     * people gave it a powerful role since. A provider's account does not count: one person can have two there.
     */
    public boolean countsAsSecond() {
        return signOn.isEmpty() && onlyPerson().isEmpty();
    }

    /** Whether its owner can now approve requests as this kind of second person. */
    boolean mayAgree(SecondPerson kind) {
        return !disabled && !activation && countsAsSecond() && roles.stream().anyMatch(kind.roles()::contains);
    }

    /**
     * Returns the administrator who alone is behind it; empty if none is, or two people gave it a powerful role since.
     */
    public Optional<String> onlyPerson() {
        return Optional.of(alone).filter(name -> !name.isEmpty() && !SignOnPolicy.anyPowerful(roles));
    }

    /** Whether it was made after commissioning, by an administrator or for a provider, and has no powerful role. */
    boolean isNewAtTheDesk() {
        return !(maker.isEmpty() && signOn.isEmpty()) && !SignOnPolicy.anyPowerful(roles);
    }

    /** Returns this account, made by the given people. */
    StaffAccount madeBy(Signatories by) {
        return new StaffAccount(
                roles,
                library,
                password,
                activation,
                disabled,
                epoch,
                created,
                signOn,
                by.commissioning() ? "" : by.asker(),
                by.alone());
    }

    /** Returns this account bound to a provider's person, or to none. {@code by} is a hash that no password matches. */
    public StaffAccount withSignOn(String person, Passwords.Hash by) {
        return next(roles, library, by, false, disabled, person, alone);
    }

    /** Returns this account with the roles and library that the provider states now. */
    public StaffAccount withSaid(List<String> newRoles, String newLibrary) {
        return next(newRoles, newLibrary, password, activation, disabled, signOn, alone);
    }

    StaffAccount withRoles(List<String> newRoles) {
        return next(newRoles, library, password, activation, disabled, signOn, alone);
    }

    /** Returns this account with a password that its owner chose. */
    StaffAccount withPassword(Passwords.Hash newPassword) {
        return next(roles, library, newPassword, false, disabled, signOn, alone);
    }

    /**
     * Returns this account with an activation code from the given people. One person who alone knows the code could use
     * the account.
     */
    StaffAccount withActivation(Passwords.Hash code, Signatories by) {
        return next(roles, library, code, true, disabled, signOn, by.alone());
    }

    /** Returns this account with its password hashed under another version of the pepper. */
    StaffAccount withHash(Passwords.Hash again) {
        return new StaffAccount(roles, library, again, activation, disabled, epoch, created, signOn, maker, alone);
    }

    /** Returns this account with its person under another version of the key. */
    public StaffAccount withPerson(String again) {
        return new StaffAccount(roles, library, password, activation, disabled, epoch, created, again, maker, alone);
    }

    public StaffAccount withDisabled(boolean off) {
        return next(roles, library, password, activation, off, signOn, alone);
    }

    private StaffAccount next(
            List<String> newRoles,
            String newLibrary,
            Passwords.Hash newPassword,
            boolean asActivation,
            boolean off,
            String person,
            String behind) {
        return new StaffAccount(
                newRoles, newLibrary, newPassword, asActivation, off, epoch + 1, created, person, maker, behind);
    }
}
