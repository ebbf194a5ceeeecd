package org.patronvault.core.index;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.patronvault.core.store.table.IndexRows.Entries;
import org.patronvault.core.store.table.WriteTx;

/**
 * A cache for one bulk writer of an index that others may write too. It spares lookups of entries that it wrote itself,
 * and of new terms if the index was empty at its start. The database keeps the number of all entries ever written. That
 * number shows before each act whether the previous act was committed, and whether anybody else wrote. After a
 * foreign write the cache is void. For one writer, under the act's lock.
 */
final class Filling implements Numbers {
    /** The share of memory for the numbers of terms: a fifth. */
    private static final int SHARE = 5;

    /**
     * The entries that one act added, before it is known whether the act is committed.
     *
     * @param first its first patron's entries
     * @param size the number of entries after it
     */
    private record Added(Entries first, long size, StagedNumbers numbers) {}

    private final IndexVersions of;
    private final LastKnown known;
    private final long maxTerms = Staging.mostTerms(Runtime.getRuntime().maxMemory() / SHARE);

    private final TermBloomFilter begun;
    private StagedNumbers numbers = new StagedNumbers();
    private Optional<Added> added = Optional.empty();

    private long size;

    /** The first patron's entries of the last act that {@code size} counts. */
    private Optional<Entries> counted = Optional.empty();

    /**
     * Creates a cache for the live version, valid while the versions stay the same. It starts from the index in that
     * transaction.
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
     * Learns whether the previous act was committed. Must be called first in each act. Returns whether nobody else
     * wrote.
     *
     * @param sizeNow how many entries there must be in that transaction
     */
    boolean begin(WriteTx tx, IndexVersions now, long sizeNow) {
        if (!of.equals(now)) {
            return false;
        }
        added.filter(one -> one.size() == sizeNow).ifPresent(this::keep);
        added = Optional.empty();
        // The next act may have been rolled back. If the last counted act is there, so are all before it.
        return sizeNow == size && counted.filter(first -> !isThere(tx, first)).isEmpty();
    }

    /** Whether a patron's entries are there, by the last one: it is nearly always a dummy, and so random. */
    private static boolean isThere(WriteTx tx, Entries first) {
        int last = first.size() - 1;
        return tx.index()
                .find(first.label(last))
                .filter(value -> Arrays.equals(value, first.value(last)))
                .isPresent();
    }

    /** Whether this cache is of that version. */
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
            // Most other terms are not asked for again, and they are many.
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
