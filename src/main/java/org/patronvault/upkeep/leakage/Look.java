package org.patronvault.upkeep.leakage;

/** Who is shown every row of every table, one after the other as they lie. */
interface Look {

    /** A row; those of one table come together. */
    void row(Row row);

    /** That a table's rows have all been shown, though there may have been none. */
    default void endOf(Layout table) {}
}
