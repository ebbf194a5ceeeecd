/**
 * The words all other packages share: whose record ({@link org.patronvault.model.PatronId}), which part of it
 * ({@link org.patronvault.model.PatronField}), who looks ({@link org.patronvault.model.Actor}) and what for
 * ({@link org.patronvault.model.Purpose}).
 *
 * <p>Nothing here does anything. Values that a patron was promised confidentiality for are wrapped in
 * {@link org.patronvault.model.Sensitive} or print {@code [REDACTED]} themselves, so that no log line, exception or
 * debugger view shows one by accident. The two ways a call can fail are here too:
 * {@link org.patronvault.model.Refused} (the caller's fault, told in one sentence) and
 * {@link org.patronvault.model.IntegrityException} (stored bytes did not authenticate, told nobody in detail).
 */
package org.patronvault.model;
