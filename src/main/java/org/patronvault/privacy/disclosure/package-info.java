/**
 * Disclosure to recipients outside the library (P3, P10): cases as a series of steps that people take, each in its
 * order and with its proof.
 *
 * <p>A step enters at {@link org.patronvault.privacy.disclosure.CaseWorkflow}. It asks
 * {@link org.patronvault.privacy.disclosure.CaseParties} whether the caller has a part in it, and reads the case from
 * {@link org.patronvault.privacy.disclosure.SealedRecords}. It asks {@link org.patronvault.privacy.disclosure.CaseStep}
 * whether the step is due, and writes the case with the step and its log entry in one act.
 * {@link org.patronvault.privacy.disclosure.CaseReleases} alone opens fields of a patron.
 */
package org.patronvault.privacy.disclosure;
