/**
 * What a thief of today's database learns, measured on it. {@link org.patronvault.upkeep.leakage.Leakage} opens the
 * surnames of a sample of patrons, logged first, so that it is known what there is to find out; then {@link
 * org.patronvault.upkeep.leakage.Games} reads every table once, as it lies and with no key, and plays games of thieves
 * on it: each is a {@code Look} that is shown row after row, and says at the end how it came out.
 */
package org.patronvault.upkeep.leakage;
