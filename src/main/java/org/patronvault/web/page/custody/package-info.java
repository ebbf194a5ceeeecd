/**
 * Pages for custodians: keys, drills and unsealing.
 *
 * <p>{@code CustodyPages} shows the keys and runs what the key commands run. {@code UnsealPage} takes shares one after
 * the other, each on its holder's PC. {@code CardPage} prints a worn share card again.
 */
package org.patronvault.web.page.custody;
