package org.patronvault.search;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.patronvault.store.IndexRows.Entries;
import org.patronvault.store.WriteTx;

/**
 * What one writer knows who has much to write to an index beside which others may write too: it looks for nothing that it
 * wrote itself, nor, where it began with an empty index, for terms that are new. How many entries there must be, which is
 * kept in the database and counts every write, says before each unit whether the one before lasts and that nobody else
 * wrote; after anybody did, nothing of this is worth anything any more. For one writer, under the unit's lock.
 */
final class Filling implements Numbers {
    /** A fifth of the memory is for the numbers of terms. */
    private static final int SHARE = 5;

    /**
     * What one unit added, of which it is not known yet whether it lasts.
     *
     * @param first its first patron's entries
     * @param size how many entries there are with it
     */
    private record Added(Entries first, long size, StagedNumbers numbers) {}

    private final IndexVersions of;
    private final LastKnown known;
    private final long maxTerms = Staging.mostTerms(Runtime.getRuntime().maxMemory() / SHARE);

    private final TermBloomFilter begun;
    private StagedNumbers numbers = new StagedNumbers();
    private Optional<Added> added = Optional.empty();

    private long size;

    /** Of the last unit that {@code size} counts, the first patron's entries. */
    private Optional<Entries> counted = Optional.empty();

    /**
     * Of the live version, as long as the versions are those; begins with what is in the index in that transaction.
     *
     * @param size how many entries there must be
     */
    Filling(WriteTx tx, IndexVersions of, long size, LastKnown known) {
        this.of = of;
        this.known = known;
        this.size = size;
        this.begun = size == 0 && tx.index().isEmpty() ? TermBloomFilter.ofMemory() : TermBloomFilter.UNKNOWN;
    }

    /**
     * Learns what became of the unit before; to be called first in each. Whether nobody else wrote.
     *
     * @param sizeNow how many entries there must be in that transaction
     */
    boolean begin(WriteTx tx, IndexVersions now, long sizeNow) {
        if (!of.equals(now)) {
            return false;
        }
        added.filter(one -> one.size() == sizeNow).ifPresent(this::keep);
        added = Optional.empty();
        // The unit after it may have been undone; where the last that is counted is there, so are all before it.
        return sizeNow == size && counted.filter(first -> !isThere(tx, first)).isEmpty();
    }

    /** By the last entry of a patron, which hardly ever is no dummy, and so random. */
    private static boolean isThere(WriteTx tx, Entries first) {
        int last = first.size() - 1;
        return tx.index()
                .find(first.label(last))
                .filter(value -> Arrays.equals(value, first.value(last)))
                .isPresent();
    }

    /** Whether entries of that version are the ones. */
    boolean isOf(int version) {
        return version == of.live();
    }

    private void keep(Added lasting) {
        counted = Optional.of(lasting.first());
        size = lasting.size();
        lasting.numbers().forEach((label, number) -> {
            numbers.put(label, number);
            known.put(label, number);
        });
        if (numbers.size() > maxTerms) {
            // Of most others nobody asks again, and they are many.
            numbers = numbers.ofSeveral();
        }
        if (numbers.size() > maxTerms / 2) {
            numbers = new StagedNumbers();
        }
    }

    @Override
    public OptionalLong last(byte[] firstLabel) {
        return numbers.get(firstLabel);
    }

    @Override
    public boolean isNew(byte[] firstLabel) {
        return !begun.mayContain(firstLabel);
    }

    @Override
    public void add(WriteTx tx, List<Entries> entries, Collection<Numbering.Turn> turns) {
        turns.forEach(turn -> begun.add(turn.firstLabel()));
        tx.bulk().entries(entries);
        int count = entries.stream().mapToInt(Entries::size).sum();
        added = Optional.of(new Added(entries.get(0), size + count, StagedNumbers.of(turns)));
    }
}
