package org.patronvault.search;

import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import org.patronvault.store.IndexRows.Entries;
import org.patronvault.store.StagedRows;
import org.patronvault.store.WriteTx;

/**
 * The entries of one version that are kept beside the index until there are enough to merge: of an import that has the
 * vault to itself, or of a rebuild. What is staged is durable with its unit, and not found before it is merged. The
 * numbers of its entries are known here alone: a unit that is undone takes its own with it, as the parts tell that are
 * there. For one writer, under the unit's lock, but for what says otherwise.
 */
final class Staging {
    private static final int MIN_TERMS = 100_000;

    /** A term takes some 40 bytes; a tenth of the memory is theirs. */
    private static final int SHARE = 10 * 40;

    /** A part of each run is in memory while they are merged. */
    private static final int MAX_RUNS = 500;

    private final IndexVersions of;
    private final int version;
    private final LastKnown known;
    private final long maxTerms = Math.max(MIN_TERMS, Runtime.getRuntime().maxMemory() / SHARE);
    private StagedNumbers numbers = new StagedNumbers();
    private volatile int terms;
    private volatile int runs;
    private long lastPart;
    private Collection<Numbering.Turn> unsure = List.of();
    private long lastUnsurePart;

    /** Of a version, as long as the versions are those. */
    Staging(IndexVersions of, int version, LastKnown known) {
        this.of = of;
        this.version = version;
        this.known = known;
    }

    /** Whether the versions are still those. */
    boolean isStill(IndexVersions now) {
        return of.equals(now);
    }

    /** Whether entries of that version are the ones to be staged. */
    boolean isOf(int one) {
        return version == one;
    }

    /** Whether it is the version that is searched that lacks something. For any thread. */
    boolean isOfLive() {
        return version == of.live();
    }

    /** Whether it is time to merge. For any thread. */
    boolean isFull() {
        return terms > maxTerms || runs > MAX_RUNS;
    }

    private StagedRows rows(WriteTx tx) {
        return isOfLive() ? tx.stagedIndex() : tx.stagedNext();
    }

    /** Learns what became of the unit before; to be called first in each. */
    void begin(WriteTx tx) {
        long last = rows(tx).last();
        if (last == lastUnsurePart) {
            unsure.forEach(turn -> {
                numbers.put(turn.firstLabel(), turn.last());
                known.put(turn.firstLabel(), turn.last());
            });
            terms = numbers.size();
            lastPart = last;
        } else if (last != lastPart) {
            // A merge that was undone: what is staged is not known here any more.
            mergeOn(tx, Long.MAX_VALUE);
        }
        unsure = List.of();
        lastUnsurePart = lastPart;
        if (runs > 2 * MAX_RUNS) {
            // Nobody is left to do it.
            mergeOn(tx, Long.MAX_VALUE);
        }
    }

    /** The number of a term's last entry, if that is staged. */
    OptionalLong last(byte[] firstLabel) {
        return numbers.get(firstLabel);
    }

    /** Stages entries; {@code turns} are those of all their terms. */
    void add(WriteTx tx, List<Entries> entries, Collection<Numbering.Turn> turns) {
        lastUnsurePart = rows(tx).add(entries);
        int now = runs;
        runs = now + 1;
        unsure = List.copyOf(turns);
    }

    /** Merges at most so much of what is staged into the index, more or less; whether there is more. */
    boolean merge(WriteTx tx, long atMost) {
        begin(tx);
        return mergeOn(tx, atMost);
    }

    private boolean mergeOn(WriteTx tx, long atMost) {
        boolean more = rows(tx).merge(atMost);
        if (!more) {
            numbers = new StagedNumbers();
            terms = 0;
            runs = 0;
            lastPart = 0;
            lastUnsurePart = 0;
        }
        return more;
    }
}
