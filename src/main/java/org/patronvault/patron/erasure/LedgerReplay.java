package org.patronvault.patron.erasure;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.keys.LedgerLine.ForgottenAt;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.LedgerFollower;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.ledger.LedgerNotes;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.vault.PairwiseResets;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronWriter;

/**
 * The replay of {@code keys/ledger} on a restored database. It erases erased patrons and fields again, withdraws
 * withdrawn consents, resets patrons that a vendor forgot, and repeats revocations. Sessions of that time are over. It
 * runs before any request is served. After a kill the next start continues, since finished work stays finished.
 */
public final class LedgerReplay {
    private static final int AT_ONCE = 500;
    private static final long PURGE_PATIENCE_MILLIS = 5_000;
    private static final String CHANNEL = "ledger";

    private final PatronContext parts;
    private final Erasure erasure;
    private final PatronWriter writer;

    public LedgerReplay(PatronContext parts, Erasure erasure) {
        this.parts = parts;
        this.erasure = erasure;
        this.writer = new PatronWriter(parts);
    }

    /**
     * Runs the replay, if one is due. Opens nothing except fields that are indexed again because another field is
     * erased.
     */
    public void run() {
        LedgerFollower ledger = parts.log().ledger();
        ledger.due().ifPresent(due -> {
            List<PatronId> erased = List.copyOf(due.erased().keySet());
            for (int from = 0; from < erased.size(); from += AT_ONCE) {
                erase(erased.subList(from, Math.min(from + AT_ONCE, erased.size())), due.erased());
            }
            due.emptied().forEach((patron, fields) -> fields.forEach(field -> empty(patron, field)));
            due.withdrawn().forEach((patron, purposes) -> purposes.forEach(purpose -> withdraw(patron, purpose)));
            due.forgotten().forEach(this::forget);
            parts.access().revocations().repeat(due.revoked());
            parts.log().purge(PURGE_PATIENCE_MILLIS);
            ledger.made();
        });
    }

    private void erase(List<PatronId> patrons, Map<PatronId, Long> entries) {
        List<PatronId> here = parts.store().read(tx -> {
            List<PatronId> left = new ArrayList<>(patrons);
            tx.current().of(patrons).forEach((id, current) -> {
                if (current.isErased()) {
                    left.remove(id);
                }
            });
            return left;
        });
        for (List<PatronId> some : AccessEvent.inEntries(here)) {
            AccessEvent event = erasure.erasing(
                    parts.log().event(Actor.VAULT, ActKind.ERASE, Outcome.ERASED, AuditLog.newRequest()), some);
            AuditReceipt receipt = parts.log().callBulk(event, now -> {
                WriteTx tx = now.tx();
                // Above every version there was: since the copy the patron was not written more often than there were
                // entries.
                some.forEach(id -> writer.bury(tx, id, version(tx, id) + entries.get(id)));
                return Decision.done(event);
            });
            parts.log().ledger().made(some, receipt.index());
        }
    }

    private static long version(Tx tx, PatronId id) {
        return tx.patrons().find(id).map(stored -> stored.row().version()).orElse(2L);
    }

    private Optional<StoredPatron> sound(PatronId patron) {
        return parts.find(patron).filter(one -> parts.vault().sound(one).isPresent());
    }

    private void empty(PatronId patron, PatronField field) {
        sound(patron)
                .filter(stored -> parts.vault().facts(stored).set().contains(field))
                .ifPresent(stored -> erasure.eraseField(
                        parts.log().event(Actor.VAULT, ActKind.ERASE, Outcome.FAILED, AuditLog.newRequest()),
                        Reservation.NONE,
                        stored,
                        field,
                        Optional.empty()));
    }

    private void forget(PatronId patron, List<ForgottenAt> lines) {
        sound(patron).ifPresent(stored -> {
            PatronMeta facts = parts.vault().facts(stored);
            PairwiseResets forgotten = new SealedPairwiseReset(parts.custody()).add(facts.forgotten(), lines);
            if (!forgotten.equals(facts.forgotten())) {
                AccessEvent event =
                        parts.log().event(Actor.VAULT, ActKind.FORGET, Outcome.WRITTEN, AuditLog.newRequest());
                writer.write(
                        event,
                        writer.prepare(
                                stored, facts, stored.row().next(false), Map.of(), facts.forgetting(forgotten), null),
                        Optional.empty(),
                        "");
            }
        });
    }

    private void withdraw(PatronId patron, String purpose) {
        Optional<StoredPatron> stored = sound(patron);
        if (stored.isEmpty()) {
            return;
        }
        PatronMeta facts = parts.vault().facts(stored.get());
        Optional<Consent> last = facts.consents().last(purpose);
        if (last.filter(Consent::given).isPresent()) {
            Consent withdrawn =
                    new Consent(purpose, last.get().policy(), parts.today(), CHANNEL, Actor.VAULT.name(), false);
            AccessEvent event = parts.log()
                    .event(Actor.VAULT, ActKind.CONSENT, Outcome.WRITTEN, AuditLog.newRequest())
                    .about(LedgerNotes.about(purpose, false));
            writer.write(event, writer.saying(stored.get(), facts, withdrawn), Optional.empty(), "");
        }
    }
}
