package org.patronvault.upkeep.leakage;

import org.patronvault.store.CatalogRows.Table;
import org.patronvault.store.Tx;

/** How often patrons' entries of the index were written, as the clear columns of a copy say it. */
final class IndexWrites {
    private IndexWrites() {}

    /**
     * How often at most between two copies: each writing of one's entries raises one's index generation by one at least,
     * or, of who has been erased since, whose generation is gone, the version that the tombstone has.
     *
     * @param gone the index generations, in the older copy, of those who have been erased since
     */
    static long most(Tx before, Tx now, long gone) {
        long byGeneration = sum(now, "patron", "index_generation") - sum(before, "patron", "index_generation");
        long byVersion = sum(now, "patron_tombstone", "version") - sum(before, "patron_tombstone", "version");
        return byGeneration + gone + Math.max(0, byVersion);
    }

    private static long sum(Tx tx, String table, String column) {
        long[] sum = new long[1];
        for (Table one : tx.catalogue().tables()) {
            if (one.name().equals(table)) {
                Layout layout = new Layout(one);
                tx.catalogue().forEach(one, values -> sum[0] += new Row(layout, values).number(column));
            }
        }
        return sum[0];
    }
}
