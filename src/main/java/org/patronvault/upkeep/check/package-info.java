/**
 * Sweeps of the stored data against the log.
 *
 * <p>{@code Check} starts one {@code Sweep} at a time, on demand or each day, and the first of a vault after a {@code
 * QuietHour}. The sweep compares patrons in the order
 * of their numbers with the log and saves its place in {@code CheckState}. {@code LogVerification} verifies the log in
 * the background for a person at a page.
 */
package org.patronvault.upkeep.check;
