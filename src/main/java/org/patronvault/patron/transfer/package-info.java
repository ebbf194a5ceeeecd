/**
 * Patrons on their way in and out in bulk: import, export, mailing lists and subject access.
 *
 * <p>{@code Importer} takes each row that a reader delivers, finds a known patron by card, and writes batches.
 * {@code Export}, {@code MailingList} and {@code BatchReveal} are disclosures: {@code BulkDisclosure} logs one page of
 * patrons and then opens it. {@code SubjectAccess} opens everything about one patron for that patron.
 */
package org.patronvault.patron.transfer;
