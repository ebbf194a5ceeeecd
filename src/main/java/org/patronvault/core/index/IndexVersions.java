package org.patronvault.core.index;

import java.util.List;
import java.util.function.IntFunction;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The versions of the index in the database: which one is read, and which are written. They come from the database, not
 * the ring, so all readers and writers of one transaction or snapshot use the same versions.
 *
 * @param stage the progress of a rebuild
 * @param live the version that is read, in {@code search_index}
 * @param other the version in {@code search_index_next}; 0 once that is empty
 */
public record IndexVersions(Stage stage, int live, int other) {
    /** The versions of a new vault. */
    public static final IndexVersions FIRST = new IndexVersions(Stage.DROPPED, 1, 0);

    /** The stages of a rebuild, in their order. */
    public enum Stage {
        /** The next version is filled, and every write goes to both. */
        BUILDING,
        /** Every patron is in both. */
        DUAL,
        /** The next version is read and written alone, and the previous version is being emptied. */
        SWITCHED,
        /** There is one version. */
        DROPPED
    }

    /** The source of the current versions. */
    public interface Source {
        /** Returns the versions in a transaction or snapshot. Must be called before anything else is read there. */
        IndexVersions at(Tx tx);

        /**
         * Returns the versions in a transaction, and reads ahead the labels that are searched next.
         *
         * @param next the labels to search next, side by side, if the given version is the live one
         */
        IndexVersions at(Tx tx, IntFunction<byte[]> next);

        /** Returns the versions of a moment ago, for entries that are prepared before their act. */
        IndexVersions lately();

        /** Records, inside an act, that entries were added in a version. Entries are never removed. */
        void grew(WriteTx tx, int version, int entries);

        /** Returns the number of entries ever added in a version, as a transaction or snapshot shows it. */
        long size(Tx tx, int version);
    }

    /** Whether the other version is written beside the live one. */
    public boolean hasNext() {
        return stage == Stage.BUILDING || stage == Stage.DUAL;
    }

    /** Returns the versions that are written, the live one first. */
    public List<Integer> written() {
        return hasNext() ? List.of(live, other) : List.of(live);
    }

    /** Returns the versions while {@code next} is built. */
    public IndexVersions building(int next) {
        require(stage == Stage.DROPPED);
        return new IndexVersions(Stage.BUILDING, live, next);
    }

    /** Returns the versions while {@code next} is built in place of an earlier, begun or finished build. */
    public IndexVersions buildingAnew(int next) {
        require(hasNext());
        return new IndexVersions(Stage.BUILDING, live, next);
    }

    /** Returns the versions once every patron is in both. */
    public IndexVersions dual() {
        require(stage == Stage.BUILDING);
        return new IndexVersions(Stage.DUAL, live, other);
    }

    /** Returns the versions once the tables were exchanged. */
    public IndexVersions switched() {
        require(stage == Stage.DUAL);
        return new IndexVersions(Stage.SWITCHED, /* live= */ other, /* other= */ live);
    }

    /** Returns the versions once the table of the previous version is empty. */
    public IndexVersions dropped() {
        require(stage == Stage.SWITCHED);
        return new IndexVersions(Stage.DROPPED, live, 0);
    }

    private void require(boolean isNext) {
        if (!isNext) {
            throw new IllegalStateException("not from stage " + stage);
        }
    }
}
