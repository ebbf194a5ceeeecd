/**
 * The list of what a stolen copy of the database shows. {@code Leakage} reads each table once. {@code CopyContents}
 * counts what the list names, and {@code ColumnCounts} counts the values, lengths and repeats of each column. {@code
 * KnownColumns} says what each column holds. Tests play a thief's games on copies with the same classes.
 */
package org.patronvault.upkeep.leakage;
