/**
 * The measurement of what a thief of the present database learns. {@link org.patronvault.upkeep.leakage.Leakage} logs
 * the run and decrypts the surnames of a sample of patrons, so that guesses can be scored. {@link
 * org.patronvault.upkeep.leakage.Games} then reads every table once in stored order, without a key, and plays the
 * thief's games. Each game is a {@code Look}, which visits row after row and returns its result at the end. The folder
 * has thirty classes, one for each game or part of a game.
 */
package org.patronvault.upkeep.leakage;
