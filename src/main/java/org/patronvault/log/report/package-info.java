/**
 * Reports from the log: searches by staff, and the access report of a patron.
 *
 * <p>{@code AccessHistory} asks the policy, logs the reading itself, and then searches the log. {@code Visits} groups
 * the entries into visits. {@code AccessReport} says them in a patron's words through {@code EntryPhrases}.
 * {@code LogJson} and {@code LogFile} write them for programs. {@code LogOverview} and {@code AlertQueue} show which
 * alerts still need a look.
 */
package org.patronvault.log.report;
