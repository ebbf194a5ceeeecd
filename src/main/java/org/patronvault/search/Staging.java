package org.patronvault.search;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import org.patronvault.store.IndexRows.Entries;
import org.patronvault.store.StagedRows;
import org.patronvault.store.WriteTx;

/**
 * The entries of one version that are kept beside the index until there are enough to merge: of an import that has the
 * vault to itself, or of a rebuild. What is staged is durable with its unit, and not found before it is merged. The
 * numbers of its entries are known here alone: a unit that is undone takes its own with it, as the parts tell that are
 * there. As long as it lasts nobody else writes entries of that version, so that a number stays right when its entry is
 * merged, and of an index that was empty at the beginning it is known which terms have none. For one writer, under the
 * unit's lock, but for what says otherwise.
 */
final class Staging implements Numbers {
    private static final int MIN_TERMS = 100_000;

    /** A fifth of the memory is for the numbers of terms, less where others work beside. */
    private static final int SHARE = 5;

    private static final int SHARE_BESIDE = 12;

    /** A part of each run is in memory while they are merged. */
    private static final int MAX_RUNS = 500;

    /** A merge of no more than that lets nobody wait. */
    private static final long MERGED_BESIDE = 20_000;

    /**
     * What one unit added, of which it is not known yet whether it lasts.
     *
     * @param lastPart the number of its last part
     * @param numbers of the last entries of its terms
     * @param places of a rebuild: the part up to which a patron's entries are, by the first of the patron's labels
     */
    private record Added(WriteTx tx, long lastPart, StagedNumbers numbers, StagedNumbers places) {}

    private final IndexVersions of;
    private final int version;
    private final LastKnown known;
    private final long maxTerms;

    private final TermBloomFilter begun;

    private StagedNumbers numbers = new StagedNumbers();
    private volatile int terms;
    private volatile int runs;
    private StagedNumbers places = new StagedNumbers();
    private long lastPart;

    /** By units of one transaction, the newest first. */
    private final Deque<Added> added = new ArrayDeque<>();

    /** Above all parts there ever were: one of the same number would be taken for another that was undone. */
    private long highestPart;

    /** Of a version, as long as the versions are those; begins with what is in the index in that transaction. */
    Staging(WriteTx tx, IndexVersions of, int version, LastKnown known) {
        this.of = of;
        this.version = version;
        this.known = known;
        long memory = Runtime.getRuntime().maxMemory();
        this.maxTerms = mostTerms(memory / (isOfLive() ? SHARE : SHARE_BESIDE));
        boolean isFirst = rows(tx).last() == 0 && (isOfLive() ? tx.index() : tx.otherIndex()).isEmpty();
        this.begun = isFirst ? TermBloomFilter.ofMemory() : TermBloomFilter.UNKNOWN;
    }

    /**
     * After how many terms it is time to merge, so that the tables do not double once more before that is done: they would
     * be three times as large while they do.
     */
    static long mostTerms(long memory) {
        long most = StagedNumbers.mostTerms(memory);
        // The units that are under way have some more.
        return Math.max(MIN_TERMS, most - most / 8);
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

    /** Learns what became of the units before; to be called first in each. */
    void begin(WriteTx tx) {
        long last = rows(tx).last();
        // The number of a part is given once: where what is there ends before it, its unit was undone.
        added.removeIf(one -> one.lastPart() > last);
        if (!added.isEmpty() && added.getFirst().tx() != tx) {
            keep();
        }
        if (last != lastPart()) {
            // A merge that was undone: what is staged is not known here any more, nor any number.
            boolean unused = mergeOn(tx, Long.MAX_VALUE);
            forgetNumbers();
        }
        if (runs > 2 * MAX_RUNS) {
            // Nobody does it, or not fast enough.
            boolean unused = mergeOn(tx, MERGED_BESIDE);
        }
    }

    private long lastPart() {
        return added.isEmpty() ? lastPart : added.getFirst().lastPart();
    }

    /** What was added is on disk. */
    private void keep() {
        lastPart = added.getFirst().lastPart();
        while (!added.isEmpty()) {
            Added oldest = added.removeLast();
            oldest.numbers().forEach((label, number) -> {
                numbers.put(label, number);
                known.put(label, number);
            });
            oldest.places().forEach(places::put);
        }
        terms = numbers.size();
    }

    private void forgetNumbers() {
        numbers = new StagedNumbers();
        terms = 0;
    }

    /** The number of a term's last entry, if that is staged, or was and is remembered. */
    @Override
    public OptionalLong last(byte[] firstLabel) {
        return find(firstLabel, numbers, Added::numbers);
    }

    private OptionalLong find(byte[] label, StagedNumbers kept, Function<Added, StagedNumbers> ofUnit) {
        for (Added one : added) {
            OptionalLong newest = ofUnit.apply(one).get(label);
            if (newest.isPresent()) {
                return newest;
            }
        }
        return kept.get(label);
    }

    /** Whether it is sure that a term has no entry, staged or in the index. */
    @Override
    public boolean isNew(byte[] firstLabel) {
        return !begun.mayContain(firstLabel);
    }

    /** Stages entries; {@code turns} are those of all their terms. */
    @Override
    public void add(WriteTx tx, List<Entries> entries, Collection<Numbering.Turn> turns) {
        turns.forEach(turn -> begun.add(turn.firstLabel()));
        highestPart = rows(tx).add(entries, highestPart);
        int now = runs;
        runs = now + 1;
        StagedNumbers patrons = new StagedNumbers();
        if (!isOfLive()) {
            entries.forEach(some -> patrons.put(some.label(0), highestPart));
        }
        added.addFirst(new Added(tx, highestPart, StagedNumbers.of(turns), patrons));
    }

    /** Puts dummies in place of a patron's entries, as far as they are staged: nothing of them shall be left there. */
    void retire(WriteTx tx, Entries dummies) {
        begin(tx);
        find(dummies.label(0), places, Added::places).ifPresent(part -> rows(tx).replace(part, dummies));
    }

    /** Merges at most so much of what is staged into the index, more or less; whether there is more. */
    boolean merge(WriteTx tx, long atMost) {
        begin(tx);
        return mergeOn(tx, atMost);
    }

    private boolean mergeOn(WriteTx tx, long atMost) {
        boolean more = rows(tx).merge(atMost);
        if (!more) {
            // Of most others nobody asks again, and they are many.
            numbers = numbers.ofSeveral();
            if (numbers.size() > maxTerms / 2 || !added.isEmpty()) {
                // With this transaction the numbers that it gave may be undone.
                forgetNumbers();
            }
            added.clear();
            places = new StagedNumbers();
            terms = numbers.size();
            runs = 0;
            lastPart = 0;
        }
        return more;
    }
}
