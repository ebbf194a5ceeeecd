package org.patronvault.sip2;

import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Optional;
import org.patronvault.access.Access;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Sensitive;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.custody.slot.SealControl;
import org.patronvault.privacy.entitlement.Entitlements;

/** The port of sessions to the vault: whether an account's client may ask, and whether a patron is entitled. */
final class EntitlementPort {
    private final Access access;
    private final Entitlements entitlements;
    private final SealControl seal;
    private final Clock clock;
    private final ZoneId zone;

    EntitlementPort(Access access, Entitlements entitlements, SealControl seal, Clock clock, ZoneId zone) {
        this.access = access;
        this.entitlements = entitlements;
        this.seal = seal;
        this.clock = clock;
        this.zone = zone;
    }

    LocalDateTime now() {
        return LocalDateTime.ofInstant(clock.instant(), zone);
    }

    boolean isSealed() {
        return seal.isSealed();
    }

    /** Returns the caller for an account. Empty if its client was removed, or may not ask. */
    Optional<Caller> caller(Sip2Account account) {
        return access.clients().acting(account.client()).filter(client -> access.may(client, Permission.ENTITLEMENT));
    }

    Entitlements.Check check(Sip2Account account, String card, Optional<String> pin) {
        return new Entitlements.Check(card, pin.map(Sensitive::of), account.service());
    }

    boolean asksOutside(Entitlements.Check check) {
        return entitlements.asksOutside(check);
    }

    /** Counts a check whose PIN could not be verified in time. */
    void countUnanswered(Caller caller, Entitlements.Check check) {
        entitlements.countUnanswered(caller, check);
    }

    /**
     * Whether a patron is entitled. SIP2 has no word for "too often" or "not now", so these count as no.
     *
     * @throws Refused if nothing can be said at all
     */
    boolean isEntitled(Caller caller, Entitlements.Check check) {
        try {
            return entitlements.check(caller, check).entitled();
        } catch (Refused e) {
            if (e.problem() == Problem.VERIFIER_UNAVAILABLE || e.problem() == Problem.TOO_MANY_ATTEMPTS) {
                return false;
            }
            throw e;
        }
    }
}
