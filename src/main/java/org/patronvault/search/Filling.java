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
    private record Added(Entries first, long size, StagedNumbers numbers) {
        /** Whether it is in the database, by the last entry of a patron, which hardly ever is no dummy, and so random. */
        private boolean lasts(WriteTx tx) {
            int last = first.size() - 1;
            return tx.index()
                    .find(first.label(last))
                    .filter(value -> Arrays.equals(value, first.value(last)))
                    .isPresent();
        }
    }

    private final IndexVersions of;
    private final LastKnown known;
    private final long maxTerms = Staging.mostTerms(Runtime.getRuntime().maxMemory() / SHARE);

    /** All terms that have entries, if that is known, and some that have none. */
    private final Optional<Begun> begun;

    private StagedNumbers numbers = new StagedNumbers();
    private Optional<Added> added = Optional.empty();
    private long size;

    /**
     * Of the live version, as long as the versions are those; begins with what is in the index in that transaction.
     *
     * @param size how many entries there must be
     */
    Filling(WriteTx tx, IndexVersions of, long size, LastKnown known) {
        this.of = of;
        this.known = known;
        this.size = size;
        this.begun = size == 0 && tx.index().isEmpty() ? Optional.of(Begun.ofMemory()) : Optional.empty();
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
        if (sizeNow == size) {
            // It was undone.
            added = Optional.empty();
            return true;
        }
        Optional<Added> lasting = added.filter(one -> one.size() == sizeNow && one.lasts(tx));
        lasting.ifPresent(this::keep);
        added = Optional.empty();
        return lasting.isPresent();
    }

    /** Whether entries of that version are the ones. */
    boolean isOf(int version) {
        return version == of.live();
    }

    private void keep(Added lasting) {
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
        return begun.filter(terms -> !terms.mayContain(firstLabel)).isPresent();
    }

    @Override
    public void add(WriteTx tx, List<Entries> entries, Collection<Numbering.Turn> turns) {
        begun.ifPresent(terms -> turns.forEach(turn -> terms.add(turn.firstLabel())));
        tx.bulk().entries(entries);
        StagedNumbers lasts = new StagedNumbers();
        turns.forEach(turn -> lasts.put(turn.firstLabel(), turn.last()));
        int count = entries.stream().mapToInt(Entries::size).sum();
        added = Optional.of(new Added(entries.get(0), size + count, lasts));
    }
}
