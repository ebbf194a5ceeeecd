package org.patronvault.patron.change;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.core.vault.ValueCodec;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronTerms;
import org.patronvault.patron.record.PatronWriter;
import org.patronvault.search.CardNumbers;

/**
 * The replacement of a patron's card. The old card stays known as inactive, and no other patron can get it while it is
 * known.
 */
public final class CardReplacement {
    /** Cards kept for a patron: the current one and the newest former ones. */
    public static final int MAX_CARDS = 4;

    private final PatronContext parts;
    private final PatronWriter writer;

    public CardReplacement(PatronContext parts) {
        this.parts = parts;
        this.writer = new PatronWriter(parts);
    }

    /** Replaces the card. */
    public PatronPatch.Result replace(
            Caller caller,
            Optional<PatronId> id,
            Supplier<String> card,
            Optional<IdempotencyStore.Key> replay,
            byte[] request) {
        return replace(caller, id, card, card, replay, request);
    }

    /**
     * Replaces the card. The request body is read only once the patron was found.
     *
     * @param written the card as written, even if the rest of the body is wrong; null if there is none
     * @param card the card, once the whole body is valid
     */
    public PatronPatch.Result replace(
            Caller caller,
            Optional<PatronId> id,
            Supplier<String> written,
            Supplier<String> card,
            Optional<IdempotencyStore.Key> replay,
            byte[] request) {
        return parts.aimed(caller, ActKind.REPLACE_CARD, Permission.REPLACE_CARD, id, request, (attempt, stored) -> {
            Optional<String> named = PatronContext.readable(written);
            Reservation asSearch = parts.asSearch(caller, named);
            return parts.log().logging(attempt, asSearch, () -> {
                parts.requireFreeCard(named, Optional.of(stored.id()));
                return replace(attempt, stored, CardNumbers.canonical(card.get()), asSearch, replay);
            });
        });
    }

    private PatronPatch.Result replace(
            AccessEvent attempt,
            StoredPatron stored,
            String canonical,
            Reservation asSearch,
            Optional<IdempotencyStore.Key> replay) {
        parts.requireOtherCard(stored.id(), canonical);
        PatronMeta facts = parts.vault().facts(stored);
        facts.requireConsent();
        AuditReceipt receipt = parts.log()
                .record(attempt.forPurpose(Purpose.REINDEX)
                        .ending(Outcome.DISCLOSED)
                        .on(List.of(Subject.opened(stored.id(), PatronTerms.fields()))));
        PersonalData data = parts.vault().open(stored, PatronTerms.fields(), receipt, attempt.actor(), Purpose.REINDEX);
        List<String> cards = cards(data.cards().orElseThrow(), canonical);
        PatronRow row = stored.row().next(true);
        PatronWriter.Change change = writer.prepare(
                stored,
                facts,
                row,
                Map.of(PatronField.CARD, ValueCodec.list(cards)),
                facts,
                PatronTerms.of(
                        cards,
                        data.name(),
                        data.phone().orElseThrow(),
                        data.email().orElseThrow()));
        PatronPatch.Result replaced = new PatronPatch.Result(stored.id(), row.version(), Optional.of(receipt.index()));
        writer.write(attempt.ending(Outcome.WRITTEN), change, asSearch, replay, replaced.json());
        return replaced;
    }

    private static List<String> cards(List<String> before, String card) {
        if (before.get(0).equals(card)) {
            throw PatronContext.sameCard();
        }
        List<String> cards = new ArrayList<>();
        cards.add(card);
        before.stream().filter(old -> !old.equals(card)).forEach(cards::add);
        return cards.subList(0, Math.min(MAX_CARDS, cards.size()));
    }
}
