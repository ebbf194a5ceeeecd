package org.patronvault.patron.transfer;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.vault.Consents;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.patron.record.PatronTerms;
import org.patronvault.patron.record.PatronWriter;

/** The update of an existing patron by an import: every value is replaced, and only the cards are opened. */
final class ReimportUpdate {
    private final PatronContext parts;
    private final PatronWriter writer;
    private final AccessEvent attempt;

    ReimportUpdate(PatronContext parts, AccessEvent attempt) {
        this.parts = parts;
        this.writer = new PatronWriter(parts);
        this.attempt = attempt;
    }

    /** Replaces the patron. The former cards stay known, and of the transferred state only a protection is used. */
    void write(ImportRow.Accepted from, StoredPatron stored, PatronMeta facts, byte[] fingerprint) {
        PatronDraft draft = from.draft();
        AuditReceipt receipt = parts.log()
                .record(attempt.ending(Outcome.DISCLOSED)
                        .on(List.of(Subject.opened(stored.id(), EnumSet.of(PatronField.CARD)))));
        List<String> cards = parts.vault()
                .open(stored, EnumSet.of(PatronField.CARD), receipt, attempt.actor(), Purpose.IMPORT)
                .cards()
                .orElseThrow();
        PatronMeta now = new PatronMeta(
                PatronWriter.set(draft),
                facts.isProtected() || from.brought().isProtected(),
                facts.isDecoy(),
                facts.generations(),
                consents(facts, draft),
                facts.forgotten(),
                fingerprint);
        PatronRow row = new PatronRow(
                stored.id(),
                stored.row().version() + 1,
                stored.row().indexGeneration() + 1,
                attributes(parts, draft, Optional.of(stored.row().attributes())));
        Map<PatronField, byte[]> values = PatronWriter.values(cards, draft);
        values.remove(PatronField.CARD);
        PatronWriter.Change change = writer.prepare(stored, facts, row, values, now, PatronTerms.of(cards, draft));
        parts.log()
                .call(
                        attempt.ending(Outcome.WRITTEN),
                        moment -> Decision.done(
                                attempt.ending(Outcome.WRITTEN).on(List.of(writer.update(moment.tx(), change)))));
    }

    /** The attributes of a draft; an existing patron keeps the month of registration, unless the draft names one. */
    static PatronAttributes attributes(PatronContext parts, PatronDraft draft, Optional<PatronAttributes> before) {
        return new PatronAttributes(
                draft.library(),
                draft.category(),
                draft.expires(),
                draft.status(),
                draft.registered()
                        .orElse(before.map(PatronAttributes::registered).orElse(parts.thisMonth())));
    }

    /** A file does not repeat a consent given to the library itself, and does not undo a withdrawal. */
    private Consents consents(PatronMeta facts, PatronDraft draft) {
        return facts.consents().last(Consent.SERVICE).isPresent()
                        || draft.consent().isEmpty()
                ? facts.consents()
                : facts.consents()
                        .with(draft.consent().get().takenBy(attempt.actor().name()));
    }
}
