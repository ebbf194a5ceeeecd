/**
 * Finding patrons and showing them.
 *
 * <p>{@code Lookup} asks the policy and turns a {@code SearchQuery} into {@code QueryTerms}. {@code CandidateSearch}
 * probes the index, reads the rows and asks the policy for each row. {@code Lookup} then logs the fields it will open.
 * With the receipt, {@code PatronVault} opens them. {@code PatronDirectory} answers from metadata and opens nothing.
 */
package org.patronvault.patron.lookup;
