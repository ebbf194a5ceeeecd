package org.patronvault.patron;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.model.PatronId;
import org.patronvault.search.EncryptedIndex;
import org.patronvault.search.IndexTerm;
import org.patronvault.search.Posting;
import org.patronvault.store.Store;
import org.patronvault.store.StoredPatron;
import org.patronvault.store.Together;

/**
 * The two readings of which a busy vault makes thousands a second: the row of an id, and the row of a card. Those who
 * ask at the same moment share a snapshot, which was taken after each of them asked. No value of a patron is
 * opened here: each opens what is his. Safe for use by many threads.
 */
final class RowReads {
    /** The fewer turns at once, the more go with each. */
    static final int TURNS = 1;

    /**
     * What a card leads to.
     *
     * @param row as stored; empty if there is none, though there should be
     */
    record OfCard(Posting posting, Optional<StoredPatron> row) {}

    private final Store store;
    private final EncryptedIndex index;
    private final Together<PatronId, Optional<StoredPatron>> byId;
    private final Together<IndexTerm, Optional<OfCard>> byCard;

    RowReads(Store store, EncryptedIndex index) {
        this.store = store;
        this.index = index;
        // Of a file a reader forgets all pages with every commit: those who ask together read them once.
        int turns =
                store.isOfOneProcess() ? Math.max(TURNS, Runtime.getRuntime().availableProcessors() / 2) : TURNS;
        this.byId = new Together<>(turns, this::rows);
        this.byCard = new Together<>(turns, this::ofCards);
    }

    /** The patron of that id. */
    Optional<StoredPatron> find(PatronId id) {
        return byId.ask(id);
    }

    private List<Optional<StoredPatron>> rows(List<PatronId> ids) {
        Map<PatronId, StoredPatron> rows = store.read(tx -> tx.lastly().findAll(ids));
        return ids.stream().map(id -> Optional.ofNullable(rows.get(id))).toList();
    }

    /** Where the last entry of a card leads to, be it in use or not; index and row in one snapshot. */
    Optional<OfCard> find(IndexTerm card) {
        return byCard.ask(card);
    }

    private List<Optional<OfCard>> ofCards(List<IndexTerm> cards) {
        List<IndexTerm> each = cards.stream().distinct().toList();
        return store.read(tx -> {
            Map<IndexTerm, Posting> postings = index.in(tx, each).last(each);
            Map<PatronId, StoredPatron> rows = tx.lastly()
                    .findAll(postings.values().stream()
                            .map(Posting::patron)
                            .distinct()
                            .toList());
            return cards.stream()
                    .map(card -> Optional.ofNullable(postings.get(card))
                            .map(posting -> new OfCard(posting, Optional.ofNullable(rows.get(posting.patron())))))
                    .toList();
        });
    }
}
