package org.patronvault.patron.record;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.index.Posting;
import org.patronvault.core.log.Reads;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;

/**
 * The two reads that a busy vault makes thousands of times a second: the row of an id, and the row of a card. No value of
 * a patron is opened here. Safe for use by many threads.
 */
public final class RowReads {

    /**
     * The result for a card.
     *
     * @param row as stored; empty if there is none, though there should be
     */
    public record OfCard(Posting posting, Optional<StoredPatron> row) {}

    private final EncryptedIndex index;
    private final Reads.Source<PatronId, Optional<StoredPatron>> byId = RowReads::rows;
    private final Reads.Source<IndexTerm, Optional<OfCard>> byCard = this::ofCards;

    public RowReads(EncryptedIndex index) {
        this.index = index;
    }

    /** The rows of these patrons. */
    public Reads<PatronId, Optional<StoredPatron>> of(List<PatronId> ids) {
        return new Reads<>(byId, ids);
    }

    /** The last entry of a card and its row, whether the card is in use or not. */
    public Reads<IndexTerm, Optional<OfCard>> of(IndexTerm card) {
        return new Reads<>(byCard, List.of(card));
    }

    private static List<Optional<StoredPatron>> rows(Tx tx, List<PatronId> ids) {
        Map<PatronId, StoredPatron> rows = tx.patrons().findAll(ids);
        return ids.stream().map(id -> Optional.ofNullable(rows.get(id))).toList();
    }

    private List<Optional<OfCard>> ofCards(Tx tx, List<IndexTerm> cards) {
        Map<IndexTerm, Posting> postings = index.in(tx, cards).last(cards);
        Map<PatronId, StoredPatron> rows = tx.patrons()
                .findAll(postings.values().stream()
                        .map(Posting::patron)
                        .distinct()
                        .toList());
        return cards.stream()
                .map(card -> Optional.ofNullable(postings.get(card))
                        .map(posting -> new OfCard(posting, Optional.ofNullable(rows.get(posting.patron())))))
                .toList();
    }
}
