package org.patronvault.access.session;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.patronvault.access.account.SignIn;
import org.patronvault.access.account.StaffAccount;
import org.patronvault.core.dual.RowKeyRotation;
import org.patronvault.core.model.Actor;
import org.patronvault.core.policy.Policy;

/**
 * A stored session.
 *
 * @param epoch the account's epoch when the session began
 * @param expires Unix seconds
 * @param secondFactor whether the person proved a second factor
 */
public record SessionRow(
        String user, String role, String library, int epoch, long expires, boolean ended, boolean secondFactor) {

    /** The longest life of a session, in seconds. */
    static final long LONGEST_SECONDS = 12 * 3_600;

    @JsonIgnore
    Instant started() {
        return Instant.ofEpochSecond(expires - LONGEST_SECONDS);
    }

    SessionRow withEnd() {
        return new SessionRow(user, role, library, epoch, expires, true, secondFactor);
    }

    Actor actor() {
        return new Actor(Actor.Kind.STAFF, user, role, library);
    }

    /** Whether the account is unchanged, and the role may still be acted in with the factors that were proved. */
    boolean isOf(StaffAccount account, Policy policy) {
        return !account.disabled()
                && account.epoch() == epoch
                && account.roles().contains(role)
                && (secondFactor || !policy.secondFactor().contains(role));
    }

    /** Returns this session in another role; refuses like a sign-in in that role. */
    SessionRow actingAs(String other, List<String> held, Policy policy) {
        SignIn.Identity proven = new SignIn.Identity(user, library, held, epoch, false, secondFactor);
        Actor actor = proven.acting(Optional.of(other), policy);
        return new SessionRow(user, actor.role(), library, epoch, expires, false, secondFactor);
    }

    /** Ends sessions at a rotation: no token is found under the version of the key that was the newest before. */
    public static void endWithKey(RowKeyRotation renewal) {
        renewal.add(
                Sessions.KIND,
                SessionRow.class,
                held -> new RowKeyRotation.RekeyedRow<>(held.name(), held.body().withEnd()));
    }
}
