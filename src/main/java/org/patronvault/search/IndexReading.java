package org.patronvault.search;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.index.IndexCipher;
import org.patronvault.core.index.IndexPart;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.index.IndexVersions;
import org.patronvault.core.index.IndexedTerm;
import org.patronvault.core.index.LastKnown;
import org.patronvault.core.index.Posting;
import org.patronvault.core.index.PostingList;
import org.patronvault.core.index.PostingTailSearch;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.IndexRows;
import org.patronvault.core.store.table.Tx;

/** The search index in one snapshot. Valid as long as the snapshot. */
public final class IndexReading {
    private static final PatronId NOBODY = new PatronId(1);

    private final IndexRows rows;
    private final IndexCipher cipher;
    private final LastKnown known;

    /** A receiver of found postings. */
    @FunctionalInterface
    public interface PostingConsumer {
        /** Takes a posting. Returns whether more are wanted. */
        boolean take(Posting posting, MatchRank rank);

        /** Returns how many of those taken so far the searcher may see, if that is known. */
        default OptionalInt shown() {
            return OptionalInt.empty();
        }
    }

    private IndexReading(IndexRows rows, IndexCipher cipher, LastKnown known) {
        this.rows = rows;
        this.cipher = cipher;
        this.known = known;
    }

    /** Returns the live version in that transaction, for a caller that searches those terms first. */
    public static IndexReading of(
            Tx tx, IndexVersions.Source versions, UnsealedKeys keys, LastKnown known, List<IndexTerm> first) {
        IndexVersions now = versions.at(
                tx,
                // That version may have been rotated away, and its key destroyed, since this node last read the
                // versions.
                live -> keys.hasIndexVersion(live)
                        ? firstLabels(IndexCipher.of(keys, live), known, first)
                        : new byte[0]);
        return new IndexReading(tx.index(), IndexCipher.of(keys, now.live()), known);
    }

    private static byte[] firstLabels(IndexCipher cipher, LastKnown known, List<IndexTerm> terms) {
        ByteArrayOutputStream labels = new ByteArrayOutputStream();
        terms.forEach(
                term -> labels.writeBytes(PostingTailSearch.of(cipher, term).firstLabels(known)));
        return labels.toByteArray();
    }

    /** Returns the live entries of a term, newest first, at most {@code limit}. */
    public List<Posting> find(IndexTerm term, int limit) {
        List<Posting> found = new ArrayList<>();
        find(List.of(term), (posting, rank) -> found.add(posting) && found.size() < limit);
        return found;
    }

    /** Returns the last posting of each card. A card with no entry, or whose last entry is a dummy, is left out. */
    public Map<IndexTerm, Posting> last(List<IndexTerm> cards) {
        Map<IndexTerm, Posting> found = new HashMap<>();
        lists(cards).forEach((card, list) -> {
            if (list.size() > 0) {
                list.get(0).ifPresent(posting -> found.put(card, posting));
            }
        });
        return found;
    }

    /** Passes the patrons found by any of those terms to {@code taker}, each once, as long as it takes more. */
    public void find(List<IndexTerm> terms, PostingConsumer taker) {
        Set<PatronId> seen = new HashSet<>();
        for (IndexTerm term : terms) {
            PostingList list = list(term);
            for (int n = 0; n < list.size(); n++) {
                Optional<Posting> posting = list.get(n).filter(p -> seen.add(p.patron()));
                if (posting.isPresent() && !taker.take(posting.get(), MatchRank.EXACT)) {
                    return;
                }
            }
        }
    }

    /**
     * Passes the patrons found by a name to {@code taker}, each once, best first, as long as it takes more.
     *
     * @param mostReads how many postings to read for each rank below exact; if an exact match is shown, a quarter of it
     * @return whether that was too few, so that there may be others
     */
    public boolean find(NameQuery name, int mostReads, PostingConsumer taker) {
        return new NameSearch(this, name, mostReads, taker).run();
    }

    Map<IndexTerm, PostingList> lists(Collection<IndexTerm> terms) {
        return PostingList.of(rows, cipher, known, terms);
    }

    PostingList list(IndexTerm term) {
        return PostingList.of(rows, cipher, known, term);
    }

    /** Does as much work as opening a posting, so that a search without result takes as long as one with a result. */
    public void workAsForOne(IndexTerm term) {
        byte[] label = SecureBytes.random(IndexRows.LABEL_BYTES);
        byte[] unused = cipher.live(label, IndexedTerm.current(term), NOBODY, 1);
    }

    /** Returns the version that is searched. */
    public int version() {
        return cipher.version();
    }

    /**
     * Returns the posting in an entry; empty for a dummy.
     *
     * @throws IntegrityException if the entry is none of this version's
     */
    public Optional<Posting> open(byte[] label, byte[] value) {
        return cipher.open(label, value);
    }

    /** Returns up to {@code limit} entries in the order of labels, from the first after {@code after} on. */
    public IndexPart part(Optional<byte[]> after, int limit) {
        IndexRows.Range stretch = rows.after(after, limit);
        return IndexPart.opened(cipher, stretch.entries(), stretch.last());
    }

    /**
     * Returns the terms that have, or had, an entry. A first call with many terms leaves the few worth a second look.
     */
    public Set<IndexTerm> begun(Collection<IndexTerm> terms) {
        Map<ByteBuffer, IndexTerm> byLabel = new HashMap<>();
        ByteBuffer labels = ByteBuffer.allocate(terms.size() * IndexRows.LABEL_BYTES);
        for (IndexTerm term : terms) {
            byte[] label = IndexCipher.label(cipher.termKey(term), 0);
            byLabel.put(ByteBuffer.wrap(label), term);
            labels.put(label);
        }
        Set<IndexTerm> begun = new HashSet<>();
        rows.findAll(labels.array()).keySet().forEach(label -> begun.add(byLabel.get(label)));
        return begun;
    }
}
