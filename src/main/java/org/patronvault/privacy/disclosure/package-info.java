/**
 * Disclosure to somebody outside (P3, P10): cases, as a path of steps that people take, each in its time and with its
 * proof. A step comes in at {@link org.patronvault.privacy.disclosure.CaseWorkflow}, which asks
 * {@link org.patronvault.privacy.disclosure.CaseParties} whether whoever calls has a part in it, reads the case from
 * {@link org.patronvault.privacy.disclosure.SealedRecords}, lets {@link org.patronvault.privacy.disclosure.CaseStep} say
 * whether it is its turn, and writes the case with the step and its log entry in one unit.
 * {@link org.patronvault.privacy.disclosure.CaseReleases} alone opens anything of a patron.
 */
package org.patronvault.privacy.disclosure;
