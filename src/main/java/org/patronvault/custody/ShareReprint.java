package org.patronvault.custody;

import java.time.Instant;
import java.util.List;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.keys.Drill;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.VerifiedShare;
import org.patronvault.model.Actor;
import org.patronvault.model.Refused;

/**
 * Cards that are printed again, from the words that their holders type: the vault itself has no share. Nothing of it is
 * kept. Whoever calls has proved the {@code custody} permission. Safe for use by many threads.
 */
public final class ShareReprint {

    /**
     * What a card says; prints which one it is, never its words.
     *
     * @param index which share of the set it is, of {@code count}, any {@code threshold} of which open
     * @param made when the set was
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
     * What the card of that share says. That it is printed, by whom and of which slot, is in the log before it is
     * answered.
     *
     * @throws Refused with a problem that names what is wrong with the words; that is in the log too
     */
    public Card again(Actor by, String words) {
        AccessEvent event = log.event(by, Act.SLOT, Outcome.KEY, AuditLog.newRequest());
        VerifiedShare share = log.logging(event.ending(Outcome.REFUSED), () -> known(words));
        log.appendAndWait(Unit.of(event.about(Slots.name(share.slot().id()) + "-card-" + share.index())));
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
