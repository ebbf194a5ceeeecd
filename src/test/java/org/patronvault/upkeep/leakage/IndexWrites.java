package org.patronvault.upkeep.leakage;

import org.patronvault.core.store.sql.CatalogRows.Table;
import org.patronvault.core.store.table.Tx;

/** The number of writes of patrons' index entries, according to the unencrypted columns of a copy. */
final class IndexWrites {
    private IndexWrites() {}

    /**
     * Returns the greatest possible number of writes between two copies. Each write raises a patron's index generation
     * by at least one. An erased patron has no generation, and the tombstone's version counts instead.
     *
     * @param gone the index generations, in the older copy, of patrons erased since
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
