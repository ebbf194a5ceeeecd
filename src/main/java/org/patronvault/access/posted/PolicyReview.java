package org.patronvault.access.posted;

import java.util.Optional;
import java.util.Set;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;

/** The reminders of the posted policy's review (P12): one when it is near, one when it is overdue. */
public final class PolicyReview {
    private static final String ROW_KIND = "policy-review";

    /** The last reminder of a version, stored by the version's name. */
    private record LastReminder(String review) {}

    private final Store store;
    private final AuditLog log;
    private final Authority authority;
    private final PolicyVersions versions;

    public PolicyReview(Store store, AuditLog log, Authority authority, PolicyVersions versions) {
        this.store = store;
        this.log = log;
        this.authority = authority;
        this.versions = versions;
    }

    /** Writes a reminder if it is due and no node has written it. */
    public void turn() {
        versions.current().ifPresent(this::remind);
    }

    private void remind(PostedPolicy policy) {
        PostedPolicy.Review review = policy.review(versions.today());
        if (review == PostedPolicy.Review.LATER || store.read(tx -> isTold(tx, policy, review))) {
            return;
        }
        AccessEvent event = log.event(Actor.VAULT, ActKind.POLICY, Outcome.CONFIGURATION, AuditLog.newRequest())
                .about(PolicyVersions.about(policy.version()));
        log.call(event, now -> {
            authority.put(
                    now.tx(), ROW_KIND, policy.version(), told(now.tx(), policy), new LastReminder(review.name()));
            return Decision.done(event).alerting(Set.of(Alert.POLICY_REVIEW));
        });
    }

    /** A clock that went back causes no second reminder. */
    private boolean isTold(Tx tx, PostedPolicy policy, PostedPolicy.Review review) {
        return told(tx, policy)
                .filter(held ->
                        PostedPolicy.Review.valueOf(held.body().review()).compareTo(review) >= 0)
                .isPresent();
    }

    private Optional<Authority.Versioned<LastReminder>> told(Tx tx, PostedPolicy policy) {
        return authority.find(tx, ROW_KIND, policy.version(), LastReminder.class);
    }
}
