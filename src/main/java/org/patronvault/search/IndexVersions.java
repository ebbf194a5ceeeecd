package org.patronvault.search;

import java.util.List;
import java.util.function.IntFunction;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * Which versions of the index there are in the database, which is read and which are written: what the database says,
 * not the ring, so that everybody who writes in one transaction or reads in one snapshot means the same.
 *
 * @param stage how far a rebuild has come
 * @param live the version that is read, in {@code search_index}
 * @param other the version in {@code search_index_next}; 0 once that is empty
 */
public record IndexVersions(Stage stage, int live, int other) {
    /** What a new vault begins with. */
    public static final IndexVersions FIRST = new IndexVersions(Stage.DROPPED, 1, 0);

    /** The stages of a rebuild, in their order. */
    public enum Stage {
        /** The next version is filled, and every write goes to both. */
        BUILDING,
        /** Every patron is in both. */
        DUAL,
        /** The next version is read and written alone, and the one before is being emptied. */
        SWITCHED,
        /** There is one version. */
        DROPPED
    }

    /** Where they are read. */
    public interface Source {
        /** Those of that transaction, or of that snapshot; to be asked before anything else is read there. */
        IndexVersions at(Tx tx);

        /**
         * The same.
         *
         * @param next the labels that will be looked for next, side by side, if that version is the live one
         */
        IndexVersions at(Tx tx, IntFunction<byte[]> next);

        /** Those of a moment ago, for what is made before the unit that writes it. */
        IndexVersions lately();

        /** Notes, inside a unit, that so many entries were added in that version; none is ever taken away. */
        void grew(WriteTx tx, int version, int entries);

        /** How many entries were added in that version, as that transaction or snapshot shows it. */
        long size(Tx tx, int version);
    }

    /** Whether the other version is written beside the live one. */
    public boolean hasNext() {
        return stage == Stage.BUILDING || stage == Stage.DUAL;
    }

    /** The versions that are written, the live one first. */
    public List<Integer> written() {
        return hasNext() ? List.of(live, other) : List.of(live);
    }

    /** Those while {@code next} is built. */
    public IndexVersions building(int next) {
        require(stage == Stage.DROPPED);
        return new IndexVersions(Stage.BUILDING, live, next);
    }

    /** Those while {@code next} is built in place of the version that was begun, or done. */
    public IndexVersions buildingAnew(int next) {
        require(hasNext());
        return new IndexVersions(Stage.BUILDING, live, next);
    }

    /** Those once every patron is in both. */
    public IndexVersions dual() {
        require(stage == Stage.BUILDING);
        return new IndexVersions(Stage.DUAL, live, other);
    }

    /** Those once the tables were exchanged. */
    public IndexVersions switched() {
        require(stage == Stage.DUAL);
        return new IndexVersions(Stage.SWITCHED, /* live= */ other, /* other= */ live);
    }

    /** Those once the table of the version before is empty. */
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
