package org.patronvault.search;

import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import org.patronvault.store.IndexRows.Entries;
import org.patronvault.store.WriteTx;

/**
 * The entries of an import that has the vault to itself, kept beside the index until there are enough to merge. What is
 * staged is durable with its unit, and not found before it is merged. The numbers of its entries are known here alone:
 * a unit that is undone takes its own with it, as the parts tell that are there. For one writer, under the unit's lock.
 */
final class Staging {
    private static final int MIN_TERMS = 100_000;

    /** A term takes some 40 bytes; a tenth of the memory is theirs. */
    private static final int SHARE = 10 * 40;

    /** A part of each run is in memory while they are merged. */
    private static final int MAX_RUNS = 500;

    private final LastKnown known;
    private final long maxTerms = Math.max(MIN_TERMS, Runtime.getRuntime().maxMemory() / SHARE);
    private StagedNumbers numbers = new StagedNumbers();
    private int runs;
    private long lastPart;
    private Collection<Numbering.Turn> unsure = List.of();
    private long lastUnsurePart;

    Staging(LastKnown known) {
        this.known = known;
    }

    /** Learns what became of the unit before; to be called first in each. */
    void begin(WriteTx tx) {
        long last = tx.stagedIndex().last();
        if (last == lastUnsurePart) {
            unsure.forEach(turn -> {
                numbers.put(turn.firstLabel(), turn.last());
                known.put(turn.firstLabel(), turn.last());
            });
            lastPart = last;
        } else if (last != lastPart) {
            // A merge that was undone: what is staged is not known here any more.
            forget(tx);
        }
        unsure = List.of();
        lastUnsurePart = lastPart;
    }

    /** Whether it is time to merge. */
    boolean isFull() {
        return numbers.size() > maxTerms || runs > MAX_RUNS;
    }

    /** The number of a term's last entry, if that is staged. */
    OptionalLong last(byte[] firstLabel) {
        return numbers.get(firstLabel);
    }

    /** Stages entries; {@code turns} are those of all their terms. */
    void add(WriteTx tx, List<Entries> entries, Collection<Numbering.Turn> turns) {
        lastUnsurePart = tx.stagedIndex().add(entries);
        runs++;
        unsure = List.copyOf(turns);
    }

    /** Merges what is staged into the index. */
    void merge(WriteTx tx) {
        begin(tx);
        forget(tx);
    }

    private void forget(WriteTx tx) {
        tx.stagedIndex().merge();
        numbers = new StagedNumbers();
        runs = 0;
        lastPart = 0;
        lastUnsurePart = 0;
    }
}
