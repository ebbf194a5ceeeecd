package org.patronvault.patron.record;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.index.Posting;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.Together;
import org.patronvault.core.store.table.StoredPatron;

/**
 * The two reads that a busy vault makes thousands of times a second: the row of an id, and the row of a card.
 * Concurrent readers share a snapshot, which was taken after each of them asked. No value of a patron is opened here;
 * each reader opens its own. Safe for use by many threads.
 */
public final class RowReads {
    /** Turns at once: the fewer there are, the more readers share each. */
    static final int TURNS = 1;

    /**
     * The result for a card.
     *
     * @param row as stored; empty if there is none, though there should be
     */
    public record OfCard(Posting posting, Optional<StoredPatron> row) {}

    private final Store store;
    private final EncryptedIndex index;
    private final Together<PatronId, Optional<StoredPatron>> byId;
    private final Together<IndexTerm, Optional<OfCard>> byCard;

    public RowReads(Store store, EncryptedIndex index) {
        this.store = store;
        this.index = index;
        // With a file every commit empties the reader's page cache: readers in one turn read the pages once.
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

    /** The last entry of a card and its row, whether the card is in use or not; index and row in one snapshot. */
    public Optional<OfCard> find(IndexTerm card) {
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
