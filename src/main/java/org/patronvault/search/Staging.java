package org.patronvault.search;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.ObjLongConsumer;
import java.util.stream.LongStream;
import org.patronvault.store.IndexRows;
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
final class Staging {
    private static final int MIN_TERMS = 100_000;

    /** A term takes some 27 bytes. A sixth of the memory is theirs, less where others work beside. */
    private static final int SHARE = 6 * 28;

    private static final int SHARE_BESIDE = 14 * 28;

    /** A 32nd of the memory says which terms have entries. */
    private static final int BEGUN_SHARE = 32;

    /** A part of each run is in memory while they are merged. */
    private static final int MAX_RUNS = 500;

    /** A merge of no more than that lets nobody wait. */
    private static final long MERGED_BESIDE = 20_000;

    /** First labels of terms, and the numbers of their last entries: what makes the labels is not kept. */
    private record Turns(byte[] labels, long[] lasts) {
        private static final Turns NONE = new Turns(new byte[0], new long[0]);

        private static Turns of(Collection<Numbering.Turn> all) {
            ByteBuffer labels = ByteBuffer.allocate(all.size() * IndexRows.LABEL_BYTES);
            all.forEach(turn -> labels.put(turn.firstLabel()));
            return new Turns(
                    labels.array(), all.stream().mapToLong(Numbering.Turn::last).toArray());
        }

        private static Turns of(List<Entries> patrons, long lastPart) {
            ByteBuffer labels = ByteBuffer.allocate(patrons.size() * IndexRows.LABEL_BYTES);
            patrons.forEach(entries -> labels.put(entries.label(0)));
            return new Turns(
                    labels.array(),
                    LongStream.generate(() -> lastPart).limit(patrons.size()).toArray());
        }

        private void forEach(ObjLongConsumer<byte[]> consumer) {
            for (int i = 0; i < lasts.length; i++) {
                consumer.accept(
                        Arrays.copyOfRange(labels, i * IndexRows.LABEL_BYTES, (i + 1) * IndexRows.LABEL_BYTES),
                        lasts[i]);
            }
        }
    }

    private final IndexVersions of;
    private final int version;
    private final LastKnown known;
    private final long maxTerms;

    /** All terms that have entries, if that is known, and some that have none. */
    private final Optional<Begun> begun;

    private StagedNumbers numbers = new StagedNumbers();
    private volatile int terms;
    private volatile int runs;
    private long lastPart;
    private Turns unsure = Turns.NONE;

    /** The transaction that added last. */
    private WriteTx addedIn;

    /** Of a rebuild: the last part of the run in which a patron's entries are, by the first of the patron's labels. */
    private StagedNumbers places = new StagedNumbers();

    private Turns unsurePlaces = Turns.NONE;
    private long lastUnsurePart;

    /** Above all parts there ever were: one of the same number would be taken for another that was undone. */
    private long highestPart;

    /** Of a version, as long as the versions are those; begins with what is in the index in that transaction. */
    Staging(WriteTx tx, IndexVersions of, int version, LastKnown known) {
        this.of = of;
        this.version = version;
        this.known = known;
        long memory = Runtime.getRuntime().maxMemory();
        this.maxTerms = Math.max(MIN_TERMS, memory / (isOfLive() ? SHARE : SHARE_BESIDE));
        boolean isFirst = rows(tx).last() == 0 && (isOfLive() ? tx.index() : tx.otherIndex()).isEmpty();
        this.begun = isFirst ? Optional.of(new Begun(memory / BEGUN_SHARE)) : Optional.empty();
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
            unsure.forEach((label, number) -> {
                numbers.put(label, number);
                known.put(label, number);
            });
            unsurePlaces.forEach(places::put);
            terms = numbers.size();
            lastPart = last;
        } else if (last != lastPart) {
            // A merge that was undone, or part of a unit: what is staged is not known here any more, nor any number.
            boolean unused = mergeOn(tx, Long.MAX_VALUE);
            forgetNumbers();
        }
        unsure = Turns.NONE;
        unsurePlaces = Turns.NONE;
        lastUnsurePart = lastPart;
        if (runs > 2 * MAX_RUNS) {
            // Nobody does it, or not fast enough.
            boolean unused = mergeOn(tx, MERGED_BESIDE);
        }
    }

    private void forgetNumbers() {
        numbers = new StagedNumbers();
        terms = 0;
    }

    /** The number of a term's last entry, if that is staged, or was and is remembered. */
    OptionalLong last(byte[] firstLabel) {
        return numbers.get(firstLabel);
    }

    /** Whether it is sure that a term has no entry, staged or in the index. */
    boolean isNew(byte[] firstLabel) {
        return begun.filter(terms -> !terms.mayContain(firstLabel)).isPresent();
    }

    /** Stages entries; {@code turns} are those of all their terms. */
    void add(WriteTx tx, List<Entries> entries, Collection<Numbering.Turn> turns) {
        begun.ifPresent(terms -> turns.forEach(turn -> terms.add(turn.firstLabel())));
        addedIn = tx;
        lastUnsurePart = rows(tx).add(entries, highestPart);
        highestPart = lastUnsurePart;
        int now = runs;
        runs = now + 1;
        unsure = Turns.of(turns);
        unsurePlaces = isOfLive() ? Turns.NONE : Turns.of(entries, highestPart);
    }

    /** Puts dummies in place of a patron's entries, as far as they are staged: nothing of them shall be left there. */
    void retire(WriteTx tx, Entries dummies) {
        begin(tx);
        places.get(dummies.label(0)).ifPresent(part -> rows(tx).replace(part, dummies));
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
            if (numbers.size() > maxTerms / 2 || addedIn == tx) {
                // With this unit the numbers that it gave may be undone.
                forgetNumbers();
            }
            places = new StagedNumbers();
            terms = numbers.size();
            runs = 0;
            lastPart = 0;
            lastUnsurePart = 0;
        }
        return more;
    }
}
