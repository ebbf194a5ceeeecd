package org.patronvault.custody.slot;

import java.time.Instant;
import java.util.List;
import org.patronvault.core.keys.Drill;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.VerifiedShare;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Refused;

/**
 * The reprinting of share cards from the words that their holders type. The vault itself has no share, and stores
 * nothing of it. The caller has already proved the {@code custody} permission. Thread-safe.
 */
public final class ShareReprint {

    /**
     * The content of a card; its text form names the share, never its words.
     *
     * @param index which share of the set it is, of {@code count}, any {@code threshold} of which open
     * @param made when the set was made
     */
    public record Card(
            List<String> words, String set, int index, int count, int threshold, String vaultId, Instant made) {
        @Override
        public String toString() {
            return "Card[" + index + " of set " + set + ", REDACTED]";
        }
    }

    private final KeyCustody custody;
    private final AuditLog log;

    ShareReprint(KeyCustody custody, AuditLog log) {
        this.custody = custody;
        this.log = log;
    }

    /**
     * Returns the card of a share. The log entry, with the person and the slot, is written before the answer.
     *
     * @throws Refused with a problem that names the fault in the words; this is logged too
     */
    public Card again(Actor by, String words) {
        AccessEvent event = log.event(by, ActKind.SLOT, Outcome.KEY, AuditLog.newRequest());
        VerifiedShare share = log.logging(event.ending(Outcome.REFUSED), () -> known(words));
        log.record(event.about(Slots.name(share.slot().id()) + "-card-" + share.index()));
        return new Card(
                share.words(),
                share.set(),
                share.index(),
                share.slot().count(),
                share.slot().threshold(),
                share.vaultId(),
                share.slot().created());
    }

    private VerifiedShare known(String words) {
        try (Drill drill = custody.drill()) {
            return drill.known(words);
        }
    }
}
