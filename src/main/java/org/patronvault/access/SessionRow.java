package org.patronvault.access;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.patronvault.model.Actor;

/**
 * A session, as stored.
 *
 * @param epoch of the account when it was begun
 * @param expires Unix seconds
 * @param secondFactor whether its person proved a second factor
 */
record SessionRow(
        String user, String role, String library, int epoch, long expires, boolean ended, boolean secondFactor) {

    /** How long one lasts at most, in seconds. */
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

    /** Whether the account is as it was, and its role still to be acted in with what was proved. */
    boolean isOf(StaffAccount account, Policy policy) {
        return !account.disabled()
                && account.epoch() == epoch
                && account.roles().contains(role)
                && (secondFactor || !policy.secondFactor().contains(role));
    }

    /** The same in another role; refused as signing in to it would be. */
    SessionRow actingAs(String other, List<String> held, Policy policy) {
        SignIn.Identity proven = new SignIn.Identity(user, library, held, epoch, false, secondFactor);
        Actor actor = proven.acting(Optional.of(other), policy);
        return new SessionRow(user, actor.role(), library, epoch, expires, false, secondFactor);
    }

    /** Has a rotation end sessions: no token is known any more by the version of the key that was the newest then. */
    static void endWithKey(RowKeyRotation renewal) {
        renewal.add(
                Sessions.KIND,
                SessionRow.class,
                held -> new RowKeyRotation.RekeyedRow<>(held.name(), held.body().withEnd()));
    }
}
