package org.patronvault.core.index;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import org.patronvault.core.store.table.IndexRows.Entries;
import org.patronvault.core.store.table.StagedRows;
import org.patronvault.core.store.table.WriteTx;

/**
 * The entries of one version that wait beside the index for a merge, during a rebuild or an import that has the vault
 * to itself. A staged entry is durable with its act, and is found only after the merge. Only this object knows the
 * numbers of staged entries. If an act is rolled back its numbers are lost too, which the existing parts show.
 *
 * <p>While it lasts nobody else writes entries of that version, so a number stays right when its entry is merged. If
 * the index was empty at the start, it is also known which terms have no entries. For one writer, under the act's
 * lock, except for methods that say otherwise.
 */
final class Staging implements Numbers {
    private static final int MIN_TERMS = 100_000;

    /** The share of memory for the numbers of terms: a fifth, or less if others work beside. */
    private static final int SHARE = 5;

    private static final int SHARE_BESIDE = 12;

    /** The most runs, since a part of each is in memory during the merge. */
    private static final int MAX_RUNS = 500;

    /** The most entries of a merge that keeps nobody waiting. */
    private static final long MERGED_BESIDE = 20_000;

    /**
     * The entries that one act added, before it is known whether the act is committed.
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

    /** The additions of one transaction's acts, the newest first. */
    private final Deque<Added> added = new ArrayDeque<>();

    /** The highest number of any part ever. A part with a used number would be taken for one that was rolled back. */
    private long highestPart;

    /**
     * Creates the staging of a version, valid while the versions stay the same. It starts from the index in that
     * transaction.
     */
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
     * Returns how many terms make a merge due. The tables must not double again before the merge, since they need three
     * times the memory while they double.
     */
    static long mostTerms(long memory) {
        long most = StagedNumbers.mostTerms(memory);
        // The current acts have some more.
        return Math.max(MIN_TERMS, most - most / 8);
    }

    /** Whether the versions are unchanged. */
    boolean isStill(IndexVersions now) {
        return of.equals(now);
    }

    /** Whether entries of a version are to be staged. */
    boolean isOf(int one) {
        return version == one;
    }

    /** Whether the version that is searched lacks staged entries. For any thread. */
    boolean isOfLive() {
        return version == of.live();
    }

    /** Whether a merge is due. For any thread. */
    boolean isFull() {
        return terms > maxTerms || runs > MAX_RUNS;
    }

    private StagedRows rows(WriteTx tx) {
        return isOfLive() ? tx.stagedIndex() : tx.stagedNext();
    }

    /** Learns whether the previous acts were committed. Must be called first in each act. */
    void begin(WriteTx tx) {
        long last = rows(tx).last();
        // The number of a part is given once. If the existing parts end before it, its act was rolled back.
        added.removeIf(one -> one.lastPart() > last);
        if (!added.isEmpty() && added.getFirst().tx() != tx) {
            keep();
        }
        if (last != lastPart()) {
            // A merge was rolled back: the staged entries and their numbers are unknown now.
            boolean unused = mergeOn(tx, Long.MAX_VALUE);
            forgetNumbers();
        }
        if (runs > 2 * MAX_RUNS) {
            // Nobody merges, or not fast enough.
            boolean unused = mergeOn(tx, MERGED_BESIDE);
        }
    }

    private long lastPart() {
        return added.isEmpty() ? lastPart : added.getFirst().lastPart();
    }

    /** Keeps the additions that are on disk. */
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

    /** Returns the number of a term's last entry, if it is staged, or was staged and is remembered. */
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

    /** Whether a term certainly has no entry, staged or in the index. */
    @Override
    public boolean isNew(byte[] firstLabel) {
        return !begun.mayContain(firstLabel);
    }

    /** Stages entries. {@code turns} are those of all their terms. */
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

    /** Puts dummies in place of a patron's staged entries, so that nothing of them is left. */
    void retire(WriteTx tx, Entries dummies) {
        begin(tx);
        find(dummies.label(0), places, Added::places).ifPresent(part -> rows(tx).replace(part, dummies));
    }

    /** Merges about that many staged entries at most into the index. Returns whether there are more. */
    boolean merge(WriteTx tx, long atMost) {
        begin(tx);
        return mergeOn(tx, atMost);
    }

    private boolean mergeOn(WriteTx tx, long atMost) {
        boolean more = rows(tx).merge(atMost);
        if (!more) {
            // Most other terms are not asked for again, and they are many.
            numbers = numbers.ofSeveral();
            if (numbers.size() > maxTerms / 2 || !added.isEmpty()) {
                // With this transaction the numbers that it gave may be rolled back.
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
