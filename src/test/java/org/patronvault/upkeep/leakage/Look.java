package org.patronvault.upkeep.leakage;

/** A visitor of every row of every table, in stored order. */
interface Look {

    /** Visits a row. The rows of one table follow each other. */
    void row(Row row);

    /** Called after the last row of a table, even an empty one. */
    default void endOf(Layout table) {}
}
