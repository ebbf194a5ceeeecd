package org.patronvault.patron.change;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.index.IndexedTerm;
import org.patronvault.core.index.Posting;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.patron.record.Match;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.patron.record.PatronWriter;
import org.patronvault.search.CardNumbers;
import org.patronvault.search.IndexReading;

/** The registration of a new patron (P5, P6). Opens nothing. */
public final class Registration {

    /**
     * A registered patron.
     *
     * @param similar how many other patrons share a phone number or an email address; their ids are not given
     */
    public record Result(PatronId id, long version, int similar, long entry) {

        /** The answer in the form kept for a repeated request. */
        public String json() {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("id", id.toString())
                    .put("version", version)
                    .put("similar", similar)
                    .toString();
        }
    }

    private static final int MAX_SIMILAR = 50;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final PatronContext parts;
    private final PatronWriter writer;
    private final boolean cardCheck;

    public Registration(PatronContext parts, boolean cardCheck) {
        this.parts = parts;
        this.cardCheck = cardCheck;
        this.writer = new PatronWriter(parts);
    }

    /** Registers; refused with {@code card-in-use} if the card is, or was, another patron's. */
    public Result register(Caller caller, PatronDraft draft, Optional<IdempotencyStore.Key> replay, byte[] request) {
        return register(caller, draft::card, () -> draft, replay, request);
    }

    /**
     * Registers; asks the policy first, and reads the request only then.
     *
     * @param card the card as written; null if there is none
     */
    public Result register(
            Caller caller,
            Supplier<String> card,
            Supplier<PatronDraft> draft,
            Optional<IdempotencyStore.Key> replay,
            byte[] request) {
        AccessEvent attempt = parts.attempt(caller, ActKind.REGISTER, request);
        parts.access().require(caller, Permission.REGISTER, attempt);
        Optional<String> named = PatronContext.readable(card);
        // A refusal says whether a patron has the card; a registration leaves a patron behind and is no way to find
        // out.
        Reservation asSearch = parts.asSearch(caller, named);
        return parts.log().logging(attempt, asSearch, () -> {
            parts.requireFreeCard(named, Optional.empty());
            return register(attempt, draft.get(), replay);
        });
    }

    private Result register(AccessEvent attempt, PatronDraft draft, Optional<IdempotencyStore.Key> replay) {
        requireGoodCard(draft.card());
        parts.requirePosted(draft.consent());
        PatronId id = newId();
        PatronRow row = new PatronRow(
                id,
                1,
                1,
                new PatronAttributes(
                        draft.library(),
                        draft.category(),
                        draft.expires(),
                        draft.status(),
                        draft.registered().orElse(parts.thisMonth())));
        PatronWriter.PreparedPatron prepared =
                writer.prepare(draft, row, attempt.actor().name());
        int similar = similar(prepared.entries().terms());
        AccessEvent event = attempt.ending(Outcome.WRITTEN);
        IdempotencyStore kept = parts.access().replay();
        kept.requireUsable(replay);
        AuditReceipt receipt = parts.log().call(event, now -> {
            WriteTx tx = now.tx();
            long entry = now.entry();
            kept.requireFirst(tx, replay);
            var subject = writer.insert(tx, prepared);
            kept.keep(tx, replay, new Result(id, 1, similar, entry).json());
            return Decision.done(event.on(List.of(subject)));
        });
        return new Result(id, 1, similar, receipt.index());
    }

    /** Whether a card exists comes before whether it could. */
    private void requireGoodCard(String card) {
        if (cardCheck && CardNumbers.looksLikeBarcode(card) && !CardNumbers.checkDigitHolds(card)) {
            parts.requireFreeCard(Optional.of(card), Optional.empty());
            throw new Refused(Problem.CARD_INVALID, "The card's check digit is wrong; scan it again.");
        }
    }

    public static PatronId newId() {
        return new PatronId(RANDOM.nextLong());
    }

    /** How many patrons share a phone number or an email address; names are not compared, since many are shared. */
    private int similar(List<IndexedTerm> terms) {
        return parts.store().read(tx -> {
            IndexReading index = parts.index().in(tx);
            Set<PatronId> others = new HashSet<>();
            for (IndexedTerm term : terms) {
                IndexTerm.TermClass type = term.term().type();
                if (type == IndexTerm.TermClass.PHONE || type == IndexTerm.TermClass.EMAIL) {
                    index.find(term.term(), MAX_SIMILAR).stream()
                            .filter(p -> type == IndexTerm.TermClass.EMAIL || !isProtected(tx, p))
                            .forEach(p -> others.add(p.patron()));
                }
            }
            return others.size();
        });
    }

    /** Registration must not reveal what a search hides: whose phone number that is. */
    private boolean isProtected(Tx tx, Posting posting) {
        return parts.vault().facts(Match.row(tx, posting)).isProtected();
    }
}
