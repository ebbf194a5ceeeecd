package org.patronvault.browser;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;

/** Thirty days with more and less to do, the last of them today, and what was told meanwhile. */
final class ThirtyDays {
    private static final int DAYS = 30;

    private final BrowserVault vault;

    private ThirtyDays(BrowserVault vault) {
        this.vault = vault;
    }

    /** Writes them into that vault's log, up to a checkpoint. */
    static void of(BrowserVault vault) {
        new ThirtyDays(vault).work();
    }

    private void work() {
        vault.vault().clock().advance(Duration.ofDays(1 - DAYS));
        for (int day = 0; day < DAYS; day++) {
            int busy = (day * 7) % 11 + (day % 7 == 0 ? 0 : 6);
            for (int look = 0; look < busy; look++) {
                String role = look % 5 == 4 ? "supervisor" : look % 7 == 6 ? "director" : "circulation";
                boolean refused = look % 6 == 5;
                AccessEvent event = event(role, "account-service", refused ? Outcome.REFUSED : Outcome.DISCLOSED);
                append(refused ? event.refusedFor(Problem.REVEAL_LIMIT) : event);
            }
            if (day + 1 < DAYS) {
                vault.vault().clock().advance(Duration.ofDays(1));
            }
        }
        append(event("circulation", "hold-notice", Outcome.DISCLOSED), Alert.LIMIT_HALF);
        append(event("director", "patron-request", Outcome.DISCLOSED), Alert.UNUSUAL_PURPOSE);
        append(event("circulation", "checkout", Outcome.DISCLOSED), Alert.DECOY_OPENED);
        vault.vault().vault().log().checkpoint();
    }

    private AccessEvent event(String role, String purpose, Outcome outcome) {
        Actor actor = new Actor(Actor.Kind.STAFF, "some-" + role, role, "NC");
        return vault.vault()
                .vault()
                .log()
                .event(actor, ActKind.REVEAL, outcome, AuditLog.newRequest())
                .forPurpose(new Purpose(purpose))
                .on(List.of(Subject.opened(vault.katherine(), Set.of(PatronField.PHONE))));
    }

    private void append(AccessEvent event, Alert... alerts) {
        AuditReceipt unused = vault.vault().vault().log().record(event, alerts);
    }
}
